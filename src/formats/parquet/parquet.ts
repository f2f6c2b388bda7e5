/** Parquet → columns by a confined DuckDB: every codec and encoding it knows, streamed in its own chunks. */

import { isTidemarkError } from '../../errors.ts';
import type { ColumnBatch, Field } from '../../stats/column.ts';
import { batchRows, checkNames, columnPositions } from '../columns/batch-plan.ts';
import type { TableLimits, TableReader } from '../table.ts';
import { shown, tooLarge, unreadable } from '../unreadable.ts';
import { type Batching, parquetBatches } from './batches.ts';
import { checkFooter } from './check-footer.ts';
import { asText, type ParquetColumn, type ParquetPlan, planColumn, selectList, settleLists } from './columns.ts';
import { duckdbRows } from './duckdb-rows.ts';
import { chunksOf, type DuckDbSession, openSession, sqlName, sqlText } from './duckdb-session.ts';
import { type Footer, readFooter } from './pages/footer.ts';
import { pageBatches, planPages } from './pages/page-rows.ts';
import { schemaOf } from './schema.ts';

/** The time that reading takes grows with the square of their number. */
const MAX_ROW_GROUPS = 32_768;
const INT64_MAX = '9223372036854775807';
const INT64_MIN = '-9223372036854775808';

export type ParquetOptions = { readonly limits: TableLimits; readonly memoryBytes?: number };

/** Opens a Parquet file. Throws `unreadable-data`. */
export async function openParquet(path: string, options: ParquetOptions): Promise<TableReader> {
  checkFooter(path);
  const session = await openSession({ paths: [path], ...memoryOf(options) });
  try {
    const source = `read_parquet(${sqlText(path)}, hive_partitioning = false)`;
    const rows = await rowCount(session, path);
    await checkWidth(session, path, options.limits);
    const plan = await columnPlan(session, { path, source, limits: options.limits });
    const footer = readFooter(path);
    const fields = plan.columns.map(({ name, type }): Field => ({ name, type }));
    return {
      format: 'parquet',
      fields,
      rows,
      warnings: plan.warnings,
      batches: (columns, { passing = false, rows: asked } = {}) => {
        const wanted = columnPositions(fields, columns).map((i) => plan.columns[i]!);
        return batchesOf({ path, source, options, rows, passing, most: asked ?? batchRows(wanted), footer }, wanted);
      },
      close: () => Promise.resolve(session.close()),
    };
  } catch (cause) {
    session.close();
    throw failure(cause);
  }
}

function memoryOf({ memoryBytes }: ParquetOptions): { readonly memoryBytes?: number } {
  return memoryBytes === undefined ? {} : { memoryBytes };
}

async function rowCount(session: DuckDbSession, path: string): Promise<number> {
  const [counts] = await session.rows(
    `SELECT CAST(num_rows AS DOUBLE), CAST(num_row_groups AS DOUBLE) FROM parquet_file_metadata(${sqlText(path)})`,
  );
  const [rows, groups] = [Number(counts?.[0] ?? 0), Number(counts?.[1] ?? 0)];
  if (groups <= MAX_ROW_GROUPS) return rows;
  throw tooLarge(`The Parquet file has ${groups} row groups; at most ${MAX_ROW_GROUPS} are read: write larger ones.`);
}

/** Before the columns are asked for: to plan a query over 100,000 of them takes minutes. */
async function checkWidth(session: DuckDbSession, path: string, limits: TableLimits): Promise<void> {
  const [row] = await session.rows(
    `SELECT CAST(count(*) AS DOUBLE) FROM parquet_schema(${sqlText(path)}) WHERE coalesce(num_children, 0) = 0`,
  );
  const columns = Number(row?.[0] ?? 0);
  if (columns > limits.columns) {
    throw tooLarge(`The Parquet file has ${columns} columns; at most ${limits.columns} are read.`);
  }
}

type Source = { readonly path: string; readonly source: string; readonly limits: TableLimits };

async function columnPlan(session: DuckDbSession, { path, source, limits }: Source): Promise<ParquetPlan> {
  const result = await session.stream(`SELECT * FROM ${source} LIMIT 0`);
  const types = result.columnTypes();
  const given = result.columnNames();
  for await (const _ of chunksOf(result)) break;
  const { names, told } = await schemaOf(session, path);
  const plan: ParquetPlan = { told, columns: [], lists: [], nanoseconds: [], warnings: [] };
  checkNames(given, limits.columns);
  for (const [i, type] of types.entries()) {
    // DuckDB renames columns that differ by case only; the file's own names are what people know.
    const name = names.length === given.length ? names[i]! : given[i]!;
    planColumn(plan, { name, expression: sqlName(given[i]!), type });
  }
  checkNames(
    [...plan.columns, ...plan.lists].map(({ name }) => name),
    limits.columns,
  );
  await settleWideColumns(session, source, plan);
  settleLists(plan, await listLengths(session, source, plan));
  await tellFinerTimes(session, source, plan);
  return plan;
}

/** Unsigned and 128-bit integers are int64 when all their values are; else they keep their digits as text. */
async function settleWideColumns(session: DuckDbSession, source: string, plan: ParquetPlan): Promise<void> {
  for (const [i, column] of plan.columns.entries()) {
    if (!column.wide) continue;
    const raw = column.expression.slice('CAST('.length, -' AS BIGINT)'.length);
    const fits = `coalesce(max(${raw}) <= ${INT64_MAX} AND min(${raw}) >= ${INT64_MIN}, true)`;
    const [row] = await session.rows(`SELECT ${fits} FROM ${source}`);
    if (row?.[0] === true) continue;
    plan.columns[i] = asText(column);
    const detail = 'The column holds integers beyond int64, so all of it reads as text.';
    plan.warnings.push({ code: 'mixed-types', column: column.name, detail });
  }
}

async function tellFinerTimes(session: DuckDbSession, source: string, plan: ParquetPlan): Promise<void> {
  for (const { name, expression } of plan.nanoseconds) {
    const finer = `CAST(count(*) FILTER (epoch_ns(${expression}) % 1000 <> 0) AS DOUBLE)`;
    const [row] = await session.rows(`SELECT ${finer} FROM ${source}`);
    const count = Number(row?.[0] ?? 0);
    const detail = 'Times finer than a microsecond are cut to it.';
    if (count > 0) plan.warnings.push({ code: 'rounded-times', column: name, count, detail });
  }
}

/** The shortest and the longest list of each of the plan's columns of lists. */
async function listLengths(session: DuckDbSession, source: string, { lists }: ParquetPlan) {
  const lengths: { least: number | null; most: number | null }[] = [];
  for (const { expression } of lists) {
    const length = `CAST(len(${expression}) AS DOUBLE)`;
    const [row] = await session.rows(`SELECT min(${length}), max(${length}) FROM ${source}`).catch(noRoom);
    const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
    lengths.push({ least: number(row?.[0]), most: number(row?.[1]) });
  }
  return lengths;
}

/** Lists that are too long to be held at all are no vectors, and the other columns are read all the same. */
function noRoom(cause: unknown): readonly (readonly unknown[])[] {
  if (cause instanceof Error && OUT_OF_MEMORY.test(cause.message)) return [];
  throw cause;
}

const OUT_OF_MEMORY = /out of memory/i;

type Stream = Batching & {
  readonly path: string;
  readonly source: string;
  readonly options: ParquetOptions;
  readonly rows: number;
  /** Null where the pages are DuckDB's to read. */
  readonly footer: Footer | null;
};

/** From the pages themselves where they are plain. Through DuckDB it takes twice the time to hand over what it read. */
async function* batchesOf(from: Stream, columns: readonly ParquetColumn[]): AsyncGenerator<ColumnBatch> {
  const { path, footer, rows, passing, most, options } = from;
  const placed = columns.length === 0 ? null : planPages(footer, columns, { rows, memoryBytes: options.memoryBytes });
  if (placed === null || footer === null) yield* duckdbBatches(from, columns);
  else yield* pageBatches(path, footer, { placed, columns, passing, most });
}

/** A stream is closed by the next query on its connection, so each iteration has a session of its own. */
async function* duckdbBatches(from: Stream, columns: readonly ParquetColumn[]): AsyncGenerator<ColumnBatch> {
  const session = await openSession({ paths: [from.path], ...memoryOf(from.options) });
  let total = 0;
  try {
    const list = columns.length === 0 ? 'CAST(1 AS DOUBLE) AS c0' : selectList(columns);
    const result = await session.stream(`SELECT ${list} FROM ${from.source}`);
    for await (const batch of parquetBatches(duckdbRows(chunksOf(result), columns), columns, from)) {
      total += batch.rows;
      yield batch;
    }
  } catch (cause) {
    throw failure(cause);
  } finally {
    session.close();
  }
  if (total !== from.rows) {
    throw unreadable(`The Parquet footer counts ${from.rows} rows, its pages hold ${total}; write the file again.`);
  }
}

/** DuckDB's own words may name paths, so they are cut to their kind and told apart from our own errors. */
function failure(cause: unknown): unknown {
  if (isTidemarkError(cause) || !(cause instanceof Error)) return cause;
  const first = shown(cause.message.split('\n')[0]!.replace(/["'][^"']*\/[^"']*["']/g, 'the file'), 160);
  if (OUT_OF_MEMORY.test(cause.message)) {
    return tooLarge('The Parquet file needs more memory than a reader may take; write smaller row groups.');
  }
  return unreadable(`The Parquet file cannot be read: ${first}`, cause);
}
