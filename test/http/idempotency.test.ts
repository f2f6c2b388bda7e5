import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { createTestDatabase } from '../support/database.ts';

let ctx: TestContext;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await createTestDatabase();
  ctx = await createTestContext(database.url, { environment: { TIDEMARK_WEBHOOK_ALLOW: '127.0.0.1' } });
  drop = database.drop;
});
afterAll(async () => {
  await ctx.close();
  await drop();
});

async function post(path: string, body: unknown, key?: string, project = 'default') {
  const response = await createApp(ctx).request(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: {
      'content-type': 'application/json',
      'tidemark-project': project,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
  });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) as Record<string, unknown> };
}

const HOOK = { url: 'http://127.0.0.1:9999/a', description: 'pipeline' };
const count = async () => Number((await ctx.sql`select count(*)::int n from endpoints`)[0]?.n);

describe('a webhook under an idempotency key', () => {
  it('is made once, and its secret is shown to a repetition', async () => {
    const first = await post('/v1/webhooks', HOOK, 'one');
    expect(first.status).toBe(201);
    const again = await post('/v1/webhooks', HOOK, 'one');
    expect(again).toEqual(first);
    expect(await count()).toBe(1);
    const kept = JSON.stringify(await ctx.sql`select * from idempotency_keys`);
    expect(kept).not.toContain(String(first.body.secret).replace('whsec_', ''));
  });

  it('is made once by requests that come together', async () => {
    const before = await count();
    const answers = await Promise.all(Array.from({ length: 6 }, () => post('/v1/webhooks', HOOK, 'together')));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await count()).toBe(before + 1);
  });

  it('is another one without the key, with another key and in another project', async () => {
    const before = await count();
    await post('/v1/projects', { name: 'other' });
    for (const made of [
      await post('/v1/webhooks', HOOK),
      await post('/v1/webhooks', HOOK),
      await post('/v1/webhooks', HOOK, 'two'),
      await post('/v1/webhooks', HOOK, 'one', 'other'),
    ])
      expect(made.status).toBe(201);
    expect(await count()).toBe(before + 4);
  });

  it('is refused when the key came with another request', async () => {
    for (const body of [
      { ...HOOK, description: 'else' },
      { ...HOOK, events: ['alert.firing'] },
    ]) {
      const told = await post('/v1/webhooks', body, 'one');
      expect(told.status).toBe(422);
      expect(told.body.type).toContain('idempotency-key-reused');
    }
    for (const key of ['', 'a b', 'x'.repeat(256), 'schlüssel'])
      expect((await post('/v1/webhooks', HOOK, key)).status, key).toBe(400);
  });

  it('that was refused leaves its key free', async () => {
    const refused = await post('/v1/webhooks', { url: 'http://10.0.0.1/' }, 'free');
    expect(refused.body.type).toContain('blocked-address');
    expect((await post('/v1/webhooks', HOOK, 'free')).status).toBe(201);
  });

  it('that was deleted is not made again', async () => {
    const made = await post('/v1/webhooks', HOOK, 'gone');
    await createApp(ctx).request(`/v1/webhooks/${String(made.body.id)}`, { method: 'DELETE' });
    const again = await post('/v1/webhooks', HOOK, 'gone');
    expect(again.status).toBe(410);
    expect(again.body.detail).toContain(String(made.body.id));
  });
});
