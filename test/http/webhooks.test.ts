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

const airflow = (options: object) => ({
  kind: 'airflow',
  options: { version: 3, dag_id: 'train', ...options },
  credentials: { username: 'a', password: 'b' },
});
const template = (headers: object) => ({ kind: 'template', options: { body: {}, headers } });

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

  it.each([
    [{ matchers: [{ label: 'model' }] }, '/matchers/0'],
    [{ matchers: [{ label: 'model', is: ['a'], is_not: ['b'] }] }, '/matchers/0'],
    [{ matchers: [{ label: 'colour', is: ['a'] }] }, '/matchers/0/label'],
    [{ matchers: [{ label: 'model', is: [] }] }, '/matchers/0/is'],
    [{ max_in_flight: 0 }, '/max_in_flight'],
    [{ rate_per_minute: 0.5 }, '/rate_per_minute'],
    [{ signature: 'v2' }, '/signature'],
    [{ secret: 'short' }, '/secret'],
    [{ payload_version: 2 }, '/payload_version'],
    [{ target: { kind: 'smoke_signal' } }, '/target/kind'],
    [{ target: { kind: 'pagerduty' } }, '/target/credentials'],
    [{ target: airflow({ version: 4 }) }, '/target/options/version'],
    [{ target: airflow({ dag_id: '../x' }) }, '/target/options/dag_id'],
    [{ target: airflow({}), events: ['alert.burning'] }, '/events/0'],
    [{ target: { kind: 'alertmanager' }, events: ['model.promoted'] }, '/events'],
    [{ target: template({ Host: 'x' }) }, '/target/options/headers/Host'],
    [{ target: template({ 'Content-Length': '1' }) }, '/target/options/headers/Content-Length'],
    [{ target: template({ 'Transfer-Encoding': 'x' }) }, '/target/options/headers/Transfer-Encoding'],
    [{ target: template({ 'webhook-id': 'x' }) }, '/target/options/headers/webhook-id'],
    [{ target: template({ 'X-A': 'b\r\nX-C: d' }) }, '/target/options/headers/X-A'],
  ])('says what is wrong with %j', async (given, pointer) => {
    const refused = await call('POST', '/v1/webhooks', { url: receiver.url, ...given });
    expect(refused).toMatchObject({ status: 422, body: { ...problem('invalid-body'), errors: [{ pointer }] } });
  });

  it('keeps what an endpoint asks for, and changes it', async () => {
    const wishes = {
      matchers: [{ label: 'model', is: ['churn', 'fraud-*'] }],
      max_in_flight: 2,
      rate_per_minute: 60,
      payload_version: 1,
    };
    const made = await call('POST', '/v1/webhooks', { url: receiver.url, ...wishes });
    expect(made).toMatchObject({ status: 201, body: wishes });
    const { id } = issuedWebhookView.parse(made.body);
    const change = { rate_per_minute: null, matchers: [], max_in_flight: 8 };
    expect(await call('PATCH', `/v1/webhooks/${id}`, change)).toMatchObject({ status: 200, body: change });
    await call('DELETE', `/v1/webhooks/${id}`);
  });

  it('shows how another system is called, and nothing of what it is shown', async () => {
    const made = await call('POST', '/v1/webhooks', { url: receiver.url, target: airflow({}) });
    const { id } = issuedWebhookView.parse(made.body);
    expect(made).toMatchObject({
      status: 201,
      body: {
        kind: 'airflow',
        options: { version: 3, dag_id: 'train' },
        events: ['retraining.requested'],
        secret: null,
      },
    });
    expect(JSON.stringify(made.body)).not.toContain('password');
    const change = { target: airflow({ dag_id: 'other' }) };
    expect(await call('PATCH', `/v1/webhooks/${id}`, change)).toMatchObject({ body: { options: { dag_id: 'other' } } });
    await call('DELETE', `/v1/webhooks/${id}`);
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

    expect(detail.tries[0]?.request).toMatchObject({
      method: 'POST',
      url: receiver.url,
      headers: { 'webhook-id': message, 'webhook-signature': expect.stringMatching(/^v1,/) },
    });
    const rotated = await call('POST', `/v1/webhooks/${id}/rotate-secret`, { signature: 'v1a' });
    expect(issuedWebhookView.parse(rotated.body)).toMatchObject({
      secret: null,
      signature: 'v1a',
      public_key: expect.stringMatching(/^whpk_/),
      rotating_until: '2026-03-02T12:00:00.000Z',
    });
    const range = { states: ['delivered'], until: '2026-03-01T12:00:00Z' };
    expect(await call('POST', `/v1/webhooks/${id}/redeliver`, range)).toMatchObject({ body: { messages: 0 } });
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
