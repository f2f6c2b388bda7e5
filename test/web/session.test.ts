import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localPath } from '../../src/web/session.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { createTestDatabase } from '../support/database.ts';
import { expectPage, type Look, linksIn, lookAt } from './look.ts';

const ORIGIN = 'http://127.0.0.1:8490';

let ctx: TestContext;
let look: Look;
let drop: () => Promise<void>;
let clock = new Date('2026-03-01T12:00:00.000Z');
let key = '';
let keyId = '';
beforeAll(async () => {
  const database = await createTestDatabase();
  ctx = await createTestContext(database.url, { now: () => clock });
  look = lookAt(ctx);
  drop = database.drop;
  await json('POST', '/v1/projects', { name: 'other' });
  await json('POST', '/v1/projects', { name: 'demo' });
  await json('POST', '/v1/models?project=demo', { name: 'm' });
  const made = await json('POST', '/v1/keys', { name: 'reader', scopes: ['admin'] });
  // The answer is the key itself and its record.
  const body = JSON.parse(made.text) as { key: string; id: string };
  key = body.key;
  keyId = body.id;
});
afterAll(async () => {
  await ctx.close();
  await drop();
});

const json = (method: string, path: string, body: unknown, headers = {}) =>
  look(path, { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

const form = (path: string, fields: Record<string, string>, headers: Record<string, string> = { origin: ORIGIN }) =>
  look(path, { method: 'POST', headers, body: new URLSearchParams(fields) });

const cookieOf = (headers: Headers): string => (headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';

describe('signing in', () => {
  it('is asked for once a key exists, and remembers where one wanted to go', async () => {
    const page = await look('/p/default/models?after=a');
    expectPage(page, 401);
    expect(page.text).toContain('<form method="post" action="/sign-in">');
    expect(page.text).toContain('name="next" value="/p/default/models?after=a"');
    expect(page.text).not.toContain('no API key has been made yet');
    expectPage(await look('/'), 401);
    expectPage(await look('/projects'), 401);
  });

  it('refuses what is no key', async () => {
    for (const wrong of ['', 'tmk_nothing', `${key.slice(0, -1)}x`]) {
      const page = await form('/sign-in', { key: wrong, next: '/p/default' });
      expectPage(page, 401);
      expect(page.headers.get('set-cookie')).toBeNull();
      expect(page.text).toContain('not known, has expired or was revoked');
    }
  });

  it('gives a sealed cookie that opens the pages of its project alone', async () => {
    const signed = await form('/sign-in', { key, next: '/p/default/models' });
    expect([signed.status, signed.headers.get('location')]).toEqual([303, '/p/default/models']);
    const set = signed.headers.get('set-cookie') ?? '';
    expect(set).toMatch(/; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
    expect(set).not.toContain(key);
    const headers = { cookie: `a=b; ${cookieOf(signed.headers)}` };
    const page = await look('/p/default/models', { headers });
    expectPage(page);
    expect(page.text).toContain('action="/sign-out"');
    expectPage(await look('/p/other', { headers }), 404);
    // An admin of `default` knows of the others; its pages lead to none that it cannot open.
    expect((await look('/', { headers })).headers.get('location')).toBe('/p/default');
    const projects = await look('/projects', { headers });
    expect(linksIn(projects)).toEqual(['/p/default']);
    // The API takes keys and no cookies, so no page can be made to write.
    expect((await look('/v1/models', { headers })).status).toBe(401);
    const out = await look('/sign-out', { method: 'POST', headers: { ...headers, origin: ORIGIN } });
    expect([out.status, out.headers.get('location')]).toEqual([303, '/sign-in']);
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
  });

  it('takes forms of its own pages only', async () => {
    for (const headers of [{}, { origin: 'null' }, { origin: 'https://evil.example' }, { origin: 'not an origin' }]) {
      expectPage(await form('/sign-in', { key }, headers), 403);
      expectPage(await form('/sign-out', {}, headers), 403);
    }
    const host = { origin: 'https://drift.example', host: 'drift.example' };
    expect((await form('/sign-in', { key }, host)).status).toBe(303);
    expectPage(await form('/sign-in', { key: 'x'.repeat(10_000) }), 413);
  });

  it('ends with time, with a changed cookie and with the key', async () => {
    const cookie = cookieOf((await form('/sign-in', { key })).headers);
    expect((await look('/p/default', { headers: { cookie } })).status).toBe(200);
    const middle = Math.floor(cookie.length / 2);
    const changed = cookie.slice(0, middle) + (cookie[middle] === 'A' ? 'B' : 'A') + cookie.slice(middle + 1);
    expectPage(await look('/p/default', { headers: { cookie: changed } }), 401);
    clock = new Date('2026-03-16T12:00:00.000Z');
    expectPage(await look('/p/default', { headers: { cookie } }), 401);
    clock = new Date('2026-03-01T12:00:00.000Z');
    await json('POST', '/v1/keys', { name: 'second', scopes: ['admin'] }, { authorization: `Bearer ${key}` });
    await look(`/v1/keys/${keyId}`, { method: 'DELETE', headers: { authorization: `Bearer ${key}` } });
    expectPage(await look('/p/default', { headers: { cookie } }), 401);
  });
});

describe('where a sign-in leads', () => {
  it('stays on this service', () => {
    expect(localPath('/p/x?a=1')).toBe('/p/x?a=1');
    for (const away of [
      null,
      '',
      'p',
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      '/..//evil.example',
    ]) {
      expect(localPath(away)).not.toContain('evil');
    }
  });
});
