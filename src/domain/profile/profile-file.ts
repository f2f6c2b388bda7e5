import { profileLoops } from '../../compute/profile-loops.ts';
import { isTidemarkError } from '../../errors.ts';
import { batchRows } from '../../formats/columns/batch-plan.ts';
import { planTable } from '../../formats/range-reader.ts';
import type { AskedTypes, CsvOptions, TableReader, TableWarning } from '../../formats/table.ts';
import { openByColumn, openTable } from '../../formats/table-reader.ts';
import type { Field } from '../../stats/column.ts';
import { type ColumnProfile, PROFILE_FORMAT, type TableProfile } from '../../stats/profile.ts';
import { createTableProfiler } from '../../stats/table-profiler.ts';
import { columnGroups } from './column-groups.ts';
import { addAll, type KeptColumn, type KeptColumns, namedColumns, type OnRows, type Reading } from './kept-columns.ts';
import { profileByColumn } from './profile-by-column.ts';
import { profilePart } from './profile-part.ts';
import { profileRanges } from './profile-ranges.ts';
import { profileThreads } from './profile-threads.ts';

/** Columns, and values, that are worth a thread of their own. */
const LEAST_COLUMNS = 3;
const LEAST_VALUES = 2 ** 20;
/** Bytes of text below which threads take longer to start, and to compile what they run, than to read. */
const LEAST_BYTES = 48 * 2 ** 20;
/** Of more columns no two parts are read at once: what each thread holds of them comes to hundreds of megabytes. */
const MOST_COLUMNS_APART = 4_096;

export type ProfileFileInput = {
  /** A verified local copy. */
  readonly file: string;
  /** The name that the file goes by, for its extension. */
  readonly name: string;
  /** Bytes of memory that a native reader may take. */
  readonly memoryBytes: number;
  /** Parts of the file that are read at once. */
  readonly threads: number;
  /** Types of columns other than those that the bytes say. */
  readonly types?: AskedTypes | undefined;
  /** What is known of delimited text. */
  readonly csv?: CsvOptions | undefined;
};

export type FileProfile = {
  readonly format: string;
  readonly table: TableProfile;
  readonly warnings: readonly TableWarning[];
};

/**
 * Compute task: reads a data file and profiles every column of it.
 * @throws TidemarkError `unreadable-data` or `too-large`.
 */
export async function profileFile(input: ProfileFileInput): Promise<FileProfile> {
  const { format, table, warnings } = await profileAndKeep(input);
  return { format, table, warnings };
}

/**
 * The same, and the columns stay in the files that were asked for, to be read again by `readKept`.
 * @throws TidemarkError `unreadable-data`, `too-large`, or `storage-full` where they have no room.
 */
export async function profileAndKeep(
  input: ProfileFileInput,
  reading: Reading = {},
): Promise<FileProfile & { readonly kept: KeptColumns }> {
  let counted = 0;
  const counting: OnRows = (rows) => {
    counted += rows;
    reading.onRows?.(rows);
  };
  const found = await profileInRanges(input, { ...reading, onRows: counting });
  if (found !== null) return found;
  // They are read anew.
  if (counted > 0) reading.onRows?.(-counted);
  return profileWhole(input, reading);
}

type Profiled = FileProfile & { readonly kept: KeptColumns };

/** One pass, in ranges. Null where that is not possible, or went wrong: read in order, the file says what and where. */
async function profileInRanges(
  { file, name, threads, types, csv }: ProfileFileInput,
  reading: Reading,
): Promise<Profiled | null> {
  const plan = await planTable(file, { name, ...(types && { types }), ...(csv && { csv }) }).catch(orNull);
  if (plan === null) return null;
  const worth = plan.ranges.length > 1 && plan.bytes >= LEAST_BYTES;
  const apart = threads > 1 && worth && plan.fields.length <= MOST_COLUMNS_APART;
  const lanes = apart
    ? { lanes: threads, run: profileThreads(threads, { columns: plan.fields.length }) }
    : { lanes: 1, run: profilePart };
  try {
    const found = await profileRanges(plan, { ...lanes, ...reading });
    return found && { format: plan.format, table: found.table, warnings: found.settled.warnings, kept: found.kept };
  } catch (error) {
    return orNull(error);
  }
}

/** Null for what is wrong with the data. @throws what else went wrong. */
function orNull(error: unknown): null {
  if (isTidemarkError(error) && !isTidemarkError(error, 'storage-full')) return null;
  throw error;
}

/** The types first, from all of the file, then the values; a format that can be read by column, in several threads. */
async function profileWhole(input: ProfileFileInput, reading: Reading): Promise<Profiled> {
  const { file, name, memoryBytes, threads, types, csv } = input;
  const paged = types === undefined ? await openByColumn(file, { name, memoryBytes }) : null;
  const table = paged ?? (await openTable(file, { name, memoryBytes, ...(types && { types }), ...(csv && { csv }) }));
  try {
    const { format, fields, warnings } = table;
    const groups = columnGroups(fields, { valueBytes: 8 * (table.rows ?? Number.POSITIVE_INFINITY), parts: 1 });
    const values = (table.rows ?? 0) * fields.length;
    const lanes = Math.min(threads, Math.floor(fields.length / LEAST_COLUMNS), Math.floor(values / LEAST_VALUES));
    // Of a table that is too wide to be read at once, threads would hold several groups. Other formats have no columns that
    // can be read without the others, or tell the rows only at their end.
    if (lanes > 1 && groups.length === 1 && format === 'parquet') {
      const read = { ...input, fields, paged: paged?.columns ?? null, threads: lanes };
      return { format, warnings, ...(await profileByColumn(read, reading)) };
    }
    return { format, warnings, ...(await profileGroups(table, groups, reading)) };
  } finally {
    await table.close();
  }
}

/** All columns of an open table, a group of them after the other. */
async function profileGroups(
  table: TableReader,
  groups: readonly (readonly Field[])[],
  { keep, onRows, counted = false }: Reading,
): Promise<{ readonly table: TableProfile; readonly kept: KeptColumns }> {
  const { fields } = table;
  const columns: ColumnProfile[] = [];
  const kept: KeptColumn[] = [];
  let rows = 0;
  for (const group of groups) {
    const profiler = createTableProfiler(group, { table: fields, counted }, profileLoops());
    const names = groups.length > 1 ? group.map(({ name }) => name) : undefined;
    const places = await addAll(table.batches(names, { passing: true, rows: batchRows(group) }), profiler, {
      keep: keep?.() ?? null,
      columns: group.length,
      onRows: onRows && ((more) => onRows(more / groups.length)),
    });
    const found = profiler.finish();
    rows = found.rows;
    columns.push(...found.columns);
    kept.push(...places);
  }
  return { table: { format: PROFILE_FORMAT, rows, columns }, kept: namedColumns(fields, kept) };
}
