import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issuedWebhookView, messageDetail, webhookView } from '../../schemas/wire/webhooks.ts';
import { deliverMessages } from '../../src/domain/webhook/deliver-messages.ts';
import { createApp } from '../../src/http/app.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';

let database: TestDatabase;
let ctx: TestContext;
let receiver: Receiver;
let app: ReturnType<typeof createApp>;

beforeAll(async () => {
  database = await createTestDatabase();
  receiver = await startReceiver();
  const environment = { TIDEMARK_WEBHOOK_ALLOW: `127.0.0.1:${new URL(receiver.url).port}` };
  ctx = await createTestContext(database.url, { environment });
  app = createApp(ctx);
});
afterAll(async () => {
  await receiver.close();
  await ctx.close();
  await database.drop();
});

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await app.request(path, { method, ...init });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

const problem = (code: string) => ({ type: `https://tidemark.dev/problems/${code}` });

describe('webhooks over HTTP', () => {
  it.each([
    ['http://2130706433/', 'blocked-address'],
    ['https://0x7f.1/', 'blocked-address'],
    ['https://[::ffff:127.0.0.1]/', 'blocked-address'],
    ['https://localhost./', 'blocked-address'],
    ['http://169.254.169.254/latest/meta-data', 'blocked-address'],
    ['http://127.0.0.1:8490/v1/alerts', 'blocked-address'],
    ['ftp://example.com/', 'invalid-body'],
    ['https://user:secret@93.184.215.14/', 'invalid-body'],
    ['https://93.184.215.14/#x', 'invalid-body'],
    ['https://93.184.215.14:25/', 'invalid-body'],
    ['nonsense', 'invalid-body'],
  ])('refuses %s', async (url, code) => {
    expect(await call('POST', '/v1/webhooks', { url })).toMatchObject({ status: 422, body: problem(code) });
    expect(await call('GET', '/v1/webhooks')).toMatchObject({ body: { items: [] } });
  });

  it('refuses unknown fields and unknown events', async () => {
    const url = receiver.url;
    expect(await call('POST', '/v1/webhooks', { url, colour: 'x' })).toMatchObject({
      status: 422,
      body: problem('unknown-field'),
    });
    expect(await call('POST', '/v1/webhooks', { url, events: ['alert.burning'] })).toMatchObject({
      status: 422,
      body: problem('invalid-body'),
    });
  });

  it('lives through a whole life', async () => {
    const made = await call('POST', '/v1/webhooks', { url: receiver.url, description: 'ours' });
    expect(made.status).toBe(201);
    const { id, secret } = issuedWebhookView.parse(made.body);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const shown = await call('GET', `/v1/webhooks/${id}`);
    expect(webhookView.parse(shown.body)).toMatchObject({ id, state: 'enabled', description: 'ours', events: [] });

    const test = await call('POST', `/v1/webhooks/${id}/test`);
    expect(test.status).toBe(202);
    const { message } = test.body as { message: string };
    await deliverMessages(ctx, { endpointId: id });
    const detail = messageDetail.parse((await call('GET', `/v1/messages/${message}`)).body);
    expect(detail).toMatchObject({ webhook: id, type: 'webhook.test', state: 'delivered', attempts: 1 });
    expect(detail.tries).toMatchObject([{ number: 1, outcome: 'delivered', status: 204 }]);
    expect(receiver.requests[0]?.body).toBe(JSON.stringify(detail.body));

    expect(await call('POST', `/v1/messages/${message}/redeliver`)).toMatchObject({
      status: 202,
      body: { state: 'pending' },
    });
    expect(await call('GET', `/v1/webhooks/${id}/messages?limit=1&state=pending`)).toMatchObject({
      body: { items: [{ id: message }], next: null },
    });
    expect(await call('PATCH', `/v1/webhooks/${id}`, { state: 'disabled' })).toMatchObject({
      body: { state: 'disabled', disabled_reason: expect.any(String) },
    });
    expect(await call('POST', `/v1/webhooks/${id}/test`)).toMatchObject({ status: 409, body: problem('conflict') });
    expect(await call('DELETE', `/v1/webhooks/${id}`)).toEqual({ status: 204, body: null });
    expect(await call('GET', `/v1/webhooks/${id}`)).toMatchObject({ status: 404, body: problem('not-found') });
    expect(await call('GET', `/v1/messages/${message}`)).toMatchObject({ status: 404 });
  });
});
