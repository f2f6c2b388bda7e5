/**
 * Columns → Parquet (zstd) by DuckDB: rows are gathered in a table that spills to disk beyond the memory
 * limit, then copied out by one thread, so that the same rows give the same bytes. Text stays text, int64
 * stays exact, timestamps are UTC with microseconds, vectors are lists of doubles.
 */

import { rm } from 'node:fs/promises';
import {
  ARRAY,
  BIGINT,
  DATE,
  DOUBLE,
  DuckDBDataChunk,
  type DuckDBType,
  INTEGER,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api';
import { TidemarkError } from '../../errors.ts';
import {
  type CategoryColumn,
  type Column,
  type ColumnBatch,
  type ColumnType,
  dimensionOf,
  type Field,
  isVectorType,
  type VectorColumn,
  type VectorType,
} from '../../stats/column.ts';
import { writeIntegers, writeMicroseconds } from '../columns/int64.ts';
import { sliceColumn } from '../columns/slice-column.ts';
import { shown } from '../unreadable.ts';
import { type DuckDbSession, nativeCall, openSession, sqlName, sqlText } from './duckdb-session.ts';
import { type VectorItems, writeItems, writeVectors } from './duckdb-vectors.ts';

const CHUNK_ROWS = 2048;
const ROW_GROUP_ROWS = 122_880;
const DAY_MS = 86_400_000;
const MEMORY = 384 * 2 ** 20;

/** The staging type of each column type; a boolean waits as 0 or 1. */
const STAGED: Readonly<Record<Exclude<ColumnType, VectorType>, DuckDBType>> = {
  float64: DOUBLE,
  int64: BIGINT,
  boolean: INTEGER,
  text: VARCHAR,
  timestamp: TIMESTAMPTZ,
  date: DATE,
};

const stagedType = (type: ColumnType): DuckDBType =>
  isVectorType(type) ? ARRAY(DOUBLE, dimensionOf(type)) : STAGED[type];

/**
 * Writes a Parquet file and returns its row count. An existing file at `path` is replaced; after a failure there
 * is none. Throws `conflict` when two column names differ by case only, which DuckDB cannot write.
 */
export async function writeParquet(
  path: string,
  fields: readonly Field[],
  batches: AsyncIterable<ColumnBatch>,
): Promise<number> {
  checkWritable(fields);
  const spill = `${path}.spill`;
  const session = await openSession({ paths: [path], spill, memoryBytes: MEMORY, threads: 1 });
  let done = false;
  try {
    const staged = fields.map(({ type }, i) => `${sqlName(`c${i}`)} ${stagedType(type).toString()}`);
    await session.rows(`CREATE TABLE staged (${staged.join(', ')})`);
    const rows = await appendBatches(session, fields, batches);
    const list = fields.map(({ name, type }, i) => `${exported(type, i)} AS ${sqlName(name)}`).join(', ');
    const options = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP_ROWS}`;
    await session.rows(`COPY (SELECT ${list} FROM staged) TO ${sqlText(path)} (${options})`);
    done = true;
    return rows;
  } finally {
    session.close();
    await rm(spill, { recursive: true, force: true });
    if (!done) await rm(path, { force: true });
  }
}

function checkWritable(fields: readonly Field[]): void {
  if (fields.length === 0) throw new TidemarkError('conflict', 'A Parquet file needs at least one column.');
  const seen = new Map<string, string>();
  for (const { name } of fields) {
    const folded = name.toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) {
      const message = `Columns ${shown(other)} and ${shown(name)} differ by case only and cannot stand in one Parquet file; rename one.`;
      throw new TidemarkError('conflict', message);
    }
    seen.set(folded, name);
  }
}

function exported(type: ColumnType, i: number): string {
  return type === 'boolean' ? `CAST(${sqlName(`c${i}`)} AS BOOLEAN)` : sqlName(`c${i}`);
}

async function appendBatches(
  session: DuckDbSession,
  fields: readonly Field[],
  batches: AsyncIterable<ColumnBatch>,
): Promise<number> {
  const appender = await nativeCall(() => session.connection.createAppender('staged'));
  const types = fields.map(({ type }) => stagedType(type));
  let rows = 0;
  for await (const batch of batches) {
    for (let from = 0; from < batch.rows; from += CHUNK_ROWS) {
      const to = Math.min(batch.rows, from + CHUNK_ROWS);
      const chunk = DuckDBDataChunk.create(types, to - from);
      for (const [i, column] of batch.columns.entries()) writeColumn(chunk, i, sliceColumn(column, from, to));
      appender.appendDataChunk(chunk);
    }
    rows += batch.rows;
    appender.flushSync();
  }
  appender.closeSync();
  return rows;
}

function writeColumn(chunk: DuckDBDataChunk, i: number, column: Column): void {
  const vector = chunk.getColumnVector(i);
  if (column.kind === 'category' && column.type === 'text') {
    const { codes, dictionary } = column;
    chunk.setColumnValues(
      i,
      Array.from(codes, (code) => (code < 0 ? null : dictionary[code]!)),
    );
  } else if (column.kind === 'vector') writeVectors(vector, column.values, column.valid);
  else writeItems(vector, itemsOf(column), column.kind === 'category' ? presentRows(column) : column.valid);
}

function itemsOf(column: Exclude<Column, VectorColumn>): VectorItems {
  if (column.kind === 'category') {
    const yes = column.dictionary.indexOf('true');
    return column.codes.map((code) => (code === yes ? 1 : 0));
  }
  const { length, values } = column;
  if (column.kind === 'number') {
    if (column.type === 'float64') return values;
    return column.exact ?? writeIntegers(values, new BigInt64Array(length));
  }
  if (column.type === 'timestamp') return writeMicroseconds(values, new BigInt64Array(length));
  return Int32Array.from(values, (millis) => Math.floor(millis / DAY_MS));
}

function presentRows({ codes }: CategoryColumn): Uint8Array | null {
  if (codes.every((code) => code >= 0)) return null;
  const mask = new Uint8Array((codes.length + 7) >> 3);
  for (let i = 0; i < codes.length; i++) if (codes[i]! >= 0) mask[i >> 3]! |= 1 << (i & 7);
  return mask;
}
