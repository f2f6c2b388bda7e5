import { eq } from 'drizzle-orm';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endpoints, jobs, messages } from '../../../schemas/tables/index.ts';
import { eventEnvelope } from '../../../schemas/wire/events.ts';
import { systemActor } from '../../../src/domain/access/actor.ts';
import { deliverMessage } from '../../../src/domain/webhook/deliver.ts';
import { deliverMessages } from '../../../src/domain/webhook/deliver-messages.ts';
import { changeEndpoint, createEndpoint, removeEndpoint } from '../../../src/domain/webhook/endpoints.ts';
import { shownSecret } from '../../../src/domain/webhook/keys.ts';
import { readMessage, readMessages, redeliverMessage } from '../../../src/domain/webhook/messages.ts';
import { publishEvent } from '../../../src/domain/webhook/publish.ts';
import { testEndpoint } from '../../../src/domain/webhook/test-endpoint.ts';
import { transact } from '../../../src/store/postgres/db.ts';
import { createTestContext, type TestContext } from '../../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';

const actor = systemActor({ id: 1, name: 'default' });
const DAY = 24 * 3600 * 1000;

let database: TestDatabase;
let ctx: TestContext;
let receiver: Receiver;
let clock = new Date();

beforeAll(async () => {
  database = await createTestDatabase();
  const environment = { TIDEMARK_WEBHOOK_ALLOW: '127.0.0.1' };
  ctx = await createTestContext(database.url, { environment, now: () => clock });
});
afterAll(async () => {
  await ctx.close();
  await database.drop();
});
beforeEach(async () => {
  receiver = await startReceiver();
  // Today: the verifier refuses timestamps that are minutes old.
  clock = new Date();
});
afterEach(async () => {
  await receiver.close();
  for (const { id } of await ctx.db.select().from(endpoints)) await removeEndpoint(ctx, actor, id);
  await ctx.db.delete(jobs);
});

const announce = (id: string) =>
  transact(ctx.db, (tx) =>
    publishEvent(tx, ctx, {
      projectId: 1,
      type: 'endpoint.disabled',
      subject: id,
      data: { endpoint: id, url: 'https://example.com/é', reason: 'a test' },
    }),
  );

async function oneMessage(): Promise<{ id: string; endpointId: string; secret: string }> {
  const { endpoint, key } = await createEndpoint(ctx, actor, { url: receiver.url });
  const [id = ''] = await announce('subject');
  return { id, endpointId: endpoint.id, secret: shownSecret(endpoint, key) ?? '' };
}

describe('deliverMessage', () => {
  it('makes a delivery that the standardwebhooks package verifies', async () => {
    const { id, secret } = await oneMessage();
    await deliverMessage(ctx, id);
    const [request] = receiver.requests;
    if (request === undefined) throw new Error('nothing came');
    const headers = request.headers as Record<string, string>;
    const event = eventEnvelope.parse(new Webhook(secret).verify(request.body, headers));
    expect(headers['webhook-id']).toBe(id);
    expect(event).toMatchObject({
      specversion: '1.0',
      type: 'endpoint.disabled',
      source: '/p/default',
      subject: 'subject',
      time: clock.toISOString(),
      data: { url: 'https://example.com/é' },
    });
    const { message, attempts } = await readMessage(ctx, actor, id);
    expect(message).toMatchObject({ state: 'delivered', attempts: 1, nextAttemptAt: null, settledAt: clock });
    expect(attempts).toMatchObject([{ number: 1, outcome: 'delivered', status: 204, error: null, at: clock }]);
  });

  it('tries again by the schedule, under the same id and a fresh signature, until it is taken', async () => {
    const { id, secret } = await oneMessage();
    receiver.answers.push(500, 503);
    await deliverMessage(ctx, id);
    const first = (await readMessage(ctx, actor, id)).message;
    const wait = (first.nextAttemptAt?.getTime() ?? 0) - clock.getTime();
    expect(wait).toBeGreaterThanOrEqual(4000);
    expect(wait).toBeLessThanOrEqual(6000);
    clock = new Date(clock.getTime() + 5000);
    await deliverMessage(ctx, id);
    clock = new Date(clock.getTime() + 5000);
    await deliverMessage(ctx, id);
    const stamps = receiver.requests.map((request) => Number(request.headers['webhook-timestamp']));
    expect(stamps.map((stamp) => stamp - (stamps[0] ?? 0))).toEqual([0, 5, 10]);
    expect(new Set(receiver.requests.map((request) => request.headers['webhook-id']))).toEqual(new Set([id]));
    for (const request of receiver.requests) {
      new Webhook(secret).verify(request.body, request.headers as Record<string, string>);
    }
    const { message, attempts } = await readMessage(ctx, actor, id);
    expect(message).toMatchObject({ state: 'delivered', attempts: 3 });
    expect(attempts.map(({ number, outcome, status, response }) => [number, outcome, status, response])).toEqual([
      [1, 'retryable', 500, 'answered 500'],
      [2, 'retryable', 503, 'answered 503'],
      [3, 'delivered', 204, ''],
    ]);
  });

  it('waits as long as the receiver asks', async () => {
    const { id } = await oneMessage();
    receiver.answers.push((response) => response.writeHead(429, { 'retry-after': '600' }).end());
    await deliverMessage(ctx, id);
    const { message } = await readMessage(ctx, actor, id);
    expect(message.nextAttemptAt?.getTime()).toBe(clock.getTime() + 600_000);
  });

  it('gives up after ten tries', async () => {
    const { id } = await oneMessage();
    receiver.answers.push(...Array<number>(11).fill(500));
    for (let i = 0; i < 11; i++) await deliverMessage(ctx, id);
    const { message, attempts } = await readMessage(ctx, actor, id);
    expect(message).toMatchObject({ state: 'failed', attempts: 10, nextAttemptAt: null });
    expect(attempts).toHaveLength(10);
  });

  it('disables an endpoint that is gone, tells the others, and discards what waits', async () => {
    const { id, endpointId } = await oneMessage();
    const other = await createEndpoint(ctx, actor, { url: receiver.url, events: ['endpoint.disabled'] });
    const [second = ''] = (await announce('later')).filter(Boolean);
    receiver.answers.push(410);
    await deliverMessage(ctx, id);
    await deliverMessages(ctx, { endpointId });
    expect((await readMessage(ctx, actor, id)).message).toMatchObject({ state: 'failed', attempts: 1 });
    expect((await readMessage(ctx, actor, second)).message).toMatchObject({ state: 'discarded', attempts: 0 });
    expect(receiver.requests).toHaveLength(1);
    const told = await readMessages(ctx, actor, { endpoint: other.endpoint.id, limit: 10 });
    expect(told.items.map((message) => [message.type, message.subject])).toContainEqual([
      'endpoint.disabled',
      endpointId,
    ]);
    expect(await announce('unheard')).toHaveLength(1);
  });

  it('disables an endpoint after five days of failure, not earlier, and starts anew once enabled', async () => {
    const { id, endpointId } = await oneMessage();
    const start = clock.getTime();
    receiver.answers.push(500, 500, 500);
    await deliverMessage(ctx, id);
    clock = new Date(start + 5 * DAY - 1);
    await deliverMessage(ctx, id);
    const state = async () => (await ctx.db.select().from(endpoints).where(eq(endpoints.id, endpointId)))[0];
    expect(await state()).toMatchObject({ state: 'enabled', failingSince: new Date(start) });
    clock = new Date(start + 5 * DAY);
    await deliverMessage(ctx, id);
    expect(await state()).toMatchObject({ state: 'disabled', disabledReason: expect.stringMatching(/has failed/) });
    await expect(redeliverMessage(ctx, actor, id)).rejects.toMatchObject({ code: 'conflict' });
    await changeEndpoint(ctx, actor, { id: endpointId, state: 'enabled' });
    expect(await state()).toMatchObject({ state: 'enabled', failingSince: null, disabledReason: null });
    await redeliverMessage(ctx, actor, id);
    await deliverMessage(ctx, id);
    expect((await readMessage(ctx, actor, id)).message).toMatchObject({ state: 'delivered', attempts: 4 });
  });

  it('delivers once more, under the same id, when the sender dies before it could record', async () => {
    const { id } = await oneMessage();
    const dying: TestContext = {
      ...ctx,
      send: {
        ...ctx.send,
        deliver: async (delivery) => {
          await ctx.send.deliver(delivery);
          throw new Error('killed');
        },
      },
    };
    await expect(deliverMessage(dying, id)).rejects.toThrow('killed');
    expect((await readMessage(ctx, actor, id)).message).toMatchObject({ state: 'pending', attempts: 0 });
    await deliverMessage(ctx, id);
    await deliverMessage(ctx, id);
    expect(receiver.requests.map((request) => request.headers['webhook-id'])).toEqual([id, id]);
    expect((await readMessage(ctx, actor, id)).message).toMatchObject({ state: 'delivered', attempts: 1 });
  });

  it('records both tries of two workers and schedules one more', async () => {
    const { id } = await oneMessage();
    receiver.answers.push(500, 500);
    const both = Promise.withResolvers<void>();
    let under = 0;
    const deliver: TestContext['send']['deliver'] = async (delivery) => {
      if (++under === 2) both.resolve();
      await both.promise;
      return ctx.send.deliver(delivery);
    };
    const together = { ...ctx, send: { ...ctx.send, deliver } };
    await Promise.all([deliverMessage(together, id), deliverMessage(together, id)]);
    const { message, attempts } = await readMessage(ctx, actor, id);
    expect(attempts.map((attempt) => attempt.number)).toEqual([1, 2]);
    expect(message).toMatchObject({ state: 'pending', attempts: 2 });
    expect(message.nextAttemptAt?.getTime()).toBeLessThanOrEqual(clock.getTime() + 6000);
  });

  it('records a blocked address as such and sends nothing', async () => {
    const { id } = await oneMessage();
    const strict = await createTestContext(database.url, { now: () => clock });
    await deliverMessage({ ...ctx, send: strict.send }, id);
    await strict.close();
    expect((await readMessage(ctx, actor, id)).attempts).toMatchObject([{ outcome: 'blocked', status: null }]);
    expect(receiver.requests).toHaveLength(0);
  });

  it('does nothing for a message that is settled or was removed', async () => {
    const { id, endpointId } = await oneMessage();
    await removeEndpoint(ctx, actor, endpointId);
    await deliverMessage(ctx, id);
    expect(receiver.requests).toHaveLength(0);
  });
});

describe('publishEvent', () => {
  it('leaves nothing behind when the change that it tells of is rolled back', async () => {
    await createEndpoint(ctx, actor, { url: receiver.url });
    const broken = transact(ctx.db, async (tx) => {
      await publishEvent(tx, ctx, {
        projectId: 1,
        type: 'endpoint.disabled',
        subject: 's',
        data: { endpoint: 'e', url: 'u', reason: 'r' },
      });
      throw new Error('after the message');
    });
    await expect(broken).rejects.toThrow('after the message');
    expect(await ctx.db.select().from(messages)).toEqual([]);
    expect(await ctx.db.select().from(jobs)).toEqual([]);
  });

  it('tells every enabled endpoint that wants the type, with one text and an id for each', async () => {
    const all = await createEndpoint(ctx, actor, { url: receiver.url });
    const picky = await createEndpoint(ctx, actor, { url: receiver.url, events: ['alert.firing'] });
    const off = await createEndpoint(ctx, actor, { url: receiver.url });
    await changeEndpoint(ctx, actor, { id: off.endpoint.id, state: 'disabled' });
    const also = await createEndpoint(ctx, actor, { url: receiver.url, events: ['endpoint.disabled'] });
    const ids = await announce('x');
    const rows = await ctx.db.select().from(messages);
    expect(rows.map((row) => row.endpointId).sort()).toEqual([all.endpoint.id, also.endpoint.id].sort());
    expect(rows.map((row) => row.id).sort()).toEqual([...ids].sort());
    expect(new Set(rows.map((row) => row.body)).size).toBe(1);
    expect(picky.endpoint.events).toEqual(['alert.firing']);
  });
});

describe('matchers', () => {
  it('keep from an endpoint what they do not hold for', async () => {
    const on = (label: 'model' | 'project', is: string) => [{ label, is: [is] }];
    const given = [[], on('project', 'default'), on('project', 'other'), on('model', 'churn'), on('model', 'fraud')];
    const made: string[] = [];
    for (const matchers of given) {
      made.push((await createEndpoint(ctx, actor, { url: receiver.url, matchers })).endpoint.id);
    }
    const told = await transact(ctx.db, (tx) =>
      publishEvent(tx, ctx, {
        projectId: 1,
        type: 'window.judged',
        subject: 'w',
        data: {
          project: 'default',
          model: 'churn',
          monitor: 'daily',
          config_revision: 1,
          reference: { oid: 'x' },
          window: { start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z', revision: 1 },
          report: 'r',
          verdict: 'drift',
          rows: 1,
          columns_judged: 1,
          columns_drifted: 1,
          links: { report: 'l' },
        },
      }),
    );
    expect(told).toHaveLength(3);
    const rows = await ctx.db.select().from(messages);
    expect(rows.map((row) => made.indexOf(row.endpointId)).sort((a, b) => a - b)).toEqual([0, 1, 3]);
  });
});

describe('endpoints', () => {
  it('keeps a secret sealed, bound to its own endpoint', async () => {
    const { endpoint, key } = await createEndpoint(ctx, actor, { url: receiver.url });
    const plain = Buffer.from(key.bytes);
    expect(plain).toHaveLength(32);
    expect(Buffer.from(endpoint.secret).includes(plain)).toBe(false);
    const other = await createEndpoint(ctx, actor, { url: receiver.url });
    await ctx.db.update(endpoints).set({ secret: endpoint.secret }).where(eq(endpoints.id, other.endpoint.id));
    const [id = ''] = (await announce('moved')).slice(1);
    await expect(deliverMessage(ctx, id)).rejects.toMatchObject({ code: 'internal' });
    expect(receiver.requests).toHaveLength(0);
  });

  it('sends tests by the path of every message, at most ten a minute', async () => {
    const { endpoint, key } = await createEndpoint(ctx, actor, { url: receiver.url, events: ['alert.firing'] });
    const id = await testEndpoint(ctx, actor, endpoint.id);
    await deliverMessage(ctx, id);
    const [request] = receiver.requests;
    const headers = request?.headers as Record<string, string>;
    expect(new Webhook(shownSecret(endpoint, key) ?? '').verify(request?.body ?? '', headers)).toMatchObject({
      type: 'webhook.test',
      data: { endpoint: endpoint.id },
    });
    for (let i = 0; i < 9; i++) await testEndpoint(ctx, actor, endpoint.id);
    await expect(testEndpoint(ctx, actor, endpoint.id)).rejects.toMatchObject({ code: 'too-many-requests' });
    clock = new Date(clock.getTime() + 61_000);
    await expect(testEndpoint(ctx, actor, endpoint.id)).resolves.toMatch(/^msg_/);
  });

  it('pages through messages, newest first, each once', async () => {
    const { endpoint } = await createEndpoint(ctx, actor, { url: receiver.url });
    const sent: string[] = [];
    for (let i = 0; i < 5; i++) sent.push(...(await announce(`s${i}`)));
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await readMessages(ctx, actor, { endpoint: endpoint.id, limit: 2, cursor });
      seen.push(...page.items.map((message) => message.id));
      if (page.next === null) break;
      cursor = page.next;
    }
    expect(seen).toEqual(sent.reverse());
  });

  it('shows nothing of another project', async () => {
    const { endpoint } = await createEndpoint(ctx, actor, { url: receiver.url });
    const [id = ''] = await announce('mine');
    const stranger = systemActor({ id: 2, name: 'other' });
    await expect(readMessage(ctx, stranger, id)).rejects.toMatchObject({ code: 'not-found' });
    await expect(removeEndpoint(ctx, stranger, endpoint.id)).rejects.toMatchObject({ code: 'not-found' });
    await expect(redeliverMessage(ctx, stranger, id)).rejects.toMatchObject({ code: 'not-found' });
    await expect(testEndpoint(ctx, stranger, endpoint.id)).rejects.toMatchObject({ code: 'not-found' });
  });
});
