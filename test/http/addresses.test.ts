import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { type HttpServer, listen } from '../../src/http/server.ts';
import { send } from '../e2e/raw-http.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let ctx: TestContext;
let server: HttpServer;

beforeAll(async () => {
  database = await createTestDatabase();
  ctx = await createTestContext(database.url);
  server = await listen(createApp(ctx), { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server.close(0);
  await ctx.close();
  await database.drop();
});

describe('an address as it was sent', () => {
  it.each(['/v1/models/../datasets', '/v1/models/./x', '/v1/models/%2e%2e/datasets', '/v1/models/.%2E', '/../livez'])(
    '%s is refused and leads nowhere else',
    async (path) => {
      const answer = await send(server.port, { method: 'GET', path });
      expect(answer).toMatchObject({ status: 400, json: { type: 'https://tidemark.dev/problems/bad-path' } });
    },
  );

  it.each(['/v1/models/..x', '/v1/models/...', '/v1/models/x..'])('%s is a name like any other', async (path) => {
    expect((await send(server.port, { method: 'GET', path })).status).toBe(404);
  });

  it.each([
    '/v1/models/%00/counts',
    '/v1/models/m/monitors/%00',
    '/v1/runs/%00',
    '/v1/alerts/a%00',
    '/v1/webhooks/%00',
    '/v1/messages/%00',
    '/v1/reports/%00',
    '/v1/policies/%00',
  ])('%s holds what no database takes', async (path) => {
    const answer = await send(server.port, { method: 'GET', path });
    expect(answer).toMatchObject({ status: 400, json: { detail: expect.stringContaining('U+0000') } });
  });
});

describe('a point in time', () => {
  it.each(['0000-01-01T00:00:00Z', '0001-01-01T00:00:00+14:00', '9999-12-31T23:59:59-14:00'])(
    '%s is refused as none that can be kept',
    async (through) => {
      const answer = await send(server.port, {
        ...{ method: 'POST', path: '/v1/models/m/watermark' },
        ...{ headers: { 'content-type': 'application/json' }, body: JSON.stringify({ through }) },
      });
      expect(answer).toMatchObject({ status: 422, json: { type: 'https://tidemark.dev/problems/invalid-body' } });
    },
  );
});
