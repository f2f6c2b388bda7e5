import { isTidemarkError, TidemarkError } from '../../errors.ts';
import { keysBeside, type PartitionKey, partitionKeys, partitionWarning } from '../../formats/partition-keys.ts';
import type { AskedTypes, CsvOptions, TableWarning } from '../../formats/table.ts';
import { csvReading } from '../../formats/table-file.ts';
import { inferSchema, type TableSchema } from '../../quality/infer-schema.ts';
import { mergeProfiles } from '../../stats/merge-profiles.ts';
import type { TableProfile } from '../../stats/profile.ts';
import type { KeptColumn, KeptColumns, Reading } from '../profile/kept-columns.ts';
import { withKeyProfiles } from '../profile/key-profile.ts';
import { type FileProfile, profileAndKeep } from '../profile/profile-file.ts';
import type { ColumnFolder } from './column-folder.ts';
import type { LocalTable } from './local-table.ts';
import { isStoredProfile, PROFILE_FILE, readStoredProfile } from './stored-profiles.ts';

export type LocalProfile = {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly format: string; readonly bytes: number }[];
  readonly profile: TableProfile;
  readonly schema: TableSchema;
  readonly warnings: readonly (TableWarning & { readonly path: string })[];
};

export type ReadOptions = {
  /** Bytes of memory that a native reader may take. */
  readonly memoryBytes: number;
  /** Parts of a file that are read at once, and columns that are compared. */
  readonly threads: number;
  /** Types of columns, where they are not what the bytes say; of each file that has such a column. */
  readonly types?: AskedTypes | undefined;
  /** What is known of delimited text, of each file that is such. */
  readonly csv?: CsvOptions | undefined;
  /** Whether the keys that folders are named by are columns; as the table says where nothing is said. */
  readonly partitions?: boolean | undefined;
  /** Called before a file is read. */
  readonly onFile?: ((path: string) => void) | undefined;
  /** Told how many more rows were read; fewer than none where a file is read anew. */
  readonly onRows?: ((rows: number) => void) | undefined;
  /** Told, once or several times, that the last part of the last file has been begun, where that has parts. */
  readonly onLastPart?: (() => void) | undefined;
};

/** Profiles held before they are merged; merging many at once keeps the grids' error small. */
const MERGED_AT_ONCE = 128;

/** With the columns of all files by name, which are read again by `readKept`. */
export type KeptProfile = LocalProfile & {
  readonly columns: KeptColumns;
  /** Whether its profile tells of decimals and texts no more than was counted. */
  readonly counted: boolean;
};

/**
 * Schema and statistics of a table on this machine, by the readers and the methods that a version is profiled with. A
 * part of it may be a profile that was stored.
 * @throws TidemarkError `unreadable-data`, `too-large`, or `bad-request` for a type or dates of a column that there is not.
 */
export async function profileFiles(table: LocalTable, options: ReadOptions): Promise<LocalProfile> {
  const { columns: _, counted: __, ...found } = await profileTable(table, options);
  const unknown = (said: object = {}): string | undefined =>
    Object.keys(said).find((name) => found.profile.columns.every((column) => column.name !== name));
  const refused = (name: string, what: string): TidemarkError =>
    new TidemarkError('bad-request', `${table.name} has no column "${name.slice(0, 100)}" ${what}.`);
  const untyped = unknown(options.types);
  if (untyped !== undefined) throw refused(untyped, 'to give a type');
  const { dates } = options.csv ?? {};
  const undated = typeof dates === 'string' ? undefined : unknown(dates);
  if (undated !== undefined) throw refused(undated, 'whose dates could be read');
  return found;
}

/**
 * The same, and the columns stay in this folder. `counted`: of columns of decimals and of texts the profile tells little more
 * than the rows and those without a value, and the schema nothing.
 * @throws TidemarkError `unreadable-data` or `too-large`.
 */
export async function profileAndKeepFiles(
  table: LocalTable,
  options: ReadOptions,
  { folder, counted }: { readonly folder: ColumnFolder; readonly counted: boolean },
): Promise<KeptProfile> {
  // What several files say of a column is put together from all that each says.
  return profileTable(table, options, { keep: folder.nextFile, counted: counted && table.files.length === 1 });
}

async function profileTable(
  table: LocalTable,
  options: ReadOptions,
  { keep, counted = false }: Pick<Reading, 'keep' | 'counted'> = {},
): Promise<KeptProfile> {
  const files: LocalProfile['files'][number][] = [];
  let profiles: TableProfile[] = [];
  const warnings: LocalProfile['warnings'][number][] = leftOutWarning(table);
  const kept: { readonly rows: number; readonly columns: KeptColumns }[] = [];
  const { onLastPart } = options;
  const last = table.files.at(-1)?.file;
  const csv = csvOf(table, options);
  const keys = keysOf(table, options);
  const twice = new Set<string>();
  for (const [i, { path, file, size }] of table.files.entries()) {
    options.onFile?.(path);
    const { memoryBytes, threads, types } = options;
    const input = { file, name: path, memoryBytes, threads, types, csv };
    const reading = (await isStoredProfile(file))
      ? storedPart(file, { types: types ?? {}, keeping: keep !== undefined })
      : profileAndKeep(input, { keep, counted, onRows: options.onRows, ...(file === last && { onLastPart }) });
    const read = await reading.catch((error: unknown) => {
      throw ofFile(error, table, path);
    });
    files.push({ path, format: read.format, bytes: size });
    const { rows, columns } = read.table;
    const beside = keysBeside(keys[i] ?? [], columns);
    for (const key of keys[i] ?? []) if (!beside.includes(key)) twice.add(key.name);
    profiles.push(withKeyProfiles(read.table, beside));
    kept.push({ rows, columns: withKeyColumns(read.kept, beside, rows) });
    if (profiles.length === MERGED_AT_ONCE) profiles = [mergeProfiles(...profiles)];
    warnings.push(...read.warnings.map((warning) => ({ ...warning, path })));
  }
  const profile = mergeProfiles(...profiles);
  const names = profile.columns.map(({ name }) => name);
  const shadowed = partitionWarning(twice);
  if (shadowed !== null) warnings.push({ path: table.name, ...shadowed });
  const columns = new Map(names.map((name) => [name, kept.flatMap((part) => columnOf(part, name))]));
  return { name: table.name, files, profile, schema: inferSchema(profile), warnings, columns, counted };
}

/** What is said of a table whose only file was read otherwise. */
export function tableOfFile(
  table: LocalTable,
  { format, warnings }: Pick<FileProfile, 'format' | 'warnings'>,
): Pick<LocalProfile, 'name' | 'files' | 'warnings'> {
  const of = warnings.flatMap((warning) => table.files.map(({ path }) => ({ ...warning, path })));
  return {
    name: table.name,
    files: table.files.map(({ path, size }) => ({ path, format, bytes: size })),
    warnings: [...leftOutWarning(table), ...of],
  };
}

type StoredPart = { readonly types: AskedTypes; readonly keeping: boolean };

/** @throws TidemarkError `unreadable-data`, also where the rows themselves are needed, as for another type. */
async function storedPart(file: string, { types, keeping }: StoredPart): ReturnType<typeof profileAndKeep> {
  const { profile } = await readStoredProfile(file);
  const refused = (why: string): TidemarkError =>
    new TidemarkError('unreadable-data', `This is a stored profile, which has no rows; ${why}.`);
  if (keeping) throw refused('a table is needed here');
  const other = profile.columns.find(({ name, type }) => types[name] !== undefined && types[name] !== type);
  if (other !== undefined) {
    throw refused(`its column "${other.name.slice(0, 100)}" is ${other.type} and cannot be read as another type`);
  }
  return { format: PROFILE_FILE, table: profile, warnings: [], kept: new Map() };
}

const NAMED = 5;

function leftOutWarning({ name, leftOut = [] }: LocalTable): LocalProfile['warnings'][number][] {
  if (leftOut.length === 0) return [];
  const more = leftOut.length > NAMED ? ` and ${leftOut.length - NAMED} more` : '';
  const detail = `Files that are no tables by their names, or links to nothing, are left out: ${leftOut.slice(0, NAMED).join(', ')}${more}.`;
  return [{ path: name, code: 'left-out-files', count: leftOut.length, detail }];
}

/** How delimited text is read: as is asked for, else as the table says. */
export const csvOf = ({ reading = {} }: LocalTable, { csv }: Pick<ReadOptions, 'csv'>): CsvOptions => ({
  ...csvReading(reading),
  ...csv,
});

/** The keys of each file, by its place. @throws TidemarkError `unreadable-data` for a type that a value is not of. */
export function keysOf(
  { files, reading = {} }: LocalTable,
  { partitions = reading.partitions ?? true, types }: Pick<ReadOptions, 'partitions' | 'types'>,
): PartitionKey[][] {
  const paths = files.map(({ path }) => path);
  return partitions ? partitionKeys(paths, types) : [];
}

function withKeyColumns(kept: KeptColumns, keys: readonly PartitionKey[], rows: number): KeptColumns {
  const columns = keys.map((key): [string, KeptColumn] => [key.name, [{ rows, file: null, key }]]);
  return columns.length === 0 ? kept : new Map([...kept, ...columns]);
}

/** What is wrong with a file is told with its name: of two tables, or of a thousand parts, it is one. */
function ofFile(error: unknown, { name, files }: LocalTable, path: string): unknown {
  if (!isTidemarkError(error)) return error;
  const { code, message, issues, issuesTotal, retryAfter, details } = error;
  const told = `${name}${files.length > 1 ? `, ${path}` : ''}: ${message}`;
  return new TidemarkError(code, told, {
    issues,
    issuesTotal,
    details,
    cause: error,
    ...(retryAfter !== undefined && { retryAfter }),
  });
}

/** A file of the table may lack a column that another one has: its rows count, without a value. */
function columnOf(
  { rows, columns }: { readonly rows: number; readonly columns: KeptColumns },
  name: string,
): KeptColumn {
  return columns.get(name) ?? [{ rows, file: null }];
}
