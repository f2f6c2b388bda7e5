import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let ctx: TestContext;
let admin = '';
let reader = '';

async function call(method: string, path: string, given: { key?: string; body?: unknown } = {}) {
  const headers = {
    'content-type': 'application/json',
    ...(given.key === undefined ? {} : { authorization: `Bearer ${given.key}` }),
  };
  const init: RequestInit = { method, headers };
  if (given.body !== undefined) init.body = JSON.stringify(given.body);
  const response = await createApp(ctx).request(path, init);
  return { status: response.status, body: await response.json() };
}

const problem = (code: string) => ({ type: `https://tidemark.dev/problems/${code}` });

beforeAll(async () => {
  database = await createTestDatabase();
  ctx = await createTestContext(database.url);
  const made = await call('POST', '/v1/keys', { body: { name: 'all', scopes: ['admin'] } });
  admin = (made.body as { key: string }).key;
  const scopes = ['retraining:read', 'webhooks:read', 'monitors:read'];
  const other = await call('POST', '/v1/keys', { key: admin, body: { name: 'reader', scopes } });
  reader = (other.body as { key: string }).key;
});
afterAll(async () => {
  await ctx.close();
  await database.drop();
});

describe('with keys in force', () => {
  it.each([
    ['GET', '/v1/runs'],
    ['GET', '/v1/policies'],
    ['GET', '/v1/alerts'],
    ['GET', '/v1/webhooks'],
    ['POST', '/v1/runs/run_1/promote'],
    ['GET', '/v1/runs/run_1/events'],
  ])('%s %s wants a key', async (method, path) => {
    expect(await call(method, path)).toMatchObject({ status: 401, body: problem('unauthenticated') });
  });

  it.each([
    ['/v1/runs', { policy: 'p' }],
    ['/v1/policies', { name: 'p', model: 'm', monitor: 'o' }],
    ['/v1/runs/run_1/promote', {}],
    ['/v1/alerts/al_1/acknowledge', {}],
    ['/v1/alerts/al_1/resolve', { reason: 'r' }],
    ['/v1/webhooks', { url: 'https://example.com/' }],
    ['/v1/webhooks/ep_1/test', undefined],
    ['/v1/messages/msg_1/redeliver', undefined],
  ])('POST %s wants the scope to write', async (path, body) => {
    expect(await call('POST', path, { key: reader, body })).toMatchObject({ status: 403, body: problem('forbidden') });
  });

  it('lets whoever may read read', async () => {
    for (const path of ['/v1/runs', '/v1/policies', '/v1/alerts', '/v1/webhooks']) {
      expect(await call('GET', path, { key: reader })).toMatchObject({ status: 200, body: { items: [] } });
    }
  });

  it("asks for a run's token where a pipeline reports, and takes no key instead", async () => {
    const report = { state: 'accepted' };
    const refused = { status: 401, body: { ...problem('unauthenticated'), detail: expect.stringMatching(/token/) } };
    expect(await call('POST', '/v1/runs/run_1/events', { body: report })).toMatchObject(refused);
    expect(await call('POST', '/v1/runs/run_1/events', { key: admin, body: report })).toMatchObject(refused);
    expect(await call('POST', '/v1/runs/run_1/events', { body: { ...report, token: 'tmr_x' } })).toMatchObject(refused);
  });
});
