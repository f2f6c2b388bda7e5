import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { writeParquet } from '../../../src/formats/parquet/writer.ts';
import { openTable } from '../../../src/formats/table-reader.ts';
import type { Column, ColumnBatch, Field } from '../../../src/stats/column.ts';
import { vectors } from '../../stats/columns.ts';
import { once, opened, tableValues, tempFile, tempPath } from '../fixtures.ts';
import { type ParquetShape, parquetBytes } from '../parquet-bytes.ts';

const FIELDS: readonly Field[] = [
  { name: 'code', type: 'text' },
  { name: 'we"ird', type: 'float64' },
  { name: 'id', type: 'int64' },
  { name: 'ok', type: 'boolean' },
  { name: 'at', type: 'timestamp' },
  { name: 'day', type: 'date' },
];

function batch(rows: number, shift = 0): ColumnBatch {
  const each = <T>(of: (i: number) => T): T[] => Array.from({ length: rows }, (_, i) => of(i + shift));
  const mask = new Uint8Array((rows + 7) >> 3);
  each((i) => i % 5 !== 0).forEach((has, i) => {
    if (has) mask[i >> 3]! |= 1 << (i & 7);
  });
  const doubles = Float64Array.from(each((i) => (i % 5 === 0 ? 0 : i / 3)));
  const columns: Column[] = [
    {
      kind: 'category',
      type: 'text',
      length: rows,
      codes: Int32Array.from(each((i) => (i % 4) - 1)),
      dictionary: ['01', 'a text of more than twelve bytes €', ''],
    },
    { kind: 'number', type: 'float64', length: rows, values: doubles, valid: mask, exact: null },
    {
      kind: 'number',
      type: 'int64',
      length: rows,
      values: new Float64Array(rows),
      valid: null,
      exact: BigInt64Array.from(each((i) => 2n ** 53n + BigInt(i))),
    },
    {
      kind: 'category',
      type: 'boolean',
      length: rows,
      codes: Int32Array.from(each((i) => (i % 3) - 1)),
      dictionary: ['false', 'true'],
    },
    {
      kind: 'time',
      type: 'timestamp',
      length: rows,
      values: Float64Array.from(each((i) => 1.7e12 + i + 0.125)),
      valid: null,
    },
    {
      kind: 'time',
      type: 'date',
      length: rows,
      values: Float64Array.from(each((i) => (i - 50) * 86_400_000)),
      valid: null,
    },
  ];
  return { rows, columns };
}

async function duckdbFile(select: string, options = ''): Promise<string> {
  const path = tempPath('t.parquet');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet${options})`);
  connection.closeSync();
  return path;
}

describe('writeParquet', () => {
  it('writes what openTable reads back, over batches and chunks', async () => {
    const path = tempPath('out.parquet');
    expect(await writeParquet(path, FIELDS, once(batch(5000), batch(3, 5000)))).toBe(5003);
    const reader = await openTable(path);
    const values = await tableValues(reader);
    await reader.close();
    expect(reader.fields).toEqual(FIELDS);
    expect(reader.rows).toBe(5003);
    expect(values.get('code')?.slice(0, 5)).toEqual([null, '01', 'a text of more than twelve bytes €', '', null]);
    expect(values.get('we"ird')?.slice(4998)).toEqual([4998 / 3, 4999 / 3, null, 5001 / 3, 5002 / 3]);
    expect(values.get('id')?.[5002]).toBe(2n ** 53n + 5002n);
    expect(values.get('ok')?.slice(0, 4)).toEqual([null, false, true, null]);
    expect(values.get('at')?.[7]).toBe(1.7e12 + 7.125);
    expect(values.get('day')?.[0]).toBe(-50 * 86_400_000);
  });

  it('writes equal bytes for equal rows, and leaves nothing beside the file', async () => {
    const digests = new Set<string>();
    for (let i = 0; i < 2; i++) {
      const path = tempPath('out.parquet');
      await writeParquet(path, FIELDS, once(batch(4000)));
      digests.add(createHash('md5').update(readFileSync(path)).digest('hex'));
      expect(existsSync(`${path}.spill`)).toBe(false);
    }
    expect(digests.size).toBe(1);
  });

  it('stores times as UTC and text as text', async () => {
    const path = tempPath('out.parquet');
    await writeParquet(path, FIELDS, once(batch(10)));
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const result = await connection.runAndReadAll(`SELECT * FROM '${path}' LIMIT 0`);
    expect(result.columnTypes().map(String)).toEqual([
      'VARCHAR',
      'DOUBLE',
      'BIGINT',
      'BOOLEAN',
      'TIMESTAMP WITH TIME ZONE',
      'DATE',
    ]);
    connection.closeSync();
  });

  it('leaves no file when the rows fail half-way', async () => {
    const path = tempPath('out.parquet');
    async function* failing(): AsyncGenerator<ColumnBatch> {
      yield batch(10);
      throw new Error('the source broke');
    }
    await expect(writeParquet(path, FIELDS, failing())).rejects.toThrow('the source broke');
    expect(existsSync(path)).toBe(false);
  });

  it('refuses names that differ by case only', async () => {
    const fields: Field[] = [
      { name: 'a', type: 'text' },
      { name: 'A', type: 'text' },
    ];
    await expect(writeParquet(tempPath('out.parquet'), fields, once())).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('Parquet files', () => {
  it('reads every type that has a place in a column, and says what is left out', async () => {
    const path =
      await duckdbFile(`SELECT 1::TINYINT AS tiny, 4294967295::UINTEGER AS uint, 7::UBIGINT AS small_unsigned,
      18446744073709551615::UBIGINT AS big_unsigned, 1.25::DECIMAL(18,2) AS money, 'x'::ENUM('x','y') AS choice,
      true AS flag, DATE '2024-05-01' AS day, TIMESTAMP '2024-05-01 10:00:00.000001' AS local_time,
      TIMESTAMPTZ '2024-05-01 10:00:00+02' AS zoned, TIMESTAMP_NS '2024-05-01 10:00:00.123456789' AS nanos,
      {'a': 1, 'b': {'c': 'deep'}} AS nested, [[1],[2]] AS list, '\\x00'::BLOB AS bytes, 'nan'::FLOAT AS f, NULL::INTEGER AS nothing`);
    const reader = await openTable(path);
    const values = Object.fromEntries([...(await tableValues(reader))].map(([name, list]) => [name, list[0]]));
    await reader.close();
    expect(values).toEqual({
      tiny: 1,
      uint: 4294967295,
      small_unsigned: 7,
      big_unsigned: '18446744073709551615',
      money: 1.25,
      choice: 'x',
      flag: true,
      day: Date.UTC(2024, 4, 1),
      local_time: Date.UTC(2024, 4, 1, 10) + 0.001,
      zoned: Date.UTC(2024, 4, 1, 8),
      nanos: Date.UTC(2024, 4, 1, 10, 0, 0, 123) + 0.456,
      'nested.a': 1,
      'nested.b.c': 'deep',
      f: Number.NaN,
      nothing: null,
    });
    expect(reader.warnings.map(({ code, column }) => `${code} ${column}`)).toEqual([
      'rounded-decimals money',
      'no-time-zone local_time',
      'no-time-zone nanos',
      'nested-column list',
      'unsupported-column bytes',
      'mixed-types big_unsigned',
      'rounded-times nanos',
    ]);
  });

  it('reads decimals with decimal places as the nearest doubles, of however many digits', async () => {
    const digits = Array.from({ length: 400 }, (_, i) => (BigInt(i + 1) * 2_654_435_761_987_654_321n) % 10n ** 18n);
    const rows = digits.map((number) => `('${number}')`).join(', ');
    const widths = [
      [18, 1, 17],
      [18, 17, 1],
      [28, 18, 10],
      [38, 18, 18],
      [15, 2, 13],
    ].map(([width, scale, whole], i) => {
      const decimal = `(left(x, ${whole}) || '.' || x)::DECIMAL(${width}, ${scale})`;
      return `${decimal}::VARCHAR AS t${i}, ${decimal} AS d${i}`;
    });
    const reader = await openTable(await duckdbFile(`SELECT ${widths.join(', ')} FROM (VALUES ${rows}) t(x)`));
    const values = await tableValues(reader);
    await reader.close();
    for (let i = 0; i < widths.length; i++) {
      expect(values.get(`d${i}`)).toEqual(values.get(`t${i}`)!.map((text) => Number(text)));
    }
  });

  it('cuts nanoseconds towards the past, before 1970 too', async () => {
    const reader = await openTable(
      await duckdbFile(`SELECT x::TIMESTAMP_NS AS nanos FROM (VALUES ('1969-12-31 23:59:59.123456789'),
        ('1969-12-31 23:59:59.123456'), ('1970-01-01 00:00:00.000001999')) t(x)`),
    );
    expect((await tableValues(reader)).get('nanos')).toEqual([-876.544, -876.544, 0.001]);
    await reader.close();
  });

  it('leaves out decimals that DuckDB reads wrong, and has no integers where there never is a value', async () => {
    const path = new URL('../../fixtures/parquet/beyond-duckdb.parquet', import.meta.url).pathname;
    const reader = await openTable(path);
    expect(reader.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'digits 76 float64',
      'nothing text',
      'inner.nothing text',
      'inner.x int64',
      'after int64',
    ]);
    const values = await tableValues(reader);
    await reader.close();
    expect(values.get('digits 76')).toEqual([1.5, -2.25, null]);
    expect(values.get('inner.x')).toEqual([7, 7, 7]);
    expect(reader.warnings.map(({ code, column }) => `${code} ${column}`)).toEqual([
      'unsupported-column digits 39',
      'unsupported-column list',
      'unsupported-column inner.digits',
    ]);
  });

  it('reads decimals without decimal places as the integers that they are', async () => {
    const reader = await openTable(
      await duckdbFile(`SELECT x::DECIMAL(18,0) AS id, x::DECIMAL(38,0) AS wide, (x::HUGEINT * 10000000000)::DECIMAL(38,0) AS huge
        FROM (VALUES (9007199254740993), (9007199254740995), (NULL)) t(x)`),
    );
    expect(reader.fields.map(({ type }) => type)).toEqual(['int64', 'int64', 'text']);
    const exact: unknown[] = [];
    for await (const { columns } of reader.batches(['id', 'wide'])) {
      for (const column of columns) if (column.kind === 'number') exact.push(column.exact?.slice(0, 2));
    }
    expect(exact).toEqual([0, 1].map(() => BigInt64Array.of(9007199254740993n, 9007199254740995n)));
    expect((await tableValues(reader)).get('huge')).toEqual([
      '90071992547409930000000000',
      '90071992547409950000000000',
      null,
    ]);
    await reader.close();
  });

  it.each([
    ['FLOAT[]', 'vector[3]'],
    ['DOUBLE[3]', 'vector[3]'],
    ['BIGINT[]', 'vector[3]'],
  ])('reads lists of one length, %s, as vectors in the place of their column', async (type, expected) => {
    const path = await duckdbFile(`SELECT i AS id, CASE WHEN i % 5 = 2 THEN NULL WHEN i % 5 = 3 THEN [i, NULL, -1]
      ELSE [i, i + 1, i + 2] END::${type} AS emb, 'x' AS s FROM range(5000) t(i)`);
    const reader = await openTable(path);
    const values = await tableValues(reader);
    await reader.close();
    expect(reader.fields.map(({ name, type: found }) => `${name} ${found}`)).toEqual([
      'id int64',
      `emb ${expected}`,
      's text',
    ]);
    const expectedRows = Array.from({ length: 5000 }, (_, i) =>
      i % 5 === 2 ? null : i % 5 === 3 ? [i, Number.NaN, -1] : [i, i + 1, i + 2],
    );
    expect(values.get('emb')).toEqual(expectedRows);
    expect(reader.warnings).toEqual([]);
  });

  it.each([
    ['another length in the last row', 'CASE WHEN i = 4999 THEN [1] ELSE [1, 2] END', /between 1 and 2/],
    ['one component', '[i::DOUBLE]', /left out/],
    ['no list at all', 'NULL::DOUBLE[]', /left out/],
    ['more components than are kept', 'CASE WHEN i % 2 > 0 THEN range(5000) END', /left out/],
  ])('leaves lists out that are no vectors: %s', async (_, expression, detail) => {
    const path = await duckdbFile(`SELECT i AS id, ${expression} AS emb FROM range(5000) t(i)`);
    const { types, values, reader } = await opened(readFileSync(path), 't.parquet');
    expect(types).toEqual({ id: 'int64' });
    expect(values.get('id')).toHaveLength(5000);
    expect(reader.warnings).toMatchObject([{ code: 'nested-column', column: 'emb' }]);
    expect(reader.warnings[0]?.detail).toMatch(detail);
  });

  it('writes vectors that are read again as they were', async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => (i % 7 === 0 ? null : [i, Number.NaN, i / 3]));
    const path = tempPath('out.parquet');
    const fields: Field[] = [{ name: 'emb', type: 'vector[3]' }];
    await writeParquet(path, fields, once({ rows: rows.length, columns: [vectors(rows, 3)] }));
    const { types, values } = await opened(readFileSync(path), 't.parquet');
    expect(types).toEqual({ emb: 'vector[3]' });
    expect(values.get('emb')).toEqual(rows);
  });

  it.each(['snappy', 'gzip', 'zstd', 'lz4_raw', 'brotli', 'uncompressed'])('reads %s', async (codec) => {
    const path = await duckdbFile("SELECT i, 'v' || i % 7 AS s FROM range(10000) t(i)", `, COMPRESSION ${codec}`);
    const reader = await openTable(path);
    const values = await tableValues(reader, ['s', 'i']);
    await reader.close();
    expect(values.get('i')?.[9999]).toBe(9999);
    expect(values.get('s')?.slice(6, 8)).toEqual(['v6', 'v0']);
  });

  it('lets three readers take turns without waiting for one another for ever', async () => {
    const path = await duckdbFile('SELECT i FROM range(200000) t(i)');
    const readers = await Promise.all([openTable(path), openTable(path), openTable(path)]);
    const iterators = readers.map((reader) => reader.batches()[Symbol.asyncIterator]());
    const rows = [0, 0, 0];
    for (let open = true; open; ) {
      const steps = await Promise.all(iterators.map((iterator) => iterator.next()));
      open = steps.some(({ done }) => done !== true);
      for (const [i, step] of steps.entries()) if (step.done !== true) rows[i]! += step.value.rows;
    }
    expect(rows).toEqual([200_000, 200_000, 200_000]);
    await Promise.all(readers.map((reader) => reader.close()));
  });

  it('may be left in the middle', async () => {
    const reader = await openTable(await duckdbFile('SELECT i FROM range(500000) t(i)'));
    for await (const batch of reader.batches()) {
      expect(batch.rows).toBeGreaterThan(0);
      break;
    }
    expect((await tableValues(reader)).get('i')).toHaveLength(500_000);
    await reader.close();
  });

  it.each<[string, (good: Buffer) => Buffer, RegExp]>([
    ['nothing but the magic', () => Buffer.from('PAR1'), /at least 12/],
    ['no closing magic', (good) => good.subarray(0, good.length - 1), /begin and end with PAR1/],
    ['an encrypted footer', (good) => Buffer.concat([good.subarray(0, -4), Buffer.from('PARE')]), /encrypted/],
    ['a footer longer than the file', (good) => withFooterLength(good, 0x7fff_ffff), /claims 2147483647 bytes/],
    ['a footer that begins elsewhere', (good) => withFooterLength(good, 20), /cannot be read/],
  ])('refuses %s', async (_, spoil, message) => {
    const good = readFileSync(await duckdbFile('SELECT i FROM range(100) t(i)'));
    await expect(opened(spoil(good), 't.parquet')).rejects.toMatchObject({
      code: 'unreadable-data',
      message: expect.stringMatching(message),
    });
  });

  it('refuses or survives flipped bytes, without naming a path', async () => {
    const good = readFileSync(await duckdbFile("SELECT i, 'v' || i AS s FROM range(2000) t(i)"));
    for (let i = 0; i < 40; i++) {
      const broken = Buffer.from(good);
      const at = 4 + ((i * 104_729) % (good.length - 12));
      broken[at] = broken[at]! ^ (1 << (i % 8));
      const outcome = await opened(broken, 't.parquet').catch((error: unknown) => error);
      if (!(outcome instanceof Error)) continue;
      expect(outcome).toMatchObject({ name: 'TidemarkError' });
      expect(outcome.message).not.toContain('tidemark-formats-');
    }
  });

  it.each<[string, ParquetShape]>([
    ['a codec that no reader knows', { codec: 99 }],
    ['a codec that is known and not read', { codec: 3 }],
    ['an encoding that no reader knows', { encoding: 99 }],
    ['a type that no reader knows', { convertedType: 99 }],
    ['a page of one value that is said to have a billion', { claimed: 1e9 }],
  ])('refuses %s', async (_, shape) => {
    await expect(opened(parquetBytes(shape), 't.parquet')).rejects.toMatchObject({
      code: 'unreadable-data',
      message: expect.stringMatching(/^The Parquet file cannot be read: /),
    });
  });

  it('reads what lies in many row groups', async () => {
    const { values } = await opened(parquetBytes({ rowGroups: 500, columns: 3 }), 't.parquet');
    expect(values.get('c2')).toEqual(Array.from({ length: 500 }, () => 7));
  });

  it.each<[string, ParquetShape, RegExp]>([
    ['100,000 row groups', { rowGroups: 100_000 }, /100000 row groups; at most 32768/],
    ['100,000 columns', { columns: 100_000 }, /100000 columns; at most 10000/],
  ])('refuses %s before it reads them', async (_, shape, message) => {
    const refused = opened(parquetBytes(shape), 't.parquet');
    await expect(refused).rejects.toMatchObject({ code: 'too-large', message: expect.stringMatching(message) });
  });

  it('reads nothing of 65 MiB that stand beside the rows', async () => {
    const good = parquetBytes();
    const footer = Buffer.alloc(65 * 2 ** 20);
    const end = Buffer.alloc(4);
    end.writeUInt32LE(footer.length);
    const wide = Buffer.concat([good.subarray(0, 40), footer, end, Buffer.from('PAR1')]);
    await expect(opened(wide, 't.parquet')).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringMatching(/footer has 68157440 bytes/),
    });
  });

  it('is told from its bytes, whatever its name', async () => {
    const bytes = readFileSync(await duckdbFile('SELECT 1 AS x'));
    expect((await opened(bytes, 'no-extension')).reader.format).toBe('parquet');
    await expect(openTable(tempFile('a,b\n1,2\n', 't.parquet'))).rejects.toMatchObject({ code: 'unreadable-data' });
  });
});

function withFooterLength(good: Buffer, length: number): Buffer {
  const spoiled = Buffer.from(good);
  spoiled.writeUInt32LE(length, spoiled.length - 8);
  return spoiled;
}
