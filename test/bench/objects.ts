import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { type Running, startService } from './child-process.ts';
import type { BenchOptions } from './main.ts';
import { median } from './measure.ts';
import type { BenchResult } from './report.ts';

/**
 * What a question and a commit cost while the project holds ever more: objects, files of folders and versions, which
 * are written straight into the tables. Their bytes are nowhere, and nothing here asks for them.
 */
export async function benchObjects({ folder, quick }: BenchOptions): Promise<BenchResult[]> {
  const scales = quick ? [1000, 10_000, 100_000] : [10_000, 100_000, 1_000_000];
  const service = await startService(folder, { TIDEMARK_KEY: '' });
  const sql = postgres(databaseOf(join(folder, 'service', 'postgres')), { max: 1, onnotice: () => {} });
  try {
    await send(service, '/v1/datasets/filled/versions?path=first.csv', 'a\n1\n');
    const taken = new Map<string, number[]>();
    let filled = 0;
    for (const scale of scales) {
      await fill(sql, filled, scale);
      filled = scale;
      for (const [name, milliseconds] of await measure(service, scale)) {
        taken.set(name, [...(taken.get(name) ?? []), milliseconds]);
      }
    }
    return [...taken].map(([name, times]) => result(name, scales, times));
  } finally {
    await sql.end();
    await service.end();
  }
}

/** The embedded database of a running service, by what it keeps in its folder. */
function databaseOf(directory: string): string {
  const password = readFileSync(join(directory, 'password'), 'utf8').trim();
  const port = readFileSync(join(directory, 'data', 'postmaster.pid'), 'utf8').split('\n')[3];
  return `postgres://tidemark:${password}@127.0.0.1:${port}/postgres`;
}

/** Objects number `from` to `to`: each hundred of them a folder, and each tenth folder a version. */
async function fill(sql: postgres.Sql, from: number, to: number): Promise<void> {
  await sql`
    insert into objects (project_id, oid, sha256, size)
    select 1, md5(i::text), md5(i::text) || md5('x' || i), 4096 from generate_series(${from + 1}::int, ${to}::int) i`;
  await sql`
    insert into objects (project_id, oid, sha256, size)
    select 1, md5('f' || i) || '.dir', md5('f' || i) || md5('y' || i), 7000
    from generate_series(${from / 100 + 1}::int, ${to / 100}::int) i`;
  await sql`
    insert into manifest_entries (project_id, oid, position, path, md5)
    select 1, md5('f' || ((i + 99) / 100)) || '.dir', i % 100, i || '.bin', md5(i::text)
    from generate_series(${from + 1}::int, ${to}::int) i`;
  await sql`
    insert into versions (project_id, dataset_id, number, oid, path, files, bytes, sha256_root, provenance)
    select 1, d.id, (select max(number) from versions where dataset_id = d.id) + row_number() over (),
      md5('f' || i * 10) || '.dir', 'data', 100, 409600, md5('r' || i), '{"kind": "push"}'
    from datasets d, generate_series(${from / 1000 + 1}::int, ${to / 1000}::int) i where d.name = 'filled'`;
  await sql`vacuum analyze`;
}

const nameOf = (i: number | string): string => createHash('md5').update(String(i)).digest('hex');

async function measure(service: Running, scale: number): Promise<[string, number][]> {
  const half = Array.from({ length: 500 }, (_, i) => 1 + Math.floor((i * scale) / 500));
  const objects = [...half.map((i) => nameOf(i)), ...half.map((i) => nameOf(`missing ${scale} ${i}`))].map((oid) => ({
    oid,
    size: 4096,
  }));
  const at = (oid: string) => `/dvc/default/filled/files/md5/${oid.slice(0, 2)}/${oid.slice(2)}`;
  const one = (i: number) => nameOf(1 + ((i * 7919) % scale));
  return [
    ['existence of 1,000', await timeOf(20, () => send(service, '/v1/objects/batch', JSON.stringify({ objects })))],
    ['dvc HEAD held', await timeOf(300, (i) => head(service, at(one(i)), 200))],
    ['dvc HEAD missing', await timeOf(300, (i) => head(service, at(nameOf(`missing ${scale} ${i}`)), 404))],
    [
      'dvc HEAD folder',
      await timeOf(100, (i) => head(service, `${at(nameOf(`f${10 * (1 + (i % (scale / 1000)))}`))}.dir`, 200)),
    ],
    [
      'commit of a file',
      await timeOf(60, (i) => send(service, `/v1/datasets/filled/versions?path=x${scale}-${i}.csv`, `a\n${i}\n`)),
    ],
    [
      'commit of a folder',
      await timeOf(60, (i) => {
        const files = [0, 1, 2].map((k) => ({ path: `${scale}/${k}.bin`, md5: one(3 * i + k) }));
        return send(service, '/v1/datasets/filled/versions', JSON.stringify({ files }));
      }),
    ],
  ];
}

/** Median milliseconds of one call; the first few are not counted. */
async function timeOf(count: number, call: (i: number) => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count + 5; i++) {
    const started = performance.now();
    await call(i);
    if (i >= 5) times.push(performance.now() - started);
  }
  return median(times);
}

async function send({ url }: Running, path: string, body: string): Promise<void> {
  const headers = body.startsWith('{') ? { 'content-type': 'application/json' } : {};
  const response = await fetch(url + path, { method: 'POST', body, headers });
  const text = await response.text();
  if (response.status >= 300) throw new Error(`${path}: ${response.status} ${text}`);
}

async function head({ url }: Running, path: string, status: number): Promise<void> {
  const response = await fetch(url + path, { method: 'HEAD' });
  await response.arrayBuffer();
  if (response.status !== status) throw new Error(`${path}: ${response.status}`);
}

function result(name: string, scales: readonly number[], times: readonly number[]): BenchResult {
  const figures = Object.fromEntries(scales.map((scale, i) => [`ms at ${scale}`, times[i] ?? Number.NaN]));
  return {
    name: `objects ${name}`,
    what: `with ${scales.at(-1)?.toLocaleString('en')} objects held / with ${scales[0]?.toLocaleString('en')}`,
    unit: '×',
    value: (times.at(-1) ?? Number.NaN) / (times[0] ?? Number.NaN),
    aim: { at: 'most', value: 1.5 },
    figures,
  };
}
