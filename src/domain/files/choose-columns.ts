import { TidemarkError } from '../../errors.ts';
import type { AskedTypes } from '../../formats/table.ts';
import type { KeptColumns } from '../profile/kept-columns.ts';
import type { ColumnOutline } from './column-outline.ts';
import type { SharedColumn } from './compare-part.ts';
import { NAMES_ROWS } from './key-columns.ts';

type Sides<T> = { readonly reference: T; readonly current: T };

/** Which columns are compared, and what else is said of columns by their names. */
type Choosing = {
  readonly include: readonly string[] | null;
  readonly exclude: readonly string[];
  readonly categories: readonly string[];
  readonly types?: AskedTypes | undefined;
  readonly policy: { readonly weights?: Readonly<Record<string, number>> };
};

/** The columns that are compared, and those of both tables that are left out. */
export type ChosenColumns<Known extends ColumnOutline> = {
  readonly shared: readonly SharedColumn<Known>[];
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
  readonly leftOut: readonly SharedColumn<Known>[];
};

/** A table, its columns by name, and what is known of each. */
type KeptTable<Known extends ColumnOutline> = {
  readonly name: string;
  readonly profile: { readonly columns: readonly Known[] };
  readonly columns: KeptColumns;
};

/**
 * The columns of both tables, sorted out.
 * @param areNames whether a column names rows in both.
 * @throws TidemarkError `bad-request` for the name of a column that neither has.
 */
export function chooseColumns<Known extends ColumnOutline>(
  { reference, current }: Sides<KeptTable<Known>>,
  options: Choosing,
  areNames: (column: Sides<Known>) => boolean,
): ChosenColumns<Known> {
  const { include, exclude, categories, types = {} } = options;
  const { weights = {} } = options.policy;
  const known = new Set([...namesOf(reference), ...namesOf(current)]);
  const unknown = [...(include ?? []), ...exclude, ...categories, ...Object.keys(types), ...Object.keys(weights)].find(
    (name) => !known.has(name),
  );
  if (unknown !== undefined) {
    const list = [...known].slice(0, 20).join(', ');
    throw new TidemarkError('bad-request', `Neither table has a column "${unknown.slice(0, 100)}"; there are ${list}.`);
  }
  const after = new Map(current.profile.columns.map((column) => [column.name, column]));
  const shared: SharedColumn<Known>[] = [];
  const skipped: { name: string; why: string }[] = [];
  const leftOut: SharedColumn<Known>[] = [];
  for (const column of reference.profile.columns) {
    const { name } = column;
    const other = after.get(name);
    if (other === undefined || exclude.includes(name) || include?.includes(name) === false) continue;
    // Who names a column wants it compared, whatever it looks like.
    const sides = sidesOf({ reference, current }, { reference: column, current: other }, categories.includes(name));
    if (include === null && areNames({ reference: column, current: other })) {
      skipped.push({ name, why: NAMES_ROWS });
      leftOut.push(sides);
    } else {
      shared.push(sides);
    }
  }
  return { shared, skipped, leftOut };
}

/** One of them. @throws TidemarkError `bad-request` where a side has no such column. */
export function sharedColumn<Known extends ColumnOutline>(
  tables: Sides<KeptTable<Known>>,
  name: string,
  asCategory: boolean,
): SharedColumn<Known> {
  const { reference, current } = tables;
  return sidesOf(tables, { reference: columnOf(reference, name), current: columnOf(current, name) }, asCategory);
}

function sidesOf<Known extends ColumnOutline>(
  { reference, current }: Sides<KeptTable<Known>>,
  column: Sides<Known>,
  asCategory: boolean,
): SharedColumn<Known> {
  const { name } = column.reference;
  const rows = { reference: reference.columns.get(name) ?? [], current: current.columns.get(name) ?? [] };
  return { name, ...column, rows, asCategory };
}

/** @throws TidemarkError `bad-request` where there is no such column. */
function columnOf<Known extends ColumnOutline>(table: KeptTable<Known>, name: string): Known {
  const found = table.profile.columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  throw new TidemarkError('bad-request', `${table.name} has no column "${name.slice(0, 100)}" to tell segments by.`);
}

type Profiled = Pick<KeptTable<ColumnOutline>, 'profile'>;

export const namesOf = ({ profile }: Profiled): string[] => profile.columns.map(({ name }) => name);

/** The columns that only the current table has. */
export function addedColumns({ reference, current }: Sides<Profiled>): string[] {
  const before = new Set(namesOf(reference));
  return namesOf(current).filter((name) => !before.has(name));
}
