import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../../src/domain/access/actor.ts';
import { derive as deriveVersion } from '../../../src/domain/derivation/derive.ts';
import { openTable } from '../../../src/formats/table-reader.ts';
import { tableValues, type Value } from '../../formats/fixtures.ts';
import { type DatasetService, md5Of, startDatasetService } from '../../support/datasets.ts';

let service: DatasetService;
let folder: string;
beforeAll(async () => {
  service = await startDatasetService();
  folder = await mkdtemp(join(tmpdir(), 'tidemark-derive-'));
});
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

const problem = (code: string) => expect.objectContaining({ type: `https://tidemark.dev/problems/${code}` });
const push = async (dataset: string, path: string, bytes: string | Uint8Array): Promise<string> => {
  const answer = await service.send('POST', `/v1/datasets/${dataset}/versions?path=${path}`, bytes);
  if (answer.status >= 300) throw new Error(answer.text);
  return String(answer.body.ref);
};
const derive = (dataset: string, body: object, headers = {}) =>
  service.send('POST', `/v1/datasets/${dataset}/versions/derive`, body, headers);
const made = async (dataset: string, body: object): Promise<Record<string, unknown>> => {
  const answer = await derive(dataset, body);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
};
/** The bytes of a version that is one file. */
const bytesOf = async ({ oid }: Record<string, unknown>): Promise<Buffer> => {
  const chunks = [];
  for await (const chunk of await service.ctx.remote.read(String(oid))) chunks.push(chunk);
  return Buffer.concat(chunks);
};
/** A version's table, read again. */
const tableOf = async (
  version: Record<string, unknown>,
): Promise<{ types: Record<string, string>; rows: Value[][] }> => {
  const file = join(folder, String(version.oid));
  await writeFile(file, await bytesOf(version));
  const reader = await openTable(file, { name: String(version.path) });
  const values = await tableValues(reader);
  await reader.close();
  const columns = [...values.values()];
  return {
    types: Object.fromEntries(reader.fields.map(({ name, type }) => [name, type])),
    rows: (columns[0] ?? []).map((_, i) => columns.map((column) => column[i]!)),
  };
};
/** A Parquet file that DuckDB makes of a query, and what it says of one. */
const duckdb = async (sql: string): Promise<unknown[][]> => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
};
const parquet = async (name: string, query: string): Promise<Buffer> => {
  const file = join(folder, name);
  await duckdb(`COPY (${query}) TO '${file}' (FORMAT parquet)`);
  return readFile(file);
};

const CSV = `id,zip,age,at,big\n${Array.from({ length: 1000 }, (_, i) =>
  [
    i,
    String(i * 7).padStart(5, '0'),
    i % 11 === 0 ? '' : (i % 90) + 0.5,
    `2026-01-0${1 + (i % 9)}T10:00:00Z`,
    9007199254740993n + BigInt(i),
  ].join(','),
).join('\n')}\n`;
const EXPECTED: Value[][] = Array.from({ length: 1000 }, (_, i) => [
  i,
  String(i * 7).padStart(5, '0'),
  i % 11 === 0 ? null : (i % 90) + 0.5,
  Date.UTC(2026, 0, 1 + (i % 9), 10),
  9007199254740993n + BigInt(i),
]);

describe('rows of a table', () => {
  beforeAll(async () => {
    await push('people', 'people.csv', CSV);
  });

  it('are filtered and cut to columns, their types kept, and the recipe is in the provenance', async () => {
    const where = "age > 30 and zip < '03000'";
    const version = await made('adults', {
      sources: ['people@v1'],
      rows: { where, columns: ['zip', 'big', 'at'] },
      labels: { use: 'training' },
    });
    const { types, rows } = await tableOf(version);
    expect(types).toEqual({ zip: 'text', big: 'int64', at: 'timestamp' });
    const expected = EXPECTED.filter((row) => row[2] !== null && Number(row[2]) > 30 && String(row[1]) < '03000');
    expect(rows).toEqual(expected.map((row) => [row[1], row[4], row[3]]));
    const source = await service.send('GET', '/v1/datasets/people/versions/v1');
    expect(version).toMatchObject({
      path: 'people.parquet',
      message: `${expected.length} of 1000 rows of people@v1`,
      labels: { use: 'training' },
      parents: [{ dataset: 'people', ref: 'v1' }],
      provenance: {
        kind: 'derived',
        rows: expected.length,
        recipe: {
          sources: [{ dataset: 'people', version: 1, oid: source.body.oid }],
          rows: { where, columns: ['zip', 'big', 'at'] },
        },
      },
    });
  });

  it('are the same version when the recipe comes again, byte for byte from scratch', async () => {
    const recipe = { sources: ['v1'], rows: { where: 'id >= 10', sample: { rows: 50, seed: 3 } } };
    const first = await made('people', recipe);
    const again = await derive('people', recipe);
    expect([again.status, again.body.ref, again.body.created]).toEqual([200, first.ref, false]);
    const elsewhere = await made('elsewhere', { ...recipe, sources: ['people@v1'] });
    expect(elsewhere.oid).toBe(first.oid);
    expect((await made('elsewhere', { sources: ['people@v1'], rows: { sample: { rows: 50, seed: 4 } } })).oid).not.toBe(
      first.oid,
    );
    const { rows } = await tableOf(first);
    expect(rows).toHaveLength(50);
    const ids = rows.map(([id]) => Number(id));
    expect(ids.every((id, i) => id >= 10 && (i === 0 || id > ids[i - 1]!))).toBe(true);
  });

  it('are split into parts that share no row and are all rows together', async () => {
    const parts = [];
    for (const part of ['train', 'test'] as const) {
      const version = await made('parts', {
        sources: ['people@v1'],
        rows: { split: { part, share: 0.8, seed: 1 } },
        path: `${part}.parquet`,
      });
      parts.push((await tableOf(version)).rows.map(([id]) => Number(id)));
    }
    expect(parts.map((ids) => ids.length)).toEqual([800, 200]);
    expect(parts.flat().sort((a, b) => a - b)).toEqual(EXPECTED.map(([id]) => id));
    const groups: Value[][] = [];
    for (const part of ['train', 'test'] as const) {
      const version = await made('grouped', {
        sources: ['people@v1'],
        rows: { split: { part, share: 0.5, seed: 1, by: 'at' } },
        path: `${part}.parquet`,
      });
      groups.push((await tableOf(version)).rows.map((row) => row[3] ?? null));
    }
    expect(groups.flat()).toHaveLength(1000);
    expect(groups[0]!.some((at) => groups[1]!.includes(at))).toBe(false);
  });

  it('of several versions stand one after the other when their tables are the same', async () => {
    await push('months', 'm.csv', 'id,x\n1,a\n2,b\n');
    await push('months', 'm.csv', 'id,x\n3,c\n');
    const version = await made('months', { sources: ['v2', 'v1'], rows: {} });
    expect((await tableOf(version)).rows).toEqual([
      [3, 'c'],
      [1, 'a'],
      [2, 'b'],
    ]);
    await push('months', 'm.csv', 'id,x\n4,5\n');
    const differs = await derive('months', { sources: ['v1', 'v4'], rows: {} });
    expect(differs.body).toEqual(problem('conflict'));
    expect(differs.body.detail).toContain('the column "x" is text in the first and int64 in the other');
    await push('months', 'm.csv', 'id,x,y\n4,d,5\n');
    expect((await derive('months', { sources: ['v1', 'v5'], rows: {} })).body.detail).toContain(
      '"y" is absent in the first',
    );
  });

  it('of several versions have the types that hold the numbers and dates of all of them', async () => {
    await push('wider', 'm.csv', 'id,x,day,only\n1,4,2026-01-02,a\n2,-5,2026-01-03,b\n');
    await push('wider', 'm.csv', 'day,x,id\n2026-01-04T12:00:00Z,0.5,3\n,,4\n');
    const differs = await derive('wider', { sources: ['v1', 'v2'], rows: {} });
    expect(differs.body.detail).toContain('"only" is text in the first and absent in the other. Name the columns');
    const columns = ['id', 'x', 'day'];
    const rows = [
      [1, 4],
      [2, -5],
      [3, 0.5],
      [4, null],
    ];
    const both = await tableOf(await made('wider', { sources: ['v1', 'v2'], rows: { columns } }));
    expect(both.types).toMatchObject({ id: 'int64', x: 'float64', day: 'timestamp' });
    expect(both.rows.map(([id, x]) => [id, x])).toEqual(rows);
    const some = await tableOf(await made('wider', { sources: ['v2', 'v1'], rows: { columns, where: 'x >= 0.5' } }));
    expect(some.rows.map(([id, x]) => [id, x])).toEqual([
      [3, 0.5],
      [1, 4],
    ]);
  });

  it.each(['csv', 'parquet'] as const)('have what the names of folders say: %s', async (format) => {
    const part = async (from: number): Promise<string> => {
      const text = `x,y\n${from},a\n${from + 1},b\n`;
      const query = `SELECT * FROM (VALUES (${from}::BIGINT, 'a'), (${from + 1}, 'b')) t (x, y)`;
      return service.hold(format === 'csv' ? text : await parquet(`part-${from}.parquet`, query));
    };
    const files = [
      { path: `year=2025/month=01/part.${format}`, md5: await part(1) },
      { path: `year=2026/month=__HIVE_DEFAULT_PARTITION__/part.${format}`, md5: await part(3) },
    ];
    const dataset = `keyed-${format}`;
    await service.send('POST', `/v1/datasets/${dataset}/versions`, { files });
    const rowsOf = async (rows: object) => tableOf(await made(`${dataset}-rows`, { sources: [`${dataset}@v1`], rows }));
    expect(await rowsOf({ where: 'x >= 2' })).toEqual({
      types: { x: 'int64', y: 'text', year: 'int64', month: 'text' },
      rows: [
        ...[
          [2, 'b', 2025, '01'],
          [3, 'a', 2026, null],
        ],
        [4, 'b', 2026, null],
      ],
    });
    expect(await rowsOf({ where: 'year = 2025', columns: ['month', 'x'] })).toEqual({
      types: { month: 'text', x: 'int64' },
      rows: [
        ['01', 1],
        ['01', 2],
      ],
    });
  });

  it('are read as the dataset says that numbers are written', async () => {
    await push('decimals', 'x.csv', 'id;preis\n1;1.829,02\n2;3,5\n');
    await service.send('PATCH', '/v1/datasets/decimals', { reading: { decimal: ',', thousands: '.' } });
    const rows = { where: 'preis > 1000' };
    expect(await tableOf(await made('decimals-large', { sources: ['decimals@v1'], rows }))).toEqual({
      types: { id: 'int64', preis: 'float64' },
      rows: [[1, 1829.02]],
    });
  });

  it('are read as the dataset says that dates are written', async () => {
    await push('dates', 'x.csv', 'id,born\n1,31/12/2024\n2,01/02/2024\n');
    await service.send('PATCH', '/v1/datasets/dates', { reading: { dates: 'day-first' } });
    const rows = { where: "born >= '2024-03-01'" };
    expect(await tableOf(await made('dates-late', { sources: ['dates@v1'], rows }))).toEqual({
      types: { id: 'int64', born: 'date' },
      rows: [[1, Date.UTC(2024, 11, 31)]],
    });
  });

  it('may be none', async () => {
    const version = await made('none', { sources: ['people@v1'], rows: { where: 'id < 0' } });
    expect(await tableOf(version)).toMatchObject({ types: { id: 'int64', zip: 'text' }, rows: [] });
  });

  it.each([
    [{ sources: ['people@v1'], rows: { where: 'nothing = 1' } }, 422, 'there is no column "nothing"'],
    [{ sources: ['people@v1'], rows: { where: 'id >' } }, 422, 'at character 5'],
    [{ sources: ['people@v1'], rows: { columns: ['id', 'none'] } }, 422, 'The table has no column "none"'],
    [{ sources: ['people@v1'], rows: { columns: ['id', 'id'] } }, 422, 'must name each column once'],
    [
      { sources: ['people@v1'], rows: { split: { part: 'train', share: 0.5, seed: 1, by: 'none' } } },
      422,
      'no column "none" to split by',
    ],
    [{ sources: ['people@v1'], rows: { sample: { seed: 1 } } }, 422, 'needs one of "rows" and "share"'],
    [{ sources: ['people@v1'], rows: { sample: { rows: 1, seed: -1 } } }, 422, '/rows/sample/seed'],
    [{ sources: ['people@v1', 'people@v1'], rows: {} }, 422, 'stands twice'],
    [{ sources: ['people@v9'], rows: {} }, 404, 'v9'],
    [{ sources: [], rows: {} }, 422, '/sources'],
    [{ sources: ['people@v1'] }, 422, 'needs one of "files" and "rows"'],
    [{ sources: ['people@v1'], rows: {}, path: '../x' }, 400, 'path'],
    [{ sources: ['blob@v1'], rows: {} }, 409, 'blob@v1 holds no table'],
    [{ sources: ['people@v1', 'blob@v1'], rows: {} }, 409, 'blob@v1 holds no table'],
  ])('are refused with what is wrong: %j', async (body, status, says) => {
    await push('blob', 'x.bin', 'no table').catch(() => undefined);
    const answer = await derive('refused', body);
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining(says)]);
    expect((await service.send('GET', '/v1/datasets/refused')).status).toBe(404);
    expect(await readdir(join(service.ctx.config.data, 'tmp'))).toEqual([]);
  });
});

describe('rows of Parquet', () => {
  const QUERY = `SELECT i::BIGINT AS id, (i / 100)::DECIMAL(18, 2) AS price, (i % 7)::UTINYINT AS small, '0' || i AS code,
    make_timestamp_ns(1700000000000000001 + i) AS at, [i, i + 1] AS list, CASE WHEN i % 3 = 0 THEN NULL ELSE i / 8.0 END AS x
    FROM range(5000) t(i)`;

  it('keep their exact types, whatever is taken of them', async () => {
    await push('exact', 'x.parquet', await parquet('x.parquet', QUERY));
    const version = await made('exact', {
      sources: ['v1'],
      rows: { where: "price >= 40 and code != '04500'", columns: ['at', 'price', 'list', 'small'] },
    });
    const file = join(folder, 'derived.parquet');
    await writeFile(file, await bytesOf(version));
    expect(await duckdb(`SELECT column_name, column_type FROM (DESCRIBE FROM '${file}')`)).toEqual([
      ['at', 'TIMESTAMP_NS'],
      ['price', 'DECIMAL(18,2)'],
      ['list', 'BIGINT[]'],
      ['small', 'UTINYINT'],
    ]);
    const expected = await duckdb(
      `SELECT "at", price, list, small FROM (${QUERY}) WHERE price >= 40 AND code <> '04500' ORDER BY id`,
    );
    expect(expected.length).toBe(999);
    expect(await duckdb(`FROM '${file}'`)).toEqual(expected);
    const again = await derive('exact', {
      sources: ['v1'],
      rows: { where: "price >= 40 and code != '04500'", columns: ['at', 'price', 'list', 'small'] },
    });
    expect(again.body).toMatchObject({ ref: version.ref, created: false });
  });

  it('of two files are one after the other, and differ when a type does', async () => {
    await push('two', 'x.parquet', await parquet('a.parquet', QUERY));
    await push('two', 'x.parquet', await parquet('b.parquet', `${QUERY} WHERE i >= 4990`));
    const both = await made('two', { sources: ['v1', 'v2'], rows: { where: 'id >= 4995' } });
    expect((await tableOf(both)).rows.map(([id]) => id)).toEqual([
      4995, 4996, 4997, 4998, 4999, 4995, 4996, 4997, 4998, 4999,
    ]);
    const all = await made('two', { sources: ['v1', 'v2'], rows: { columns: ['id'] } });
    expect((await tableOf(all)).rows).toHaveLength(5010);
    await push(
      'two',
      'x.parquet',
      await parquet('c.parquet', `SELECT * REPLACE (price::DECIMAL(18, 3) AS price) FROM (${QUERY})`),
    );
    const latest = (await service.send('GET', '/v1/datasets/two/versions/latest')).body.ref;
    const answer = await derive('two', { sources: ['v1', String(latest)], rows: {} });
    expect(answer.body).toEqual(problem('conflict'));
    expect(answer.body.detail).toContain('DECIMAL(18,2)');
  });

  it('of two files have the widest of their types of numbers, whatever is taken', async () => {
    const of = (types: string, from: number) =>
      `SELECT i::${types.split(' ')[0]} AS a, i::${types.split(' ')[1]} AS b, 't' || i AS c FROM range(${from}, ${from + 3}) t(i)`;
    await push('mixed', 'x.parquet', await parquet('whole.parquet', of('INTEGER BIGINT', 0)));
    await push('mixed', 'x.parquet', await parquet('real.parquet', of('BIGINT DOUBLE', 3)));
    await push('mixed', 'x.parquet', await parquet('unsigned.parquet', of('UBIGINT DOUBLE', 6)));
    for (const [rows, expected] of [
      [{}, [0, 1, 2, 3, 4, 5]],
      [{ where: 'b >= 2' }, [2, 3, 4, 5]],
    ] as const) {
      const table = await tableOf(await made('mixed', { sources: ['v1', 'v2'], rows }));
      expect(table.types).toMatchObject({ a: 'int64', b: 'float64', c: 'text' });
      expect(table.rows).toEqual(expected.map((i) => [i, i, `t${i}`]));
    }
    const refused = await derive('mixed', { sources: ['v1', 'v3'], rows: {} });
    expect(refused.body.detail).toContain('the column a is INTEGER in the first and UBIGINT in the other');
    const shared = await made('mixed', { sources: ['v3', 'v1'], rows: { columns: ['c'] } });
    expect((await tableOf(shared)).rows).toHaveLength(6);
  });

  it('are taken by their places: every subset of rows is the one that was asked for', async () => {
    const wanted = { sources: ['exact@v1'], rows: { sample: { share: 0.5, seed: 9 }, columns: ['id'] } };
    const rows = (await tableOf(await made('places', wanted))).rows.map(([id]) => Number(id));
    const complement = (
      await tableOf(
        await made('places', { ...wanted, rows: { where: `id not in (${rows.join(',')})`, columns: ['id'] } }),
      )
    ).rows;
    expect([...rows, ...complement.map(([id]) => Number(id))].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 5000 }, (_, i) => i),
    );
  });
});

describe('a derivation that ends before its version is recorded', () => {
  it('leaves nothing behind, and is made by the next', async () => {
    const rows = await service.ctx.db.execute<{ id: number }>(sql`select id from projects where name = 'default'`);
    const actor: Actor = {
      projectId: rows[0]?.id ?? 0,
      project: 'default',
      author: 'test',
      scopes: new Set(['admin']),
    };
    // Fails in the transaction after the version's rows are written, as a database that dies there would.
    const failing = {
      ...service.ctx,
      publicUrl: () => {
        throw new Error('the end');
      },
    };
    const order = (kind: 'rows' | 'files') => ({
      dataset: 'ended',
      recipe: {
        sources: ['people@v1'],
        ...(kind === 'rows' ? { kind, rows: { columns: ['id'] } } : { kind, files: {} }),
      },
    });
    for (const kind of ['rows', 'files'] as const) {
      await expect(deriveVersion(failing, actor, order(kind))).rejects.toThrow('the end');
      expect((await service.send('GET', '/v1/datasets/ended')).status).toBe(404);
      expect(await readdir(join(service.ctx.config.data, 'tmp'))).toEqual([]);
    }
    expect(await deriveVersion(service.ctx, actor, order('rows'))).toMatchObject({ answer: { created: true } });
    expect(await deriveVersion(service.ctx, actor, order('rows'))).toMatchObject({ answer: { created: false } });
  });
});

describe('files of versions', () => {
  const filesOf = async (dataset: string, ref: string): Promise<Record<string, string>> => {
    const { body } = await service.send('GET', `/v1/datasets/${dataset}/versions/${ref}/files`);
    return Object.fromEntries((body.items as { path: string; md5: string }[]).map(({ path, md5 }) => [path, md5]));
  };
  beforeAll(async () => {
    for (const files of [
      { a: '1', 'sub/b': '2', 'sub/c': '3' },
      { a: 'other', d: '4' },
    ]) {
      const list = [];
      for (const [path, bytes] of Object.entries(files)) list.push({ path, md5: await service.hold(bytes) });
      await service.send('POST', '/v1/datasets/tree/versions', { files: list, path: 'data' });
    }
    await push('lone', 'lone.txt', 'lone');
  });

  it('are those of the source minus some, plus some, and no byte moves', async () => {
    const added = await service.hold('new');
    const puts = service.remote.objects.size;
    const version = await made('tree', {
      sources: ['v1'],
      files: { remove: ['sub/'], add: [{ path: 'n/ew', md5: added }] },
      tag: 'slim',
    });
    expect(version).toMatchObject({
      path: 'data',
      files: 2,
      tags: ['slim'],
      parents: [{ dataset: 'tree', ref: 'v1' }],
      provenance: {
        kind: 'derived',
        recipe: { files: { remove: ['sub/'] }, sources: [{ dataset: 'tree', version: 1 }] },
      },
    });
    expect(await filesOf('tree', 'slim')).toEqual({ a: md5Of('1'), 'n/ew': added });
    // The manifest itself is the only new object.
    expect(service.remote.objects.size).toBe(puts + 1);
    const again = await derive('tree', {
      sources: ['v1'],
      files: { remove: ['sub/c', 'sub/b'], add: [{ path: 'n/ew', md5: added }] },
    });
    expect([again.status, again.body.oid]).toEqual([200, version.oid]);
  });

  it('are the union of several, which must agree or be told who is right', async () => {
    const refused = await derive('union', { sources: ['tree@v1', 'tree@v2'], files: {} });
    expect(refused.body).toEqual(problem('conflict'));
    expect(refused.body.detail).toContain('tree@v2 has other bytes at "a"');
    for (const [conflict, bytes] of [
      ['first', '1'],
      ['last', 'other'],
    ] as const) {
      const version = await made('union', { sources: ['tree@v1', 'tree@v2', 'lone@v1'], files: { conflict } });
      expect(await filesOf('union', String(version.ref))).toEqual({
        a: md5Of(bytes),
        d: md5Of('4'),
        'lone.txt': md5Of('lone'),
        'sub/b': md5Of('2'),
        'sub/c': md5Of('3'),
      });
    }
  });

  it.each([
    [{ remove: ['none'] }, 422, 'No source has "none"'],
    [{ remove: ['a', 'sub/'] }, 422, 'Nothing would be left'],
    [{ add: [{ path: 'x', md5: 'f'.repeat(32) }] }, 409, ''],
    [{ add: [{ path: '../x', md5: md5Of('1') }] }, 400, ''],
  ])('are refused with what is wrong: %j', async (files, status, says) => {
    const answer = await derive('wrong', { sources: ['tree@v1'], files });
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining(says)]);
    expect((await service.send('GET', '/v1/datasets/wrong')).status).toBe(404);
  });

  it('are made once under one key', async () => {
    const body = { sources: ['tree@v1'], files: { remove: ['a'] } };
    const first = await derive('keyed', body, { 'idempotency-key': 'derive-1' });
    const again = await derive('keyed', body, { 'idempotency-key': 'derive-1' });
    expect([first.status, again.status, again.body.ref]).toEqual([201, 201, 'v1']);
  });
});
