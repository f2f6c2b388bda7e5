import type { Worked } from '../../compute/work-threads.ts';
import { type ColumnSource, type HeldColumn, holdColumn, profileHeld, releaseHeld } from '../profile/hold-column.ts';
import type { OnRows } from '../profile/kept-columns.ts';
import { type ColumnOutline, heldOutline, isOutlined } from './column-outline.ts';
import { type ComparePart, type CompareRequest, comparePart } from './compare-part.ts';
import { mayNameRows, namesRows } from './key-columns.ts';

/** A column of two tables: it is read on both sides and compared. Plain data. */
export type ColumnTask = {
  readonly reference: ColumnSource | null;
  readonly current: ColumnSource | null;
  /** Null where both are not to be compared. */
  readonly comparing: Comparing | null;
};

type Comparing = Pick<CompareRequest, 'policy' | 'columns' | 'as'> & {
  readonly asCategory: boolean;
  /** Also one that names rows in both tables. */
  readonly named: boolean;
};

export type ColumnTaskPart = {
  readonly reference: ColumnOutline | null;
  readonly current: ColumnOutline | null;
  /** Whether it names rows in both tables, where it was not named itself. */
  readonly namesRows: boolean;
  readonly compared: ComparePart | null;
};

/** All that is to be done with a column, in a thread: it never leaves it. @throws TidemarkError `unreadable-data`. */
export async function work({ reference, current, comparing }: ColumnTask, tell: OnRows): Promise<Worked> {
  const sides = {
    reference: reference && (await readSide(reference, tell)),
    current: current && (await readSide(current, tell)),
  };
  const compared = comparing && compareSides(sides, comparing);
  for (const side of [sides.reference, sides.current]) releaseHeld(side?.held ?? []);
  const answer: ColumnTaskPart = {
    reference: sides.reference?.outline ?? null,
    current: sides.current?.outline ?? null,
    namesRows: compared?.namesRows ?? false,
    compared: compared?.part ?? null,
  };
  return { answer };
}

type Side = { readonly source: ColumnSource; readonly held: HeldColumn; readonly outline: ColumnOutline };

async function readSide(source: ColumnSource, tell: OnRows): Promise<Side> {
  const { field } = source.column;
  // All columns have all rows.
  const held = await holdColumn(source, (rows) => tell(rows / source.fields.length));
  return { source, held, outline: isOutlined(field.type) ? heldOutline(field, held) : profileHeld(source, held) };
}

function compareSides(
  { reference, current }: { readonly reference: Side | null; readonly current: Side | null },
  { policy, columns, as, asCategory, named }: Comparing,
): { readonly namesRows: boolean; readonly part: ComparePart | null } | null {
  if (reference === null || current === null) return null;
  const names = !named && nameRows({ reference, current });
  // What another tool says is asked of such a column too.
  if (names && as === null) return { namesRows: true, part: null };
  const sides = { reference: reference.outline, current: current.outline };
  const rows = { reference: reference.held, current: current.held };
  const column = { name: sides.reference.name, ...sides, rows, asCategory };
  return { namesRows: names, part: comparePart({ column, policy, columns, as }) };
}

/** Of most columns a look at their values tells that they repeat; of others their profiles tell. */
function nameRows({ reference, current }: { readonly reference: Side; readonly current: Side }): boolean {
  if (!mayNameRows(reference.outline, reference.held) || !mayNameRows(current.outline, current.held)) return false;
  const profileOf = ({ source, held }: Side) => profileHeld(source, held);
  return namesRows({ reference: profileOf(reference), current: profileOf(current) });
}
