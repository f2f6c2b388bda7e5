import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import type { App } from '../../src/http/route.ts';
import { databaseFailure } from '../../src/store/postgres/db.ts';
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
