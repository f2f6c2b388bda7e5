import { TidemarkError } from '../../errors.ts';
import { readAsAsked } from '../../formats/columns/asked-types.ts';
import { type RowFilter, rowFilter } from '../../formats/columns/row-filter.ts';
import { parsePredicate } from '../../formats/columns/row-predicate.ts';
import { RowSelection } from '../../formats/columns/row-selection.ts';
import { selectRows } from '../../formats/columns/select-rows.ts';
import { copyParquet, TAKE_SHARED } from '../../formats/parquet/copy.ts';
import { writeParquet } from '../../formats/parquet/writer.ts';
import { keysBeside, type PartitionKey, withKeys } from '../../formats/partition-keys.ts';
import type { AskedType, TableReader } from '../../formats/table.ts';
import { openTableFile, type TableFile } from '../../formats/table-file.ts';
import type { ColumnBatch, ColumnType, Field } from '../../stats/column.ts';
import type { Tell } from '../computation/carry-out.ts';
import { type GroupSplit, groupSplit } from './group-split.ts';
import { keepCount, keepShare } from './sample-rows.ts';

/** What is taken of some tables that are one after the other. */
export type RowRecipe = {
  readonly where?: string | undefined;
  readonly columns?: readonly string[] | undefined;
  /** So many rows, or so large a share of them, chosen by chance. */
  readonly sample?:
    | { readonly rows?: number | undefined; readonly share?: number | undefined; readonly seed: number }
    | undefined;
  /** One of two parts that share no row and are all of them together. */
  readonly split?:
    | {
        readonly part: 'train' | 'test';
        /** Of the part `train`. */
        readonly share: number;
        readonly seed: number;
        /** Rows with the same value here are in the same part. */
        readonly by?: string | undefined;
      }
    | undefined;
};

export type DeriveRowsInput = {
  readonly recipe: RowRecipe;
  /** Verified local copies, in order, each with the name that it goes by. */
  readonly tables: readonly TableFile[];
  /** The Parquet file to be written. */
  readonly output: string;
  readonly memoryBytes: number;
};

export type DerivedRows = { readonly rows: number; readonly sourceRows: number };

/**
 * Compute task: writes what a recipe takes of some tables as one Parquet file, batch by batch. The same recipe on the
 * same bytes gives the same bytes.
 * @throws TidemarkError `invalid-body` for a condition or column that does not fit, `conflict` for tables that differ,
 * `unreadable-data`, `too-large`.
 */
export async function deriveRows(input: DeriveRowsInput, tell: Tell = () => {}): Promise<DerivedRows> {
  const tables: Named[] = [];
  try {
    for (const { keys = [], ...table } of input.tables) {
      const own = await openTableFile(table, { memoryBytes: input.memoryBytes });
      tables.push({ ...table, keys: keysBeside(keys, own.fields), reader: withKeys(own, keys) });
    }
    return await derive(input, tables, tell);
  } finally {
    for (const { reader } of tables) await reader.close();
  }
}

type Named = Pick<TableFile, 'file' | 'name'> & {
  readonly reader: TableReader;
  /** Columns that the bytes do not have. */
  readonly keys: readonly PartitionKey[];
};

async function derive({ recipe, output }: DeriveRowsInput, given: readonly Named[], tell: Tell): Promise<DerivedRows> {
  const exact = given.every(({ reader }) => reader.format === 'parquet');
  const tables = asOneTable(given, { columns: recipe.columns, exact });
  const [first] = tables;
  if (first === undefined)
    throw new TidemarkError('conflict', 'The sources hold no table that rows could be taken of.');
  const selections = await select(recipe, tables, tell);
  const sourceRows = selections.reduce((sum, { rows }) => sum + rows, 0);
  const rows = selections.reduce((sum, { count }) => sum + count, 0);
  const whole = rows === sourceRows;
  tell({ phase: 'writing', done: 0, of: rows, unit: 'rows' });
  if (exact) {
    const parts = tables.map(({ file, name, keys }, i) => ({
      ...{ path: file, name, keys },
      selection: whole ? null : selections[i]!,
    }));
    await copyParquet(output, parts, recipe.columns ?? null);
    return { rows, sourceRows };
  }
  const fields = fieldsOf(first.reader, recipe.columns);
  await writeParquet(output, fields, taken(tables, selections, fields));
  return { rows, sourceRows };
}

/** Two passes at most: one that looks at every row, and one over the bits for what chance decides. */
async function select(recipe: RowRecipe, tables: readonly Named[], tell: Tell): Promise<RowSelection[]> {
  const filter = recipe.where === undefined ? null : parsePredicate(recipe.where);
  const selections: RowSelection[] = [];
  for (const { reader } of tables) {
    const row = filter === null ? null : rowFilter(filter, reader.fields);
    const split =
      recipe.split?.by === undefined ? null : groupSplit({ ...recipe.split, by: recipe.split.by }, reader.fields);
    selections.push(await look(reader, row, split));
    tell({ phase: 'reading', done: selections.length, of: tables.length, unit: 'files' });
  }
  const { sample, split } = recipe;
  if (sample?.rows !== undefined) keepCount(selections, sample.rows, sample.seed);
  if (sample?.share !== undefined) keepShare(selections, sample.share, sample.seed);
  if (split !== undefined && split.by === undefined) {
    const count = selections.reduce((sum, selection) => sum + selection.count, 0);
    keepCount(selections, Math.round(split.share * count), split.seed, split.part === 'test');
  }
  return selections;
}

async function look(reader: TableReader, filter: RowFilter | null, split: GroupSplit | null): Promise<RowSelection> {
  const selection = new RowSelection();
  const columns = [...(filter?.columns ?? []), ...(split === null ? [] : [split.column])];
  const reading = [...new Set(columns)];
  for await (const batch of reader.batches(reading)) {
    const view = (names: readonly string[]): ColumnBatch => ({
      rows: batch.rows,
      columns: names.map((name) => batch.columns[reading.indexOf(name)]!),
    });
    const kept = filter === null ? new Uint8Array(batch.rows).fill(1) : filter.test(view(filter.columns));
    if (split !== null) {
      const within = split.test(view([split.column]));
      for (let i = 0; i < kept.length; i++) kept[i]! &= within[i]!;
    }
    selection.add(kept);
  }
  return selection;
}

async function* taken(
  tables: readonly Named[],
  selections: readonly RowSelection[],
  fields: readonly Field[],
): AsyncGenerator<ColumnBatch> {
  const names = fields.map(({ name }) => name);
  for (const [i, { reader }] of tables.entries()) {
    let from = 0;
    for await (const batch of reader.batches(names)) {
      const places = selections[i]!.within(from, from + batch.rows);
      from += batch.rows;
      if (places.length > 0) yield places.length === batch.rows ? batch : selectRows(batch, places);
    }
  }
}

function fieldsOf({ fields }: TableReader, columns: readonly string[] | undefined): Field[] {
  if (columns === undefined) return [...fields];
  const known = new Map(fields.map((field) => [field.name, field]));
  return columns.map((name) => {
    const field = known.get(name);
    if (field !== undefined) return field;
    const list = [...known.keys()].slice(0, 20).join(', ').slice(0, 500);
    throw new TidemarkError('invalid-body', `The table has no column "${name.slice(0, 100)}" (known: ${list}).`);
  });
}

type Asked = { readonly columns: readonly string[] | undefined; readonly exact: boolean };

/**
 * The tables with the types that they have in common, where numbers are whole in some and dates without a time.
 * @throws TidemarkError `conflict` where a column that is taken is of kinds that have nothing in common; not where they
 * are all Parquet, whose own types are compared where they are copied.
 */
function asOneTable([first, ...others]: readonly Named[], { columns, exact }: Asked): Named[] {
  if (first === undefined) return [];
  const types = typesOf(first);
  for (const other of others) {
    const found = typesOf(other);
    for (const name of columns ?? new Set([...types.keys(), ...found.keys()])) {
      const [own, its] = [types.get(name), found.get(name)];
      const common = commonType(own, its);
      if (common !== undefined) types.set(name, common);
      else if (own !== its && !exact) throw notOneTable({ first, other, name }, { own, its });
    }
  }
  const wider = [...types].flatMap(([name, type]): [string, AskedType][] =>
    type === 'float64' || type === 'timestamp' ? [[name, type]] : [],
  );
  const asked = Object.fromEntries(wider);
  return [first, ...others].map((table) => ({ ...table, reader: readAsAsked(table.reader, asked) }));
}

const typesOf = ({ reader }: Named): Map<string, ColumnType> =>
  new Map(reader.fields.map(({ name, type }) => [name, type]));

function commonType(own: ColumnType | undefined, its: ColumnType | undefined): ColumnType | undefined {
  if (own === its) return own;
  const both = new Set([own, its]);
  if (both.has('int64') && both.has('float64')) return 'float64';
  return both.has('date') && both.has('timestamp') ? 'timestamp' : undefined;
}

function notOneTable(
  { first, other, name }: { first: Named; other: Named; name: string },
  { own = 'absent', its = 'absent' }: { own: string | undefined; its: string | undefined },
): TidemarkError {
  const where = `"${first.name}" and "${other.name}" do not hold the same table`;
  const what = `the column "${name.slice(0, 100)}" is ${own} in the first and ${its} in the other`;
  return new TidemarkError('conflict', `${where}: ${what}. ${TAKE_SHARED}`);
}
