import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RowSelection } from '../../../src/formats/columns/row-selection.ts';
import { copyParquet } from '../../../src/formats/parquet/copy.ts';

const ROWS = 2000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-copy-'));
  await duckdb(`COPY (SELECT i::BIGINT AS id, (i / 100)::DECIMAL(18, 2) AS price, [i, i + 1] AS list,
    'text ' || (i % 97) AS word FROM range(${ROWS}) t(i)) TO '${join(folder, 'part.parquet')}'`);
});
afterAll(() => rm(folder, { recursive: true }));

async function duckdb(sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Of which rows a part gives some: a third of them, which a join has to hold in many places. */
const isTaken = (part: number, row: number): boolean => row % 3 === part % 3;

/** Parts that are one file. */
const partsOf = (count: number) =>
  Array.from({ length: count }, (_, part) => {
    const selection = new RowSelection();
    selection.add(Uint8Array.from({ length: ROWS }, (_row, i) => (isTaken(part, i) ? 1 : 0)));
    return { path: join(folder, 'part.parquet'), name: `part-${part}.parquet`, selection };
  });

describe('rows of Parquet files', () => {
  it.each([1, 8, 9, 150])('are copied in order with their types, of %i files', async (count) => {
    const output = join(folder, `${count}.parquet`);
    await copyParquet(output, partsOf(count), ['price', 'id', 'list']);
    const types = await duckdb(`SELECT column_name, column_type FROM (DESCRIBE FROM '${output}')`);
    expect(types).toEqual([
      ['price', 'DECIMAL(18,2)'],
      ['id', 'BIGINT'],
      ['list', 'BIGINT[]'],
    ]);
    const ids = (await duckdb(`SELECT id FROM '${output}'`)).map(([id]) => Number(id));
    expect(ids).toEqual(
      Array.from({ length: count * ROWS }, (_, i) => [Math.floor(i / ROWS), i % ROWS] as const)
        .filter(([part, row]) => isTaken(part, row))
        .map(([, row]) => row),
    );
  });
});

/** Made by `generate_time_units.py` beside it. */
const times = fileURLToPath(new URL('../../fixtures/tables/time_units.parquet', import.meta.url));

describe('times', () => {
  const schemaOf = (path: string) =>
    duckdb(`SELECT name, type, logical_type FROM parquet_schema('${path}') WHERE logical_type LIKE 'TimestampType%'`);
  const valuesOf = (path: string, columns = '*') => duckdb(`SELECT ${columns} FROM '${path}'`);

  it.each([
    ['all', null, 1],
    ['some', [0, 2, 4, 5], 1],
    ['some of many files', [0, 2, 4, 5], 9],
  ] as const)('keep their units and whether they are UTC where %s rows are copied', async (name, rows, count) => {
    const output = join(folder, `units-${name}.parquet`);
    const selection = rows && new RowSelection();
    selection?.add(Uint8Array.from({ length: 6 }, (_, row) => Number((rows as readonly number[]).includes(row))));
    const part = { path: times, name: 'times.parquet', selection };
    await copyParquet(
      output,
      Array.from({ length: count }, () => part),
      null,
    );
    expect(await schemaOf(output)).toEqual(await schemaOf(times));
    const all = await valuesOf(times);
    const taken = rows === null ? all : rows.map((row) => all[row]);
    expect(await valuesOf(output)).toEqual(Array.from({ length: count }, () => taken).flat());
  });

  it('are of microseconds where files differ, and of those columns that are asked for', async () => {
    const [micros, output] = [join(folder, 'micros.parquet'), join(folder, 'differ.parquet')];
    await duckdb(`COPY (SELECT us AS ms, us_utc AS ms_utc, ns FROM '${times}') TO '${micros}'`);
    const few = join(folder, 'few.parquet');
    await copyParquet(few, [{ path: times, name: 'few', selection: null }], ['ms_utc', 'ns', 'ms']);
    const own = (await schemaOf(times)).filter(([name]) => ['ms_utc', 'ns', 'ms'].includes(String(name)));
    expect(new Set(await schemaOf(few))).toEqual(new Set(own));
    await copyParquet(
      output,
      [few, micros].map((path) => ({ path, name: path, selection: null })),
      ['ms', 'ms_utc'],
    );
    expect((await schemaOf(output)).map(([, , logical]) => /MICROS=MicroSeconds/.test(String(logical)))).toEqual([
      true,
      true,
    ]);
    expect(await valuesOf(output)).toEqual([
      ...(await valuesOf(times, 'ms, ms_utc')),
      ...(await valuesOf(times, 'ms, ms_utc')),
    ]);
  });
});

describe('what Arrow knows of the columns', () => {
  const schemaOf = async (path: string) =>
    (
      await duckdb(`SELECT decode(value) FROM parquet_kv_metadata('${path}') WHERE decode(key) = 'ARROW:schema'`)
    ).flat();
  const copied = async (
    name: string,
    paths: readonly string[],
    given: { columns?: string[]; keyed?: boolean } = {},
  ) => {
    const output = join(folder, `arrow-${name}.parquet`);
    const keys = given.keyed ? [{ name: 'year', type: 'int64', text: '2024' } as const] : [];
    const parts = paths.map((path) => ({ path, name: path, selection: null, keys }));
    await copyParquet(output, parts, given.columns ?? null);
    return schemaOf(output);
  };

  it('stays with rows of files that all say it alike', async () => {
    const own = await schemaOf(times);
    expect(own).toHaveLength(1);
    expect(await copied('one', [times])).toEqual(own);
    expect(await copied('two', [times, times])).toEqual(own);
  });

  it('is left out where it would not be true', async () => {
    expect(await copied('some', [times], { columns: ['ms', 'n'] })).toEqual([]);
    expect(await copied('keyed', [times], { keyed: true })).toEqual([]);
    const without = join(folder, 'without.parquet');
    await duckdb(`COPY (FROM '${times}') TO '${without}'`);
    expect(await copied('mixed', [times, without])).toEqual([]);
    const hostile = join(folder, 'hostile.parquet');
    for (const schema of ["x''}); --", 'QUJD', '/////w==']) {
      await duckdb(`COPY (SELECT 1 AS a) TO '${hostile}' (KV_METADATA {'ARROW:schema': '${schema}'})`);
      expect(await copied('hostile', [hostile])).toEqual([]);
    }
  });

  it.each([2, 9])('have one type where those of %i files are of several widths', async (count) => {
    const parts = await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const path = join(folder, `wide-${count}-${i}.parquet`);
        await duckdb(`COPY (SELECT ${i + 0.5 * Number(i > 0)}::${i === 0 ? 'BIGINT' : 'DOUBLE'} AS x) TO '${path}'`);
        const selection = new RowSelection();
        selection.add(Uint8Array.of(1));
        return { path, name: `${i}.parquet`, selection };
      }),
    );
    const output = join(folder, `wide-${count}.parquet`);
    await copyParquet(output, parts, null);
    expect((await duckdb(`SELECT x FROM '${output}'`)).map(([x]) => x)).toEqual(
      parts.map((_, i) => i + 0.5 * Number(i > 0)),
    );
  });
});
