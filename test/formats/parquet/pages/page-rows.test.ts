import { createHash } from 'node:crypto';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { readFooter } from '../../../../src/formats/parquet/pages/footer.ts';
import { openPages } from '../../../../src/formats/parquet/pages/page-table.ts';
import { DEFAULT_LIMITS } from '../../../../src/formats/table.ts';
import { openTable } from '../../../../src/formats/table-reader.ts';
import { tempPath, type Value, valuesOf } from '../../fixtures.ts';

const TIMES = `timestamp '2024-01-01' + to_microseconds(i * 1000001)`;
const COLUMNS: readonly (readonly [string, string])[] = [
  ['whole', 'cast(hash(i) % 1000 as bigint) - 500'],
  ['wide', 'cast(9007199254740900 + i as bigint)'],
  ['same', 'cast(7 as bigint)'],
  ['small', 'cast(i % 300 - 150 as integer)'],
  ['tiny', 'cast(i % 100 as tinyint)'],
  ['full', 'hash(i) / 7.0'],
  ['round', 'round(hash(i) % 100 / 10.0, 1)'],
  ['odd', `case i % 4 when 0 then 'nan'::double when 1 then 'infinity'::double else -0.0 end`],
  ['single', 'cast(hash(i) / 3.0 as float)'],
  ['yes', 'hash(i) % 2 = 0'],
  ['few', `'code ' || (hash(i) % 40)`],
  [
    'letters',
    `case when i % 3 = 0 then '' else 'größe ' || (hash(i) % 2000) || repeat('ü', cast(i % 200 as integer)) end`,
  ],
  ['id', `'row-' || i`],
  ['day', `date '1969-12-01' + cast(i % 90 as integer)`],
  ['local', TIMES],
  ['zoned', `cast(${TIMES} as timestamptz)`],
  ['endless', `case i % 3 when 0 then 'infinity'::timestamp when 1 then '-infinity'::timestamp else ${TIMES} end`],
  ['endless day', `case i % 3 when 0 then 'infinity'::date when 1 then '-infinity'::date else date '2024-01-01' end`],
  ['none', 'cast(null as double)'],
];

/** The same rows in each file: a column as it is, and one with holes. */
const SELECT = COLUMNS.flatMap(([name, value]) => [
  `${value} as "${name}"`,
  `case when hash(i + length('${name}')) % 10 < 3 then null else ${value} end as "${name} with holes"`,
]).join(', ');

async function written(options: string, rows = 3_000, select = SELECT): Promise<string> {
  const path = tempPath('t.parquet');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`COPY (SELECT ${select} FROM range(${rows}) t(i)) TO '${path}' (FORMAT parquet, ${options})`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

/** With a sign also of zero. */
const spelled = (value: Value): string => (Object.is(value, -0) ? '-0' : String(value));

/** What is known of the table, and of each batch its rows and what its columns hold, told by a digest. */
async function read(path: string, passing = false) {
  const reader = await openTable(path);
  try {
    const batches = [];
    for await (const { rows, columns } of reader.batches(undefined, { passing })) {
      const digests = columns.map((column) => createHash('md5').update(valuesOf(column).map(spelled).join('|')));
      batches.push([rows, ...digests.map((digest) => digest.digest('hex'))]);
    }
    return { fields: reader.fields, warnings: reader.warnings, rows: reader.rows, batches };
  } finally {
    await reader.close();
  }
}

/** The codes of each batch and the texts that they are of, told by digests: profiles depend on the order of the texts. */
async function codesOf(path: string, passing: boolean): Promise<readonly string[]> {
  const reader = await openTable(path);
  const found: string[] = [];
  try {
    for await (const { columns } of reader.batches(undefined, { passing })) {
      for (const column of columns) {
        if (column.kind !== 'category') throw new Error('no texts');
        const digest = createHash('md5').update(column.codes.slice(0, column.length));
        found.push(digest.update(column.dictionary.join('|')).digest('hex'));
      }
    }
  } finally {
    await reader.close();
  }
  return found;
}

const isReadHere = (path: string): boolean => openPages(path, { limits: DEFAULT_LIMITS }) !== null;

describe('pages that are read without DuckDB', () => {
  it.each(['uncompressed', 'snappy', 'gzip', 'zstd'])(
    'hold what DuckDB reads, batch by batch, in %s',
    async (codec) => {
      // Brotli is left to DuckDB, with the same rows in the same groups.
      const [ours, theirs] = [await written(`COMPRESSION ${codec}`), await written('COMPRESSION brotli')];
      expect([isReadHere(ours), isReadHere(theirs)]).toEqual([true, false]);
      const found = await read(ours);
      expect(found).toEqual(await read(theirs));
      expect(await read(ours, true)).toEqual(found);
    },
  );

  it.each([
    ['are more than are carried along', `'row-' || i as id, 'value ' || (hash(i) % 30000) as v`, 120_000],
    ['have holes and are not ASCII', `case when i % 3 > 0 then 'größe ' || i end as id`, 80_000],
    ['are few at first and many then', `'v' || (case when i < 60000 then i % 9 else i end) as v`, 110_000],
    ['take more room than there is', `case when i < 40000 then 'a' || i else repeat('x', 200) || i end as v`, 90_000],
    ['are longer than is looked up apart', `repeat('y', cast(4000 + i % 200 as integer)) || (i % 40) as v`, 3_000],
  ])('have the same codes of the same texts by the kernels and without where these %s', async (_, select, rows) => {
    const file = await written('COMPRESSION zstd, ROW_GROUP_SIZE 50000', rows, select);
    expect(isReadHere(file)).toBe(true);
    const [found, passing] = [await codesOf(file, false), await codesOf(file, true)];
    expect(found.length).toBeGreaterThan(0);
    expect(passing).toEqual(found);
  });

  it('go on over row groups that end within a piece, and over batches', async () => {
    const file = (codec: string) =>
      written(`COMPRESSION ${codec}, ROW_GROUP_SIZE 10000`, 47_111, `i, 'row-' || i as id, ${COLUMNS[0]![1]} as x`);
    const [ours, theirs] = [await file('zstd'), await file('brotli')];
    const groups = readFooter(ours)?.groups.map(({ rows }) => rows) ?? [];
    expect(groups.length).toBeGreaterThan(3);
    const found = await read(ours);
    expect(found.batches.length).toBeGreaterThan(1);
    expect(found).toEqual(await read(theirs));
  });

  it('are left to DuckDB where a column is none of those that are read', async () => {
    const others = [
      `cast(i as ubigint) as x`,
      `time '12:00:00' as x`,
      `[i, i + 1] as x`,
      `cast(i as decimal(9, 2)) as x`,
      `{'a': i} as x`,
    ];
    for (const other of others) expect(isReadHere(await written('COMPRESSION zstd', 10, `i, ${other}`))).toBe(false);
    expect(isReadHere(await written('COMPRESSION zstd', 10, 'i'))).toBe(true);
  });

  it('are read as asked: some columns, in another order', async () => {
    const reader = await openTable(await written('COMPRESSION zstd', 3_000));
    const names: string[][] = [];
    for await (const { columns } of reader.batches(['id', 'whole'])) names.push(columns.map(({ type }) => type));
    await reader.close();
    expect(names).toEqual([['text', 'int64']]);
  });
});
