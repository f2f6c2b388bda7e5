import { extname } from 'node:path';
import { workThreads } from '../../compute/work-threads.ts';
import { isTidemarkError } from '../../errors.ts';
import { batchRows } from '../../formats/columns/batch-plan.ts';
import type { PagedColumn, PageTable } from '../../formats/parquet/pages/page-table.ts';
import { openByColumn } from '../../formats/table-reader.ts';
import { kindOf } from '../../stats/column.ts';
import { PROFILE_FORMAT } from '../../stats/profile.ts';
import type { ColumnOutline, ComparedTable } from './column-outline.ts';
import type { ColumnTask, ColumnTaskPart } from './compare-column-work.ts';
import { isWorthThreads } from './compare-lanes.ts';
import type { ComparePart, CompareRequest } from './compare-part.ts';
import type { LocalTable } from './local-table.ts';
import { keysOf, type ReadOptions, tableOfFile } from './profile-files.ts';

const MODULE = new URL(`./compare-column-work${extname(import.meta.url)}`, import.meta.url);

type Sides<T> = { readonly reference: T; readonly current: T };

/** Both tables, by name the comparison of each column that is compared, and the names of those that name rows. */
export type ComparedByColumn = Sides<ComparedTable> & {
  readonly parts: ReadonlyMap<string, ComparePart>;
  readonly keys: ReadonlySet<string>;
};

/** How columns are compared, and which. */
type Comparing = Pick<CompareRequest, 'policy' | 'as'> & {
  readonly include: readonly string[] | null;
  readonly exclude: readonly string[];
  readonly categories: readonly string[];
};

/**
 * Reads and compares two tables column by column, each in one thread that then has all of it at hand: nothing
 * waits in a file, or for another column. Null where the tables are not such that it can be done, or are not worth it,
 * or something is wrong with them: read in order, the file says what and where.
 */
export async function compareByColumn(
  tables: Sides<LocalTable>,
  reading: ReadOptions,
  comparing: Comparing,
): Promise<ComparedByColumn | null> {
  const reference = await openAlone(tables.reference, reading);
  const current = reference && (await openAlone(tables.current, reading));
  if (reference === null || current === null) return null;
  const columns = pairColumns({ reference, current });
  const size = { rows: reference.rows + current.rows, columns: columns.length };
  if (!isWorthThreads(size, reading.threads) || columns.some(isOfTwoKinds)) return null;
  for (const { name } of [reference, current]) reading.onFile?.(name);
  const tasks = columns.map((column) => taskOf(column, { reference, current }, comparing));
  const found = await runTasks(tasks, columns, reading);
  if (found === null) return null;
  const byName = new Map(columns.map(({ name }, i) => [name, found[i]!]));
  const outlines = (side: keyof Sides<OpenTable>, { fields }: OpenTable): ColumnOutline[] =>
    fields.flatMap(({ name }) => byName.get(name)?.[side] ?? []);
  return {
    reference: comparedTable(tables.reference, reference, outlines('reference', reference)),
    current: comparedTable(tables.current, current, outlines('current', current)),
    parts: new Map([...byName].flatMap(([name, { compared }]) => (compared === null ? [] : [[name, compared]]))),
    keys: new Set([...byName].flatMap(([name, { namesRows }]) => (namesRows ? [name] : []))),
  };
}

type OpenTable = Pick<PageTable, 'fields' | 'rows' | 'warnings' | 'columns'> & {
  readonly file: string;
  readonly name: string;
};

/** A table of one file whose columns can be read one by one, for a profile that is the same to the last digit. */
async function openAlone(of: LocalTable, { types = {}, ...reading }: ReadOptions): Promise<OpenTable | null> {
  const [only, ...others] = of.files;
  if (only === undefined || others.length > 0 || Object.keys(types).length > 0) return null;
  if (keysOf(of, reading).some((keys) => keys.length > 0)) return null;
  const { file, path: name } = only;
  const memoryBytes = Math.floor(reading.memoryBytes / reading.threads);
  const table = await openByColumn(file, { name, memoryBytes }).catch(orNull);
  // Sums are made batch by batch, and of more columns together a batch has fewer rows.
  return table === null || batchRows(table.fields) < batchRows([]) ? null : { ...table, file, name };
}

/** Null for what is wrong with the data. @throws what else went wrong. */
function orNull(error: unknown): null {
  if (isTidemarkError(error)) return null;
  throw error;
}

type PairedColumn = {
  readonly name: string;
  readonly reference: PagedColumn | null;
  readonly current: PagedColumn | null;
};

function pairColumns({ reference, current }: Sides<OpenTable>): PairedColumn[] {
  const named = ({ columns }: OpenTable) => new Map(columns.map((column) => [column.field.name, column]));
  const [before, after] = [named(reference), named(current)];
  const names = new Set([...before.keys(), ...after.keys()]);
  return Array.from(names, (name) => ({
    name,
    reference: before.get(name) ?? null,
    current: after.get(name) ?? null,
  }));
}

/** What does not fit is looked at once more when all have been compared. */
const isOfTwoKinds = ({ reference, current }: PairedColumn): boolean =>
  reference !== null && current !== null && kindOf(reference.field.type) !== kindOf(current.field.type);

const bytesOf = ({ reference, current }: PairedColumn): number => (reference?.bytes ?? 0) + (current?.bytes ?? 0);

function taskOf(
  { name, reference, current }: PairedColumn,
  open: Sides<OpenTable>,
  { policy, as, include, exclude, categories }: Comparing,
): ColumnTask {
  const left = reference === null || current === null || exclude.includes(name) || include?.includes(name) === false;
  const how = { policy, as, columns: open.reference.fields.length };
  const sourceOf = ({ file, fields }: OpenTable, column: PagedColumn) => ({ file, fields, column });
  return {
    reference: reference && sourceOf(open.reference, reference),
    current: current && sourceOf(open.current, current),
    comparing: left ? null : { ...how, asCategory: categories.includes(name), named: include !== null },
  };
}

/** In the order of the tasks. Null, with the rows taken back that were told of, where the data are at fault. */
async function runTasks(
  tasks: readonly ColumnTask[],
  columns: readonly PairedColumn[],
  { threads, onRows }: ReadOptions,
): Promise<ColumnTaskPart[] | null> {
  const run = workThreads({ threads, byShare: true });
  let told = 0;
  const onProgress = (rows: unknown): void => {
    told += Number(rows);
    onRows?.(Number(rows));
  };
  // What takes longest first: begun last, it would keep one thread while the others have nothing left to do.
  const order = [...tasks.keys()].sort((a, b) => bytesOf(columns[b]!) - bytesOf(columns[a]!) || a - b);
  const parts: ColumnTaskPart[] = [];
  const running = order.map(async (i) => {
    // A column is answered by its part.
    parts[i] = (await run({ module: MODULE, request: tasks[i], onProgress })) as ColumnTaskPart;
  });
  // After a failure nothing may run on: its answers would find nobody.
  await Promise.allSettled(running);
  try {
    await Promise.all(running);
    return parts;
  } catch (error) {
    onRows?.(-told);
    return orNull(error);
  }
}

function comparedTable(
  table: LocalTable,
  { rows, warnings }: OpenTable,
  columns: readonly ColumnOutline[],
): ComparedTable {
  const profile = { format: PROFILE_FORMAT, rows, columns } as const;
  return { ...tableOfFile(table, { format: 'parquet', warnings }), profile };
}
