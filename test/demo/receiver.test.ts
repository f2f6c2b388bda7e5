import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Delivery, type Receiver, startReceiver } from '../../src/demo/receiver.ts';
import { SECRET_BYTES, signatureHeaders, writeSecret } from '../../src/webhook/sign.ts';

const v1 = (bytes: Uint8Array) => ({ scheme: 'v1' as const, bytes });
const KEY = new Uint8Array(SECRET_BYTES).fill(7);
const BODY = JSON.stringify({ type: 'alert.firing', data: { alert: 'ep_1' } });
const MINUTE = 60_000;

let receiver: Receiver;
let deliveries: Delivery[];
beforeEach(async () => {
  deliveries = [];
  receiver = await startReceiver(0, (delivery) => deliveries.push(delivery));
});
afterEach(() => receiver.close());

type Sent = { id?: string; ago?: number; key?: Uint8Array; body?: string; headers?: Record<string, string> };

/** Delivers as the service does, and returns the status. */
async function send(given: Sent = {}): Promise<number> {
  const { id = 'msg_1', ago = 0, key = KEY, body = BODY } = given;
  const signed = signatureHeaders({ id, at: new Date(Date.now() - ago), body: BODY }, [v1(key)]);
  const response = await fetch(receiver.url, { method: 'POST', body, headers: { ...signed, ...given.headers } });
  return response.status;
}

describe("the demo's receiver", () => {
  it('trusts nobody before it knows the secret', async () => {
    expect(await send()).toBe(400);
    expect(await send({ key: new Uint8Array(0) })).toBe(400);
    expect(deliveries).toEqual([]);
  });

  it('hands a verified delivery on once, however often it comes', async () => {
    receiver.trust(writeSecret(KEY));
    expect(await send()).toBe(204);
    expect(await send()).toBe(204);
    expect(await send({ id: 'msg_2' })).toBe(204);
    expect(deliveries).toEqual([JSON.parse(BODY), JSON.parse(BODY)]);
  });

  it('takes one good signature among others, as while a secret is changed', async () => {
    receiver.trust(writeSecret(KEY));
    const at = new Date();
    const message = { id: 'msg_1', at, body: BODY };
    const both = signatureHeaders(message, [v1(new Uint8Array(SECRET_BYTES)), v1(KEY)]);
    const response = await fetch(receiver.url, { method: 'POST', body: BODY, headers: both });
    expect(response.status).toBe(204);
  });

  it.each<[string, Sent]>([
    ['another key', { key: new Uint8Array(SECRET_BYTES) }],
    ['another body', { body: BODY.replace('ep_1', 'ep_2') }],
    ['another id', { headers: { 'webhook-id': 'msg_9' } }],
    ['another time', { headers: { 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 1) } }],
    ['a time that is none', { headers: { 'webhook-timestamp': 'yesterday' } }],
    ['no signature', { headers: { 'webhook-signature': '' } }],
    ['half a signature', { headers: { 'webhook-signature': 'v1,AAAA' } }],
    ['a signature of long ago', { ago: 6 * MINUTE }],
    ['a signature of the future', { ago: -6 * MINUTE }],
    ['a body without end', { body: 'x'.repeat(2 * 1024 * 1024) }],
  ])('refuses %s', async (_, given) => {
    receiver.trust(writeSecret(KEY));
    const status = await send(given).catch(() => 400);
    expect(status).toBe(400);
    expect(deliveries).toEqual([]);
    expect(await send({ ago: 4 * MINUTE })).toBe(204);
  });

  it('outlives a signed body that is no JSON, and a client that leaves', async () => {
    receiver.trust(writeSecret(KEY));
    const body = 'no json';
    const headers = signatureHeaders({ id: 'msg_3', at: new Date(), body }, [v1(KEY)]);
    expect((await fetch(receiver.url, { method: 'POST', body, headers })).status).toBe(400);
    const leaving = new AbortController();
    const endless = new ReadableStream({ pull: () => leaving.abort() });
    const left = fetch(receiver.url, {
      method: 'POST',
      body: endless,
      duplex: 'half',
      signal: leaving.signal,
    } as RequestInit);
    await expect(left).rejects.toThrow();
    expect(await send()).toBe(204);
    expect(deliveries).toEqual([JSON.parse(BODY)]);
  });
});
