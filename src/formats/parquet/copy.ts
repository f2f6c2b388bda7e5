/**
 * Parquet → Parquet by DuckDB without a detour over columns, so that every type of the source stays what it is
 * (decimals, nanoseconds, unsigned and nested ones). One thread and a fixed order: the same rows give the same bytes.
 */
import { rm } from 'node:fs/promises';
import { BIGINT, DuckDBDataChunk, INTEGER } from '@duckdb/node-api';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import { writeIntegers } from '../columns/int64.ts';
import type { RowSelection } from '../columns/row-selection.ts';
import type { PartitionKey } from '../partition-keys.ts';
import { shown, unreadable } from '../unreadable.ts';
import { commonArrowSchema, withArrowSchema } from './arrow-schema.ts';
import { type DuckDbSession, nativeCall, openSession, sqlName, sqlText } from './duckdb-session.ts';
import { writeItems } from './duckdb-vectors.ts';
import { sayUtc, unitsOfTimes, writtenAs } from './time-units.ts';

const CHUNK_ROWS = 2048;
const ROW_GROUP_ROWS = 122_880;
const MEMORY = 384 * 2 ** 20;
/** So many parts of which rows are taken stand in one statement. */
const AT_ONCE = 8;

export type ParquetPart = {
  readonly path: string;
  /** What people call the file. */
  readonly name: string;
  /** Null takes every row. */
  readonly selection: RowSelection | null;
  /** Columns behind the file's own, which it does not have. */
  readonly keys?: readonly PartitionKey[];
};

/**
 * Writes rows of Parquet files with the same columns, in order, as one file; numbers of several types become the widest. An existing file is replaced;
 * after a failure there is none.
 * @param columns top-level columns in the order wanted; null takes all in the order of the first file.
 * @throws TidemarkError `invalid-body` for an unknown column, `conflict` for files whose columns differ, `unreadable-data`.
 */
export async function copyParquet(
  output: string,
  parts: readonly ParquetPart[],
  columns: readonly string[] | null,
): Promise<void> {
  const spill = `${output}.spill`;
  const paths = [output, ...parts.map(({ path }) => path)];
  const session = await openSession({ paths, spill, memoryBytes: MEMORY, threads: 1 });
  let done = false;
  try {
    const { types, widened } = await commonColumns(session, parts, columns);
    const names = [...types.keys()];
    const times = await commonUnits(session, parts, types);
    const selected = parts.some(({ selection }) => selection !== null);
    if (selected) await stage(session, parts);
    const taken = columns ?? names;
    const lists = {
      list: taken.map((name) => castName(name, widened.get(name))).join(', '),
      written: taken.map((name) => writtenAs(name, times.get(name))).join(', '),
    };
    const rows = selected && parts.length > AT_ONCE ? await gather(session, parts, lists) : all(parts, lists, selected);
    // Of some of the columns, of wider ones, or with keys of folders behind them, it would say something else.
    const whole = columns === null && widened.size === 0 && parts.every(({ keys = [] }) => keys.length === 0);
    const schema = whole ? await commonArrowSchema(session, paths.slice(1), names) : null;
    const options = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP_ROWS}, USE_TMP_FILE false${withArrowSchema(schema)}`;
    await session.rows(`COPY (${rows}) TO ${sqlText(output)} (${options})`);
    sayUtc(output, new Set(taken.filter((name) => times.get(name)?.utc)));
    done = true;
  } catch (cause) {
    throw failure(cause);
  } finally {
    session.close();
    await rm(spill, { recursive: true, force: true });
    if (!done) await rm(output, { force: true });
  }
}

/** The columns by their names, and as they are written. */
type Lists = { readonly list: string; readonly written: string };

/** The statement that reads all parts. A join keeps no order of its own, so the rows' own places are what they are sorted by. */
function all(parts: readonly ParquetPart[], { list, written }: Lists, selected: boolean): string {
  const own = selected ? list : written;
  const union = parts.map((part, i) => rowsOf(part, { i, list: own, selected })).join(' UNION ALL ');
  return selected ? `SELECT ${written} FROM (${union}) ORDER BY "tidemark part", "tidemark row"` : union;
}

/**
 * Many parts are read one after the other into a table that spills: a statement of all of them would hold a join for each,
 * and not fit however few rows they have. The bytes are the same.
 * @returns the statement that reads the table.
 */
async function gather(
  session: DuckDbSession,
  parts: readonly ParquetPart[],
  { list, written }: Lists,
): Promise<string> {
  for (const [i, part] of parts.entries()) {
    const rows = `SELECT ${list} FROM (${rowsOf(part, { i, list, selected: true })}) ORDER BY "tidemark row"`;
    await session.rows(`${i === 0 ? 'CREATE TABLE gathered AS' : 'INSERT INTO gathered'} ${rows}`);
  }
  return `SELECT ${written} FROM gathered`;
}

type Place = { readonly i: number; readonly list: string; readonly selected: boolean };

function rowsOf(part: ParquetPart, { i, list, selected }: Place): string {
  const { selection } = part;
  if (!selected) return `SELECT ${list} FROM ${sourceOf(part)}`;
  const source = sourceOf(part, ', file_row_number = true');
  const kept = selection === null ? '' : ` WHERE file_row_number IN (SELECT row FROM taken WHERE part = ${i})`;
  return `SELECT ${list}, ${i} AS "tidemark part", file_row_number AS "tidemark row" FROM ${source}${kept}`;
}

function sourceOf({ path, keys = [] }: ParquetPart, options = ''): string {
  const source = `read_parquet(${sqlText(path)}, hive_partitioning = false${options})`;
  if (keys.length === 0) return source;
  return `(SELECT *, ${keys.map((key) => `${literal(key)} AS ${sqlName(key.name)}`).join(', ')} FROM ${source})`;
}

/** DuckDB's names of the types of columns that we make. */
const TYPES: Readonly<Record<PartitionKey['type'], string>> = {
  ...{ text: 'VARCHAR', int64: 'BIGINT', float64: 'DOUBLE', boolean: 'BOOLEAN', date: 'DATE', timestamp: 'TIMESTAMP' },
};

function literal({ type, text }: PartitionKey): string {
  return `CAST(${text === null ? 'NULL' : sqlText(text)} AS ${TYPES[type]})`;
}

/** The numbers of the rows that are taken, as a table that spills like any other. */
async function stage(session: DuckDbSession, parts: readonly ParquetPart[]): Promise<void> {
  await session.rows('CREATE TABLE taken (part INTEGER, row BIGINT)');
  const appender = await nativeCall(() => session.connection.createAppender('taken'));
  for (const [part, { selection }] of parts.entries()) {
    if (selection === null) continue;
    for (let from = 0; from < selection.rows; from += CHUNK_ROWS) {
      const places = selection.within(from, Math.min(selection.rows, from + CHUNK_ROWS));
      if (places.length === 0) continue;
      const chunk = DuckDBDataChunk.create([INTEGER, BIGINT], places.length);
      writeItems(chunk.getColumnVector(0), new Int32Array(places.length).fill(part), null);
      const rows = Float64Array.from(places, (place) => from + place);
      writeItems(chunk.getColumnVector(1), writeIntegers(rows, new BigInt64Array(rows.length)), null);
      appender.appendDataChunk(chunk);
    }
    appender.flushSync();
  }
  appender.closeSync();
}

/** Columns whose times are of one unit in every part, which would be lost. */
async function commonUnits(
  session: DuckDbSession,
  parts: readonly ParquetPart[],
  types: ReadonlyMap<string, string>,
): ReturnType<typeof unitsOfTimes> {
  const [first, ...others] = parts;
  if (first === undefined || ![...types.values()].some((type) => type.includes('TIMESTAMP'))) return new Map();
  const common = await unitsOfTimes(session, first.path, types);
  for (const { path } of common.size === 0 ? [] : others) {
    const found = await unitsOfTimes(session, path, types);
    for (const [name, { type }] of common) if (found.get(name)?.type !== type) common.delete(name);
  }
  return common;
}

type CommonColumns = {
  readonly types: ReadonlyMap<string, string>;
  /** Columns of numbers whose types are not the same in every part, with the one that holds all of them. */
  readonly widened: ReadonlyMap<string, string>;
};

/** The columns by name, those alone that are wanted, which every part has with types that go together. */
async function commonColumns(
  session: DuckDbSession,
  parts: readonly ParquetPart[],
  wanted: readonly string[] | null,
): Promise<CommonColumns> {
  const [first, ...others] = parts;
  if (first === undefined) throw new TypeError('there is nothing to copy');
  const types = new Map(await columnsOf(session, first));
  const missing = wanted?.find((name) => !types.has(name));
  if (missing !== undefined) throw unknown(missing, [...types.keys()]);
  const widened = new Map<string, string>();
  for (const part of others) {
    const found = new Map(await columnsOf(session, part));
    for (const name of wanted ?? new Set([...types.keys(), ...found.keys()])) {
      const [own, its] = [types.get(name), found.get(name)];
      if (own === its) continue;
      const common = own === undefined || its === undefined ? null : commonNumber(own, its);
      if (common === null) {
        throw new TidemarkError(
          'conflict',
          `${shown(first.name)} and ${shown(part.name)} do not hold the same table: the column ${shown(name)} is ${own ?? 'absent'} in the first and ${its ?? 'absent'} in the other. ${TAKE_SHARED}`,
        );
      }
      types.set(name, common);
      widened.set(name, common);
    }
  }
  return { types, widened };
}

/** What to do about columns that differ. */
export const TAKE_SHARED = 'Name the columns to take: those that all have alike.';

/** From the narrowest on. */
const INTEGERS = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT'];

/** The type that holds the numbers of both, as DuckDB itself puts them together; null where that would lose some. */
function commonNumber(own: string, its: string): string | null {
  const [a, b] = [INTEGERS.indexOf(own), INTEGERS.indexOf(its)];
  if (a >= 0 && b >= 0) return INTEGERS[Math.max(a, b)] ?? null;
  const isNumber = (type: string): boolean => type === 'DOUBLE' || type === 'FLOAT' || INTEGERS.includes(type);
  return isNumber(own) && isNumber(its) && (own === 'DOUBLE' || its === 'DOUBLE') ? 'DOUBLE' : null;
}

const castName = (name: string, type: string | undefined): string =>
  type === undefined ? sqlName(name) : `CAST(${sqlName(name)} AS ${type}) AS ${sqlName(name)}`;

async function columnsOf(session: DuckDbSession, part: ParquetPart): Promise<[name: string, type: string][]> {
  const rows = await session.rows(`DESCRIBE SELECT * FROM ${sourceOf(part)}`);
  return rows.map(([name, type]) => [String(name), String(type)]);
}

function unknown(name: string, known: readonly string[]): TidemarkError {
  const list = known.slice(0, 20).join(', ').slice(0, 500);
  return new TidemarkError('invalid-body', `The table has no column ${shown(name)} (known: ${list}).`);
}

/** DuckDB's own words may name paths, so they are cut to their first line without them. */
function failure(cause: unknown): unknown {
  if (isTidemarkError(cause) || !(cause instanceof Error)) return cause;
  const first = cause.message.split('\n')[0] ?? '';
  return unreadable(
    `The Parquet file cannot be copied: ${shown(first.replace(/["'][^"']*\/[^"']*["']/g, 'the file'), 160)}`,
    cause,
  );
}
