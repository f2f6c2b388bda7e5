import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestContext, type TestContext } from '../support/context.ts';
import { createTestDatabase } from '../support/database.ts';
import { expectPage, type Look, linksIn, lookAt } from './look.ts';

let ctx: TestContext;
let look: Look;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await createTestDatabase();
  ctx = await createTestContext(database.url);
  look = lookAt(ctx);
  drop = database.drop;
});
afterAll(async () => {
  await ctx.close();
  await drop();
});

const post = (path: string, body: unknown, headers = {}) =>
  look(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

describe('a service that holds nothing', () => {
  it('leads from / to the project that is there and says what to type first', async () => {
    const home = await look('/');
    expect([home.status, home.headers.get('location')]).toEqual([302, '/p/default']);
    const page = await look('/p/default');
    expectPage(page);
    expect(page.text).toContain('curl -sS --data-binary @train.csv');
    expect(page.text).toContain('no API key has been made yet');
  });

  it('has a page with a hint at the end of every section', async () => {
    for (const section of ['datasets', 'models', 'alerts', 'runs', 'webhooks']) {
      const page = await look(`/p/default/${section}`);
      expectPage(page);
      expect(page.text, section).toContain('class="card empty"');
      expect(page.text, section).toContain('aria-current="page"');
    }
  });

  it('tells what is not there on a page of its own', async () => {
    const paths = [
      'datasets/no',
      'datasets/no/versions/v1',
      'models/no',
      'alerts/al_no',
      'runs/run_no',
      'policies/no',
      'nowhere',
    ];
    for (const path of [...paths, 'models/no/monitors/no/windows/never', 'webhooks/messages/msg_no']) {
      const page = await look(`/p/default/${path}`);
      expectPage(page, path.endsWith('never') ? 400 : 404);
    }
    expectPage(await look('/p/elsewhere'), 404);
  });
});

describe('projects', () => {
  it('are listed, and / prefers the one that holds data', async () => {
    await post('/v1/projects', { name: 'left' });
    await post('/v1/models', { name: 'm' }, { 'tidemark-project': 'left' });
    expect((await look('/')).headers.get('location')).toBe('/p/left');
    await post('/v1/projects', { name: 'right' });
    await post('/v1/models', { name: 'm' }, { 'tidemark-project': 'right' });
    expect((await look('/')).headers.get('location')).toBe('/projects');
    await post('/v1/projects', { name: 'demo' });
    await post('/v1/models', { name: 'm' }, { 'tidemark-project': 'demo' });
    expect((await look('/')).headers.get('location')).toBe('/p/demo');
    const page = await look('/projects');
    expectPage(page);
    expect(linksIn(page)).toEqual(['/p/default', '/p/demo', '/p/left', '/p/right']);
  });
});

describe('assets', () => {
  it('have a strong tag, answer it with 304 and are a closed list', async () => {
    const first = await look('/assets/tidemark.css');
    expect(first.status).toBe(200);
    expect(first.headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(first.headers.get('x-content-type-options')).toBe('nosniff');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    const again = await look('/assets/tidemark.css', { headers: { 'if-none-match': `"x", ${etag}` } });
    expect([again.status, again.text]).toEqual([304, '']);
    expect((await look('/assets/page.js')).headers.get('content-type')).toContain('text/javascript');
    expect((await look('/assets/tidemark.svg')).headers.get('content-security-policy')).toBe("default-src 'none'");
    for (const name of ['no.css', '..%2Fsession.ts', '__proto__', 'constructor']) {
      expect((await look(`/assets/${name}`)).status, name).toBe(404);
    }
  });
});

describe('the routes that are not pages', () => {
  it('keep their own answers', async () => {
    expect((await look('/v1/nowhere')).headers.get('content-type')).toBe('application/problem+json');
    expect((await look('/p/default', { method: 'POST' })).status).toBe(405);
    expect((await look('/livez')).text).toContain('alive');
  });
});
