import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { md5 } from '../support/bytes.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { manifestOf } from '../support/storage.ts';
import { type Api, createApi } from './api.ts';
import { makeFolder, type RunningService, removeFolder, startService, until } from './service.ts';

/** A collection whose process is killed again and again, beside pushes of what it is deleting. */
type Run = { readonly id: string; readonly state: string; readonly progress: Readonly<Record<string, number>> };

let database: TestDatabase;
let sql: postgres.Sql;
let remote: string;
let service: RunningService;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = postgres(database.url, { max: 1, onnotice: () => {} });
  remote = makeFolder('collected');
});
afterAll(async () => {
  await service.end();
  await sql.end();
  await database.drop();
  removeFolder(service.data);
  removeFolder(remote);
});

const start = async (): Promise<Api> => {
  service = await startService({ env: { DATABASE_URL: database.url, TIDEMARK_REMOTE: remote } });
  return createApi(service.url);
};

/** Lets days go by, and the lease of the process that was killed run out. */
async function wait(): Promise<void> {
  await sql`update objects set received_at = received_at - interval '30 days'`;
  await sql`update versions set trashed_at = trashed_at - interval '30 days' where trashed_at is not null`;
  await sql`update object_tombstones set trashed_at = trashed_at - interval '30 days'`;
  await sql`update jobs set lease_until = now() - interval '1 second', run_at = now() - interval '1 second' where state in ('active', 'waiting')`;
}

const stored = (): string[] =>
  readdirSync(`${remote}/files/md5`).flatMap((two) =>
    readdirSync(`${remote}/files/md5/${two}`).map((rest) => two + rest),
  );

test('killed eight times, it deletes what nothing needs, and nothing else', async () => {
  const folders = Array.from({ length: 12 }, (_, i) =>
    Object.fromEntries([
      ...Array.from({ length: 12 }, (_unused, k) => [`own-${k}.txt`, `version ${i} file ${k}`] as const),
      ['shared.txt', 'in every version'],
    ]),
  );
  let api = await start();
  const oids: string[] = [];
  for (const files of folders) {
    for (const text of Object.values(files)) {
      expect((await fetch(`${service.url}/v1/objects/${md5(text)}`, { method: 'PUT', body: text })).ok).toBe(true);
    }
    const list = Object.entries(files).map(([path, text]) => ({ path, md5: md5(text) }));
    oids.push((await api.post<{ oid: string }>('/v1/datasets/d/versions', { files: list })).oid);
  }
  const back = 'version 0 file 3';
  for (const milliseconds of [5, 20, 40, 60, 80, 120, 200, 350]) {
    await wait();
    await api.post('/v1/gc', { keep: { last: 3 } });
    await pause(milliseconds);
    await service.end('SIGKILL');
    api = await start();
    // Somebody pushes again what is being deleted: either it is held then, or the push says so.
    const sent = await fetch(`${service.url}/v1/objects/${md5(back)}`, { method: 'PUT', body: back });
    expect([200, 201, 503]).toContain(sent.status);
    if (sent.ok) expect(await (await fetch(`${service.url}/v1/objects/${md5(back)}`)).text()).toBe(back);
  }
  for (let round = 0; round < 5; round++) {
    await wait();
    const begun = await api.post<Run>('/v1/gc', { keep: { last: 3 } });
    await until('the collection to end', async () =>
      (await api.get<Run>(`/v1/remote/runs/${begun.id}`)).state === 'done' ? true : null,
    );
  }
  const kept = folders.slice(-3);
  const needed = [...kept.flatMap((files) => Object.values(files).map((text) => md5(text))), ...oids.slice(-3)];
  expect(stored().sort()).toEqual([...new Set(needed)].sort());
  expect(kept.map((files) => `${md5(manifestOf(files))}.dir`)).toEqual(oids.slice(-3));
  for (const [i, files] of kept.entries()) {
    const answer = await fetch(`${service.url}/v1/datasets/d/versions/v${10 + i}/archive`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.byteLength).toBe(Number(answer.headers.get('content-length')));
    for (const text of Object.values(files)) expect(bytes.includes(text), text).toBe(true);
  }
  const check = await api.post<Run>('/v1/remote/check', {});
  const done = await until('the check to end', async () => {
    const run = await api.get<Run>(`/v1/remote/runs/${check.id}`);
    return run.state === 'done' ? run : null;
  });
  expect(await api.get(`/v1/remote/runs/${done.id}/findings`)).toEqual({ items: [], next: null });
});
