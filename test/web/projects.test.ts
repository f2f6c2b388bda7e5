import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestContext, type TestContext } from '../support/context.ts';
import { createTestDatabase } from '../support/database.ts';
import { expectPage, type Look, lookAt } from './look.ts';

const ORIGIN = { origin: 'http://127.0.0.1:8490' };

let ctx: TestContext;
let look: Look;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await createTestDatabase();
  ctx = await createTestContext(database.url);
  look = lookAt(ctx);
  drop = database.drop;
  await json('/v1/projects', { name: 'churn' });
  await look('/v1/datasets/one/versions?path=x.csv&project=churn', { method: 'POST', body: 'a\n1\n' });
});
afterAll(async () => {
  await ctx.close();
  await drop();
});

const json = (path: string, body: object) =>
  look(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const form = (path: string, fields: Record<string, string>, headers: Record<string, string> = ORIGIN) =>
  look(path, { method: 'POST', headers, body: new URLSearchParams(fields) });

describe('the page of the projects', () => {
  it('leads to what deletes one, which says what is in it', async () => {
    const list = await look('/projects');
    expectPage(list);
    expect(list.text).toContain('href="/projects/churn/delete"');
    expect(list.text).not.toContain('href="/projects/default/delete"');
    expect(list.text).not.toContain('<h2>Deleted</h2>');
    const page = await look('/projects/churn/delete');
    expectPage(page);
    expect(page.text).toMatch(/<dt>Datasets<\/dt><dd>1<\/dd>/);
    expect(page.text).toContain('It can be restored for 7 days');
    expectPage(await look('/projects/default/delete'), 409);
    expectPage(await look('/projects/nowhere/delete'), 404);
  });

  it('renames one, and sends to its present address whoever follows a link with its former name', async () => {
    await json('/v1/projects', { name: 'before' });
    expect((await look('/projects')).text).toContain('href="/projects/before/rename"');
    const page = await look('/projects/before/rename');
    expectPage(page);
    expect(page.text).not.toContain('Found as');
    const refused = await form('/projects/before/rename', { name: 'no "name"' });
    expectPage(refused, 400);
    expect(refused.text).toContain('value="no &quot;name&quot;"');
    expectPage(await form('/projects/before/rename', { name: 'churn' }), 409);
    expectPage(await form('/projects/before/rename', { name: 'after' }, {}), 403);
    const done = await form('/projects/before/rename', { name: ' after ' });
    expect([done.status, done.headers.get('location')]).toEqual([303, '/projects']);
    expect((await look('/projects/after/rename')).text).toContain('<dt>Found as</dt><dd><bdi>before</bdi></dd>');
    for (const path of ['', '/datasets', '/alerts/a%2Fb?from=mail']) {
      const moved = await look(`/p/before${path}`);
      expect([moved.status, moved.headers.get('location')]).toEqual([302, `/p/after${path}`]);
    }
    expectPage(await look('/p/after'));
    expectPage(await look('/projects/default/rename'), 409);
    expectPage(await look('/projects/nowhere/rename'), 404);
  });

  it('deletes nothing without the name, nor for the form of another page', async () => {
    const wrong = await form('/projects/churn/delete', { confirm: 'churm' });
    expectPage(wrong, 400);
    expect(wrong.text).toContain('nothing was deleted');
    expectPage(await form('/projects/churn/delete', {}), 400);
    for (const origin of [{}, { origin: 'null' }, { origin: 'https://evil.example' }]) {
      expectPage(await form('/projects/churn/delete', { confirm: 'churn' }, origin), 403);
      expectPage(await form('/projects/churn/restore', {}, origin), 403);
    }
    expectPage(await form('/projects/default/delete', { confirm: 'default' }), 409);
    expectPage(await look('/p/churn'));
  });

  it('deletes one whose name is said, lists it, and restores it', async () => {
    const done = await form('/projects/churn/delete', { confirm: ' churn ' });
    expect([done.status, done.headers.get('location')]).toEqual([303, '/projects']);
    const page = await look('/p/churn');
    expectPage(page, 410);
    expect(page.text).toContain('The project &quot;churn&quot; was deleted on');
    const list = await look('/projects');
    expectPage(list);
    expect(list.text).toContain('<h2>Deleted</h2>');
    expect(list.text).not.toContain('href="/projects/churn/delete"');
    expect(list.text).toContain('<form method="post" action="/projects/churn/restore">');
    const back = await form('/projects/churn/restore', {});
    expect([back.status, back.headers.get('location')]).toEqual([303, '/projects']);
    expectPage(await look('/p/churn'));
    await form('/projects/churn/delete', { confirm: 'churn' });
    await ctx.sql`update projects set erasing_at = now() where name = 'churn'`;
    expect((await look('/projects')).text).toContain('it is being erased');
    expectPage(await form('/projects/churn/restore', {}), 410);
    await ctx.sql`update projects set erasing_at = null, deleted_at = null, erase_at = null`;
  });

  it('offers it to who runs the service alone', async () => {
    const keyOf = async (body: object): Promise<string> =>
      (JSON.parse((await json('/v1/keys', body)).text) as { key: string }).key;
    const root = await keyOf({ name: 'root', scopes: ['admin'] });
    const made = await look('/v1/keys', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${root}` },
      body: JSON.stringify({ name: 'theirs', scopes: ['admin'], project: 'churn' }),
    });
    const cookieFor = async (key: string): Promise<Record<string, string>> => {
      const signed = await form('/sign-in', { key });
      return { ...ORIGIN, cookie: (signed.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '' };
    };
    const theirs = await cookieFor((JSON.parse(made.text) as { key: string }).key);
    const page = await look('/projects', { headers: theirs });
    expectPage(page);
    expect(page.text).not.toContain('/delete"');
    expectPage(await look('/projects/churn/delete', { headers: theirs }), 403);
    expectPage(await form('/projects/churn/delete', { confirm: 'churn' }, theirs), 403);
    const admin = await cookieFor(root);
    const all = await look('/projects', { headers: admin });
    expect(all.text).toContain('href="/projects/churn/delete"');
    // Its pages do not open for that key.
    expect(all.text).not.toContain('href="/p/churn"');
    expect((await form('/projects/churn/delete', { confirm: 'churn' }, admin)).status).toBe(303);
    expectPage(await look('/p/churn', { headers: theirs }), 410);
  });
});
