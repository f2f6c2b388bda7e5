import { createPublicKey, verify } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endpoints, retiredSecrets } from '../../../schemas/tables/index.ts';
import { systemActor } from '../../../src/domain/access/actor.ts';
import { deliverMessages } from '../../../src/domain/webhook/deliver-messages.ts';
import { createEndpoint, removeEndpoint, rotateSecret } from '../../../src/domain/webhook/endpoints.ts';
import { publicKeyOf, shownSecret } from '../../../src/domain/webhook/keys.ts';
import { testEndpoint } from '../../../src/domain/webhook/test-endpoint.ts';
import { createTestContext, type TestContext } from '../../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';

const actor = systemActor({ id: 1, name: 'default' });
const HOUR = 3600 * 1000;
const OWN = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

let database: TestDatabase;
let ctx: TestContext;
let receiver: Receiver;
/** The verifier has the real clock. */
let late = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  const environment = { TIDEMARK_WEBHOOK_ALLOW: '127.0.0.1' };
  ctx = await createTestContext(database.url, { environment, now: () => new Date(Date.now() + late) });
});
afterAll(async () => {
  await ctx.close();
  await database.drop();
});
beforeEach(async () => {
  late = 0;
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver.close();
  for (const { id } of await ctx.db.select().from(endpoints)) await removeEndpoint(ctx, actor, id);
});

type Issued = Awaited<ReturnType<typeof createEndpoint>>;

async function sent(endpointId: string): Promise<{ body: string; headers: Record<string, string> }> {
  await testEndpoint(ctx, actor, endpointId);
  await deliverMessages(ctx, { endpointId });
  const request = receiver.requests.at(-1);
  if (request === undefined) throw new Error('nothing came');
  return { body: request.body, headers: request.headers as Record<string, string> };
}

const verifies = ({ endpoint, key }: Issued, { body, headers }: Awaited<ReturnType<typeof sent>>): boolean => {
  try {
    new Webhook(shownSecret(endpoint, key) ?? '').verify(body, headers);
    return true;
  } catch {
    return false;
  }
};

describe('the keys of an endpoint', () => {
  it('sign side by side while one takes over from the other, and one alone afterwards', async () => {
    const first = await createEndpoint(ctx, actor, { url: receiver.url });
    const id = first.endpoint.id;
    const second = await rotateSecret(ctx, actor, { id, overlapSeconds: 3600 });
    expect(second.endpoint.rotatingUntil).not.toBeNull();
    const during = await sent(id);
    expect(during.headers['webhook-signature']?.split(' ')).toHaveLength(2);
    expect([first, second].map((issued) => verifies(issued, during))).toEqual([true, true]);
    late = HOUR + 1000;
    const after = await sent(id);
    expect(after.headers['webhook-signature']?.split(' ')).toHaveLength(1);
    late = 0;
    // Without an overlap every former key ends at once.
    const third = await rotateSecret(ctx, actor, { id, overlapSeconds: 0 });
    const alone = await sent(id);
    expect([first, second, third].map((issued) => verifies(issued, alone))).toEqual([false, false, true]);
    expect(await ctx.db.select().from(retiredSecrets)).toEqual([]);
  });

  it('may be a pair, whose public half is shown and whose private half is not', async () => {
    const { endpoint, key } = await createEndpoint(ctx, actor, { url: receiver.url, signature: 'v1a' });
    expect(shownSecret(endpoint, key)).toBeNull();
    const shown = publicKeyOf(ctx, endpoint) ?? '';
    expect(shown).toMatch(/^whpk_[A-Za-z0-9+/]{43}=$/);
    const { body, headers } = await sent(endpoint.id);
    const x = Buffer.from(shown.slice('whpk_'.length), 'base64').toString('base64url');
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const [scheme, signature = ''] = headers['webhook-signature']?.split(',') ?? [];
    expect(scheme).toBe('v1a');
    expect(verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64'))).toBe(true);
    const stored = (await ctx.db.select().from(endpoints))[0]?.secret;
    expect(Buffer.from(stored ?? []).includes(Buffer.from(key.bytes))).toBe(false);
  });

  it('change over from one kind to the other', async () => {
    const first = await createEndpoint(ctx, actor, { url: receiver.url });
    await rotateSecret(ctx, actor, { id: first.endpoint.id, signature: 'v1a' });
    const during = await sent(first.endpoint.id);
    const schemes = during.headers['webhook-signature']?.split(' ').map((one) => one.split(',')[0]);
    expect(schemes).toEqual(['v1a', 'v1']);
    expect(verifies(first, during)).toBe(true);
  });

  it('may be chosen, but not twice and not badly', async () => {
    const issued = await createEndpoint(ctx, actor, { url: receiver.url, secret: OWN });
    expect(shownSecret(issued.endpoint, issued.key)).toBe(OWN);
    expect(verifies(issued, await sent(issued.endpoint.id))).toBe(true);
    const wrong = { code: 'invalid-body', issues: [{ pointer: '/secret' }] };
    const again = { id: issued.endpoint.id, secret: OWN };
    await expect(rotateSecret(ctx, actor, again)).rejects.toMatchObject(wrong);
    await rotateSecret(ctx, actor, { id: issued.endpoint.id });
    await expect(rotateSecret(ctx, actor, again)).rejects.toMatchObject(wrong);
    for (const secret of ['', 'x', 'whsec_c2hvcnQ=', 'whsec_###']) {
      await expect(createEndpoint(ctx, actor, { url: receiver.url, secret })).rejects.toMatchObject(wrong);
    }
    const pair = { url: receiver.url, secret: OWN, signature: 'v1a' as const };
    await expect(createEndpoint(ctx, actor, pair)).rejects.toMatchObject(wrong);
  });

  it('is made once under an idempotency key, and never shown for another one', async () => {
    const { endpoint } = await createEndpoint(ctx, actor, { url: receiver.url });
    const asked = { id: endpoint.id, idempotencyKey: 'rotate-1' };
    const first = await rotateSecret(ctx, actor, asked);
    const again = await rotateSecret(ctx, actor, asked);
    expect(again.key).toEqual(first.key);
    await expect(rotateSecret(ctx, actor, { ...asked, overlapSeconds: 5 })).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
    await rotateSecret(ctx, actor, { id: endpoint.id });
    await expect(rotateSecret(ctx, actor, asked)).rejects.toMatchObject({ code: 'gone' });
  });

  it('are at most eleven at a time', async () => {
    const { endpoint } = await createEndpoint(ctx, actor, { url: receiver.url });
    for (let i = 0; i < 10; i++) await rotateSecret(ctx, actor, { id: endpoint.id });
    await expect(rotateSecret(ctx, actor, { id: endpoint.id })).rejects.toMatchObject({ code: 'conflict' });
    expect((await sent(endpoint.id)).headers['webhook-signature']?.split(' ')).toHaveLength(11);
  });

  it('belong to the project of the endpoint', async () => {
    const { endpoint } = await createEndpoint(ctx, actor, { url: receiver.url });
    const stranger = systemActor({ id: 2, name: 'other' });
    await expect(rotateSecret(ctx, stranger, { id: endpoint.id })).rejects.toMatchObject({ code: 'not-found' });
  });
});
