import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import type { App } from '../../src/http/route.ts';
import { createLog } from '../../src/log.ts';
import { databaseFailure } from '../../src/store/postgres/db.ts';
import { JOB_HANDLERS } from '../../workers/jobs.ts';
import { startWorkerLoop } from '../../workers/loop.ts';
import { createTestContext, type TestContext } from '../support/context.ts';

let ctx: TestContext;
let app: App;
beforeAll(async () => {
  // Nothing listens there.
  ctx = await createTestContext('postgres://nobody@127.0.0.1:1/nothing');
  app = createApp(ctx);
});
afterAll(() => ctx.close());

const record = '{"prediction_id":"x","timestamp":"2026-03-01T10:00:00Z","prediction":1}\n';

test.each([
  ['GET', '/v1/models', undefined],
  ['GET', '/v1/models/m/predictions', undefined],
  ['POST', '/v1/models/m/predictions', record],
])('%s %s asks to come again while the database is away', async (method, path, body) => {
  const headers = { 'content-type': 'application/x-ndjson' };
  const answer = await app.request(path, { method, headers, ...(body === undefined ? {} : { body }) });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await answer.json()).toMatchObject({ type: 'https://tidemark.dev/problems/database-unavailable' });
});

test('the service says that it lives, and that it is not ready', async () => {
  expect((await app.request('/livez')).status).toBe(200);
  const ready = await app.request('/readyz');
  expect(ready.status).toBe(503);
  expect(await ready.text()).toContain('database');
});

test('a page says so too', async () => {
  const answer = await app.request('/p/default');
  expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
  expect(answer.headers.get('retry-after')).toBe('1');
});

test('a fault of ours is none of the database', () => {
  expect(databaseFailure(new TypeError('x is not a function'))).toBeNull();
  expect(databaseFailure(Object.assign(new Error('gone'), { code: 'ENOENT' }))).toBeNull();
});

/** What a context's log takes, and who is told of every line. */
function listening(heard: () => void = () => {}) {
  const lines: string[] = [];
  const write = (line: string) => {
    lines.push(line);
    heard();
  };
  return { lines, ctx: { ...ctx, log: createLog('info', { write }) } };
}

test.each(['/v1/models', '/p/default'])(
  'the log tells it in a line, without the statement that met it: %s',
  async (path) => {
    const { lines, ctx: logged } = listening();
    await createApp(logged).request(path);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 40, code: 'database-unavailable', why: expect.stringContaining('ECONNREFUSED') },
    ]);
    expect(lines.join()).not.toMatch(/select|stack/);
  },
);

test('runners tell it once between them', async () => {
  const told = Promise.withResolvers<void>();
  const { lines, ctx: logged } = listening(() => told.resolve());
  const loop = await startWorkerLoop(logged, JOB_HANDLERS, { concurrency: 4 });
  await told.promise;
  await loop.stop(60_000);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 40, msg: 'the database is away, and jobs wait for it' },
  ]);
});
