import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { md5 } from '../support/bytes.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { manifestOf } from '../support/storage.ts';
import { type Barrier, type Halt, openBarrier } from './halts.ts';
import { heldLinks } from './held-links.ts';
import { makeFolder, type RunningService, removeFolder, startService, until } from './service.ts';

/** A push whose service is killed at each of its steps, from the first byte to the statistics of the version. */
let database: TestDatabase;
let sql: postgres.Sql;
let barrier: Barrier;
let data: string;
let service: RunningService;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = postgres(database.url, { max: 1, onnotice: () => {}, connection: { application_name: 'halts' } });
  barrier = openBarrier(database.url);
  data = makeFolder('push-killed');
  service = await start();
});
afterAll(async () => {
  await service.end();
  await Promise.all([sql.end(), barrier.end()]);
  await database.drop();
  removeFolder(data);
});

const links = () => heldLinks(join(data, 'hold-links'));
const start = () => startService({ data, env: { DATABASE_URL: database.url, ...links().env } });
const put = (oid: string, body: string) => fetch(`${service.url}/v1/objects/${oid}`, { method: 'PUT', body });
const get = (path: string) => fetch(`${service.url}${path}`);
const commit = (body: object) =>
  fetch(`${service.url}/v1/datasets/killed/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const rowsOf = async (oid: string) => (await sql`select 1 from objects where oid = ${oid}`).length;
const stored = (oid: string) => existsSync(join(data, 'remote', 'files', 'md5', oid.slice(0, 2), oid.slice(2)));
const temporary = () => {
  const folder = join(data, 'remote', 'tmp');
  return existsSync(folder) ? readdirSync(folder) : [];
};

/** Another service may use the remote as well, so what was begun is left alone until nobody can be at it. */
async function sweepRemains(): Promise<void> {
  const twoDaysAgo = Date.now() / 1000 - 2 * 86_400;
  for (const name of temporary()) utimesSync(join(data, 'remote', 'tmp', name), twoDaysAgo, twoDaysAgo);
  await sql`insert into jobs (name, key, payload, run_at)
    values ('sweep-storage', 'test', '{}', now() - interval '1 second')`;
  await until('the remains to be swept', async () => (temporary().length === 0 ? true : null));
}

async function killAndStart(): Promise<void> {
  await service.end('SIGKILL');
  await barrier.bury();
  service = await start();
}

/** Kills the service where `ask` has brought it to the halt; `ask` never gets an answer. */
async function killAt(halt: Halt, ask: () => Promise<unknown>): Promise<void> {
  await halt.set();
  const asked = ask().then(
    () => 'answered',
    () => 'broken off',
  );
  await halt.reached();
  await service.end('SIGKILL');
  expect(await asked).toBe('broken off');
  // First: what waits at the halt holds what clearing it needs.
  await barrier.bury();
  await halt.clear();
  service = await start();
}

describe('an object whose service is killed', () => {
  test('in the middle of its bytes is not there, can be sent again, and its remains are swept', async () => {
    const [first, second] = ['x'.repeat(600_000), 'y'.repeat(600_000)];
    const oid = md5(first + second);
    const sending = request(`${service.url}/v1/objects/${oid}`, {
      method: 'PUT',
      headers: { 'content-length': first.length + second.length },
    });
    const broken = new Promise((resolve) => sending.once('error', resolve));
    sending.write(first);
    await until('the first bytes', async () => (temporary().length > 0 ? true : null));
    await killAndStart();
    await broken;
    expect([(await get(`/v1/objects/${oid}`)).status, await rowsOf(oid), stored(oid)]).toEqual([404, 0, false]);
    expect((await put(oid, first + second)).status).toBe(201);
    await sweepRemains();
  });

  test('once its bytes are proved and before they have their name is not there, and can be sent again', async () => {
    const oid = md5('proved and unnamed');
    await killAt(links().halt, () => put(oid, 'proved and unnamed'));
    expect([(await get(`/v1/objects/${oid}`)).status, await rowsOf(oid), stored(oid)]).toEqual([404, 0, false]);
    expect(temporary()).toHaveLength(1);
    expect((await put(oid, 'proved and unnamed')).status).toBe(201);
    expect(await (await get(`/v1/objects/${oid}`)).text()).toBe('proved and unnamed');
    await sweepRemains();
  });

  test('once it has its name and before its row is committed is adopted when it comes again', async () => {
    const oid = md5('adopted');
    const halt = barrier.halt('its row is written', {
      table: 'objects',
      on: 'insert',
      when: `new.oid = '${oid}'`,
      at: 'commit',
    });
    await killAt(halt, () => put(oid, 'adopted'));
    expect([stored(oid), await rowsOf(oid), (await get(`/v1/objects/${oid}`)).status]).toEqual([true, 0, 404]);
    expect([200, 201]).toContain((await put(oid, 'adopted')).status);
    expect([await rowsOf(oid), await (await get(`/v1/objects/${oid}`)).text()]).toEqual([1, 'adopted']);
  });

  test('before it answers is held once, and the repetition says so', async () => {
    const oid = md5('unanswered');
    void put(oid, 'unanswered').catch(() => {});
    await until('its row', async () => ((await rowsOf(oid)) === 1 ? true : null));
    await killAndStart();
    expect([(await put(oid, 'unanswered')).status, await rowsOf(oid)]).toEqual([200, 1]);
  });
});

describe('a version whose service is killed', () => {
  const files = { 'a.csv': 'a,b\n1,2\n3,4\n', 'b.csv': 'a,b\n5,6\n' };
  const list = Object.entries(files).map(([path, text]) => ({ path, md5: md5(text) }));
  const dir = `${md5(manifestOf(files))}.dir`;
  const refs = async () => {
    const answer = await get('/v1/datasets/killed/versions');
    return answer.ok ? ((await answer.json()) as { items: { ref: string }[] }).items.map(({ ref }) => ref) : [];
  };
  beforeEach(async () => {
    for (const text of Object.values(files)) await put(md5(text), text);
  });

  test('once its manifest is stored is none; the repetition makes exactly one', async () => {
    await killAt(
      barrier.halt('the version is written', { table: 'versions', on: 'insert', when: 'true', at: 'commit' }),
      () => commit({ files: list }),
    );
    expect([stored(dir), await refs()]).toEqual([true, []]);
    expect([(await commit({ files: list })).status, (await commit({ files: list })).status]).toEqual([201, 200]);
    expect(await refs()).toEqual(['v1']);
  });

  test('before its statistics were begun has them later', async () => {
    const halt = barrier.reading('its files are looked at', { job: 'profile-version', table: 'file_profiles' });
    await halt.set();
    const text = 'a,b\n7,8\n';
    const sent = await fetch(`${service.url}/v1/datasets/killed/versions?path=c.csv`, { method: 'POST', body: text });
    expect(sent.status).toBe(201);
    await halt.reached();
    await service.end('SIGKILL');
    await barrier.bury();
    await halt.clear();
    service = await start();
    expect(await (await get('/v1/datasets/killed/versions/v2/files/c.csv')).text()).toBe(text);
    const profile = await until('the statistics', async () => {
      const found = (await (await get('/v1/datasets/killed/versions/v2/profile')).json()) as { state: string };
      return found.state === 'pending' ? null : found;
    });
    expect(profile).toMatchObject({ state: 'ready', profile: { rows: 1 } });
  });
});
