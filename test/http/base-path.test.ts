import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { basePathOf, withoutBase } from '../../src/http/base-path.ts';
import { type HttpServer, listen } from '../../src/http/server.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const ORIGIN = 'https://data.example';

let database: TestDatabase;
let ctx: TestContext;
let server: HttpServer;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = await createTestContext(database.url, { publicUrl: () => `${ORIGIN}/tidemark` });
  server = await listen(createApp(ctx), { host: '127.0.0.1', port: 0, basePath: '/tidemark' });
});
afterAll(async () => {
  await server.close(1000);
  await ctx.close();
  await database.drop();
});

const ask = (path: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${server.port}${path}`, { redirect: 'manual', ...init });

describe('a service below a path of its host', () => {
  it.each(['/p/default', '/tidemark/p/default'])(
    'is the same for a proxy that takes the path off, and one that leaves it: %s',
    async (path) => {
      const answer = await ask(path);
      const page = await answer.text();
      expect([answer.status, answer.headers.get('content-security-policy')]).toEqual([200, expect.any(String)]);
      const addresses = [...page.matchAll(/ (?:href|src|action)="([^"]*)"/g)].map(([, address = '']) => address);
      expect(addresses).toContain('/tidemark/assets/tidemark.css');
      expect(addresses).toContain('/tidemark/p/default/datasets');
      expect(addresses.filter((address) => !/^(?:\/tidemark\/|#|https?:)/.test(address))).toEqual([]);
      expect(page).toContain(`${ORIGIN}/tidemark/v1/`);
    },
  );

  it('leads on below it', async () => {
    const home = await ask('/');
    expect([home.status, home.headers.get('location')]).toEqual([302, '/tidemark/p/default']);
    const asset = await ask('/tidemark/assets/page.js');
    expect([asset.status, asset.headers.get('content-type')]).toEqual([200, expect.stringContaining('javascript')]);
    expect((await ask('/tidemark')).status).toBe(302);
    expect((await ask('/tidemarket/p/default')).status).toBe(404);
  });

  it('keeps its cookie to it', async () => {
    const made = await ask('/v1/keys', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'a', scopes: ['admin'] }),
    });
    const { key } = (await made.json()) as { key: string };
    const body = new URLSearchParams({ key, next: '/p/default' });
    const signedIn = await ask('/tidemark/sign-in', { method: 'POST', headers: { origin: ORIGIN }, body });
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/tidemark/p/default']);
    expect(signedIn.headers.get('set-cookie')).toContain('; Path=/tidemark;');
  });

  it('says its address to programs', async () => {
    const document = (await (await ask('/openapi.json')).json()) as { servers?: unknown };
    expect(document.servers).toEqual([{ url: '/tidemark' }]);
  });
});

it('tells a base path from what only begins like one', () => {
  expect(basePathOf('http://127.0.0.1:8490')).toBe('');
  expect(basePathOf('https://data.example/a/b/')).toBe('/a/b');
  const targets = ['/a/b/c?d=1', '/a/b', '/a/b?x=/a/b/', '/a/bc', '/c'];
  expect(targets.map((target) => withoutBase(target, '/a/b'))).toEqual(['/c?d=1', '/', '/?x=/a/b/', '/a/bc', '/c']);
});
