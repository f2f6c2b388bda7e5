import type { Worked } from '../../compute/work-threads.ts';
import type { ColumnProfile } from '../../stats/profile.ts';
import type { KeptColumn, OnRows } from '../profile/kept-columns.ts';
import { type ColumnSource, profileAndHold } from '../profile/profile-column.ts';
import { type ComparePart, type CompareRequest, comparePart } from './compare-part.ts';
import { namesRows } from './key-columns.ts';

/** A column of two tables: it is profiled on both sides and compared. Plain data. */
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
  readonly reference: ColumnProfile | null;
  readonly current: ColumnProfile | null;
  readonly compared: ComparePart | null;
};

/** All that is to be done with a column, in a thread: it never leaves it. @throws TidemarkError `unreadable-data`. */
export async function work({ reference, current, comparing }: ColumnTask, tell: OnRows): Promise<Worked> {
  const sides = { reference: await readSide(reference, tell), current: await readSide(current, tell) };
  const answer: ColumnTaskPart = {
    reference: sides.reference?.profile ?? null,
    current: sides.current?.profile ?? null,
    compared: comparing && compareSides(sides, comparing),
  };
  return { answer };
}

type Side = { readonly profile: ColumnProfile; readonly kept: KeptColumn };

async function readSide(source: ColumnSource | null, tell: OnRows): Promise<Side | null> {
  // All columns have all rows.
  return source && (await profileAndHold(source, (rows) => tell(rows / source.fields.length)));
}

function compareSides(
  { reference, current }: { readonly reference: Side | null; readonly current: Side | null },
  { policy, columns, as, asCategory, named }: Comparing,
): ComparePart | null {
  if (reference === null || current === null) return null;
  const sides = { reference: reference.profile, current: current.profile };
  // What another tool says is asked of such a column too.
  if (!named && as === null && namesRows(sides)) return null;
  const rows = { reference: reference.kept, current: current.kept };
  const column = { name: sides.reference.name, ...sides, rows, asCategory };
  return comparePart({ column, policy, columns, as });
}
