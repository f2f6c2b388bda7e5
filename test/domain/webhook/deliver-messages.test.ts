import type { ServerResponse } from 'node:http';
import { eq, sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attempts, endpoints, jobs, messages } from '../../../schemas/tables/index.ts';
import { systemActor } from '../../../src/domain/access/actor.ts';
import { deliverMessages, wakeNeglected } from '../../../src/domain/webhook/deliver-messages.ts';
import { sealContext } from '../../../src/domain/webhook/endpoint.ts';
import { changeEndpoint, createEndpoint, removeEndpoint } from '../../../src/domain/webhook/endpoints.ts';
import { readMessages, redeliverMessages } from '../../../src/domain/webhook/messages.ts';
import { publishEvent } from '../../../src/domain/webhook/publish.ts';
import { transact } from '../../../src/store/postgres/db.ts';
import { listDueMessages } from '../../../src/store/webhook/messages.ts';
import { insertEndpoint } from '../../../src/store/webhook/webhooks.ts';
import { createWebhookSender } from '../../../src/webhook/send.ts';
import { JOB_HANDLERS } from '../../../workers/jobs.ts';
import { startWorkerLoop } from '../../../workers/loop.ts';
import { createTestContext, type TestContext } from '../../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';

const actor = systemActor({ id: 1, name: 'default' });

/** Lets a receiver answer nobody. Those that are held at once are counted. */
function holdAll(receiver: Receiver, wanted: number) {
  const full = Promise.withResolvers<void>();
  let held = 0;
  let most = 0;
  const hold = (response: ServerResponse): void => {
    most = Math.max(most, ++held);
    response.once('close', () => held--);
    if (held === wanted) full.resolve();
  };
  receiver.answers.push(...Array<typeof hold>(10_000).fill(hold));
  return { full: full.promise, now: () => held, most: () => most };
}

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
  clock = new Date('2026-03-01T12:00:00Z');
});
afterEach(async () => {
  await receiver.close();
  for (const { id, projectId } of await ctx.db.select().from(endpoints)) {
    await removeEndpoint(ctx, systemActor({ id: projectId, name: 'its' }), id);
  }
  await ctx.db.delete(jobs);
});

async function announce(times: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < times; i++) {
    const data = { endpoint: 'x', url: 'https://example.com', reason: `number ${i}` };
    const event = { projectId: 1, type: 'endpoint.disabled', subject: `s${i}`, data } as const;
    ids.push(...(await transact(ctx.db, (tx) => publishEvent(tx, ctx, event))));
  }
  return ids;
}

const endpointOf = async (given: Partial<Parameters<typeof createEndpoint>[2]> = {}) =>
  (await createEndpoint(ctx, actor, { url: receiver.url, ...given })).endpoint.id;

const states = async (endpoint: string) => {
  const { items } = await readMessages(ctx, actor, { endpoint, limit: 100 });
  return items.map(({ state }) => state).reverse();
};

const waitOf = async (endpointId: string): Promise<number | null> => {
  const [job] = await ctx.sql<{ seconds: number }[]>`
    select extract(epoch from run_at - created_at)::float8 seconds from jobs
    where key = ${`endpoint:${endpointId}`} and state = 'waiting'`;
  return job === undefined ? null : Math.max(0, Math.round(job.seconds * 10) / 10);
};

async function rowsRead(tx: TestContext['db']): Promise<number> {
  const [row] = await tx.execute<{ read: string }>(sql`
    select seq_tup_read + idx_tup_fetch as read from pg_stat_xact_user_tables where relname = 'messages'`);
  return Number(row?.read);
}

const DELIVERIES = { names: ['deliver-messages'] } as const;

/** As the context, but gives up no try before a test ends: a receiver that hangs holds it until then. */
const holding = (): TestContext => ({
  ...ctx,
  send: createWebhookSender({ allow: ctx.config.webhookAllow, deadlineMilliseconds: 600_000 }),
});

const project = async (name: string): Promise<number> => {
  const [row] = await ctx.sql<{ id: number }[]>`insert into projects (name) values (${name}) returning id::int`;
  return row?.id ?? 0;
};

const insertPlainEndpoint = (projectId: number, url: string) => {
  const id = ctx.newId('ep');
  const secret = ctx.secrets.seal(ctx.randomBytes(32), sealContext({ projectId, id }));
  return insertEndpoint(ctx.db, { id, projectId, url, events: [], secret, state: 'enabled' });
};

const announceTo = (projectId: number) =>
  transact(ctx.db, (tx) =>
    publishEvent(tx, ctx, {
      ...{ projectId, type: 'endpoint.disabled', subject: 's' },
      data: { endpoint: 'x', url: 'https://example.com', reason: 'a test' },
    }),
  );

describe('deliverMessages', () => {
  it('tells of one thing in the order in which it was said, whatever the clock of whoever said it', async () => {
    const endpointId = await endpointOf();
    const reasons = ['fires', 'lasts', 'is over'];
    for (const reason of reasons) {
      const data = { endpoint: 'x', url: 'https://example.com', reason };
      const event = { projectId: 1, type: 'endpoint.disabled', subject: 'one', data } as const;
      await transact(ctx.db, (tx) => publishEvent(tx, ctx, event));
      clock = new Date(clock.getTime() - 300);
    }
    clock = new Date('2026-03-01T12:00:01Z');
    await deliverMessages(ctx, { endpointId });
    const told = receiver.requests.map(({ body }) => JSON.parse(body) as { time: string; data: { reason: string } });
    expect(told.map(({ data }) => data.reason)).toEqual(reasons);
    expect(told.map(({ time }) => time)).toEqual(told.map(({ time }) => time).toSorted());
  });

  it('makes its tries over as few connections as it may have under way, one by one', async () => {
    const endpointId = await endpointOf({ maxInFlight: 2 });
    await announce(50);
    await deliverMessages(ctx, { endpointId });
    expect(receiver.requests).toHaveLength(50);
    expect(receiver.connections()).toBeLessThanOrEqual(2);
  });

  it('writes down together what was taken meanwhile, each with its attempt', async () => {
    const endpointId = await endpointOf({ maxInFlight: 4 });
    const ids = await announce(30);
    let commits = 0;
    const counting = Object.assign(Object.create(ctx.db) as TestContext['db'], {
      execute: (...given: Parameters<TestContext['db']['execute']>) => {
        commits++;
        return ctx.db.execute(...given);
      },
    });
    await deliverMessages({ ...ctx, db: counting }, { endpointId });
    expect(commits).toBeLessThan(30);
    const made = await ctx.db.select().from(attempts);
    expect(made.map(({ messageId }) => messageId).toSorted()).toEqual(ids.toSorted());
    expect(made.every(({ number, outcome, status }) => number === 1 && outcome === 'delivered' && status === 204)).toBe(
      true,
    );
  });

  it('fails as a job when it cannot write down what was taken, and sends that once more', async () => {
    const endpointId = await endpointOf({ maxInFlight: 1 });
    const [first] = await announce(1);
    const away = Object.assign(Object.create(ctx.db) as TestContext['db'], {
      execute: () => Promise.reject(new Error('the database is away')),
    });
    await expect(deliverMessages({ ...ctx, db: away }, { endpointId })).rejects.toThrow('away');
    expect(await states(endpointId)).toEqual(['pending']);
    await deliverMessages(ctx, { endpointId });
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([first, first]);
    expect(await states(endpointId)).toEqual(['delivered']);
  });

  it('delivers everything that is due and leaves no job behind', async () => {
    const endpointId = await endpointOf();
    await announce(7);
    expect(await ctx.db.select().from(jobs)).toHaveLength(1);
    await ctx.db.delete(jobs);
    await deliverMessages(ctx, { endpointId });
    expect(receiver.requests).toHaveLength(7);
    expect(await states(endpointId)).toEqual(Array(7).fill('delivered'));
    expect(await waitOf(endpointId)).toBeNull();
  });

  it('has no more tries under way than the endpoint may have', async () => {
    const endpointId = await endpointOf({ maxInFlight: 3 });
    await announce(10);
    let under = 0;
    let most = 0;
    const three = Promise.withResolvers<void>();
    const deliver: TestContext['send']['deliver'] = async (delivery) => {
      most = Math.max(most, ++under);
      if (under === 3) three.resolve();
      await three.promise;
      const result = await ctx.send.deliver(delivery);
      under--;
      return result;
    };
    await deliverMessages({ ...ctx, send: { ...ctx.send, deliver } }, { endpointId });
    expect(most).toBe(3);
    expect(receiver.requests).toHaveLength(10);
  });

  it('sets out in order with what is about the same subject', async () => {
    const endpointId = await endpointOf({ maxInFlight: 8 });
    const { newId } = ctx;
    // Ids that say nothing of the order.
    let left = 9;
    const backwards = { ...ctx, newId: (prefix: string) => (prefix === 'msg' ? `msg_${--left}` : newId(prefix)) };
    for (const [subject, reason] of ['a1', 'b1', 'a2', 'b2', 'a3'].map((text) => [text[0] ?? '', text])) {
      clock = new Date(clock.getTime() + 1);
      const data = { endpoint: 'x', url: 'https://example.com', reason: reason ?? '' };
      const event = { projectId: 1, type: 'endpoint.disabled', subject: subject ?? '', data } as const;
      await transact(ctx.db, (tx) => publishEvent(tx, backwards, event));
    }
    await deliverMessages(ctx, { endpointId });
    const reasons = receiver.requests.map(({ body }) => (JSON.parse(body) as { data: { reason: string } }).data.reason);
    expect(reasons.filter((reason) => reason.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(reasons.filter((reason) => reason.startsWith('b'))).toEqual(['b1', 'b2']);
  });

  it.each(['force_custom_plan', 'force_generic_plan'])(
    'reads no more of them the more of them wait (%s)',
    async (mode) => {
      const endpointId = await endpointOf();
      await ctx.sql`
      insert into messages (id, project_id, endpoint_id, type, subject, body, state, attempts, next_attempt_at)
      select 'msg_many_' || n, 1, ${endpointId}, 'webhook.test', 's' || n % 1500, '{}', 'pending', 0, ${clock.toISOString()}
      from generate_series(1, 3000) n`;
      // Else the plan hangs on whether the table was looked at when it was empty.
      await ctx.sql`analyze messages`;
      const read = await ctx.db.transaction(async (tx) => {
        await tx.execute(sql`select set_config('plan_cache_mode', ${mode}, true)`);
        // What the session did before counts too until it is flushed.
        const before = await rowsRead(tx);
        expect(await listDueMessages(tx, endpointId, { now: clock, limit: 40 })).toHaveLength(40);
        return (await rowsRead(tx)) - before;
      });
      expect(read).toBeLessThan(400);
    },
  );

  it('reads again what it read a while ago, before it is sent', async () => {
    const endpointId = await endpointOf({ maxInFlight: 1 });
    await announce(3);
    receiver.answers.push((response) => {
      // Somebody switches the endpoint off while the first of three takes its time.
      clock = new Date(clock.getTime() + 5000);
      void changeEndpoint(ctx, actor, { id: endpointId, state: 'disabled' }).then(() => response.end());
    });
    await deliverMessages(ctx, { endpointId });
    expect(receiver.requests).toHaveLength(1);
    expect(await states(endpointId)).toEqual(['delivered', 'discarded', 'discarded']);
  });

  it('tries a receiver that fails once a second, and then each message by its schedule', async () => {
    const endpointId = await endpointOf({ maxInFlight: 1 });
    await announce(2);
    await ctx.db.delete(jobs);
    receiver.answers.push(500, 500);
    await deliverMessages(ctx, { endpointId });
    expect(receiver.requests).toHaveLength(1);
    expect(await waitOf(endpointId)).toBeCloseTo(1, 1);
    clock = new Date(clock.getTime() + 1000);
    await deliverMessages(ctx, { endpointId });
    expect(receiver.requests).toHaveLength(2);
    await ctx.db.delete(jobs);
    clock = new Date(clock.getTime() + 1000);
    await deliverMessages(ctx, { endpointId });
    const wait = (await waitOf(endpointId)) ?? 0;
    expect(wait).toBeGreaterThan(1.9);
    expect(wait).toBeLessThan(4.1);
    clock = new Date(clock.getTime() + 6000);
    await deliverMessages(ctx, { endpointId });
    expect(await states(endpointId)).toEqual(['delivered', 'delivered']);
  });

  it('leaves a receiver alone that asks for it, unless somebody asks by hand', async () => {
    const endpointId = await endpointOf();
    const [first] = await announce(1);
    receiver.answers.push((response) => response.writeHead(429, { 'retry-after': '600' }).end());
    await deliverMessages(ctx, { endpointId });
    await announce(1);
    await ctx.db.delete(jobs);
    clock = new Date(clock.getTime() + 599_000);
    await deliverMessages(ctx, { endpointId });
    expect(receiver.requests).toHaveLength(1);
    expect(await waitOf(endpointId)).toBeCloseTo(1, 1);
    await ctx.db
      .update(messages)
      .set({ state: 'failed' })
      .where(eq(messages.id, first ?? ''));
    expect(await redeliverMessages(ctx, actor, { endpoint: endpointId })).toEqual({ messages: 1, more: false });
    await deliverMessages(ctx, { endpointId });
    expect(await states(endpointId)).toEqual(['delivered', 'delivered']);
  });

  it('keeps to the rate of an endpoint', async () => {
    const endpointId = await endpointOf({ ratePerMinute: 30 });
    await announce(3);
    await ctx.db.delete(jobs);
    await deliverMessages(ctx, { endpointId });
    expect(receiver.requests).toHaveLength(1);
    expect(await waitOf(endpointId)).toBeCloseTo(2, 1);
    for (let i = 2; i <= 3; i++) {
      clock = new Date(clock.getTime() + 2000);
      await deliverMessages(ctx, { endpointId });
      expect(receiver.requests).toHaveLength(i);
    }
  });

  it('makes room for others after its slice of time, and goes on later', async () => {
    const endpointId = await endpointOf({ maxInFlight: 1 });
    await announce(3);
    await ctx.db.delete(jobs);
    const deliver: TestContext['send']['deliver'] = async (delivery) => {
      clock = new Date(clock.getTime() + 12_000);
      return ctx.send.deliver(delivery);
    };
    const slow = { ...ctx, send: { ...ctx.send, deliver } };
    await deliverMessages(slow, { endpointId });
    expect(receiver.requests).toHaveLength(2);
    expect(await waitOf(endpointId)).toBe(0);
    await deliverMessages(slow, { endpointId });
    expect(receiver.requests).toHaveLength(3);
  });

  it('discards what waits for a disabled endpoint, and tries it once that is enabled and it is asked for', async () => {
    const endpointId = await endpointOf();
    await announce(3);
    await changeEndpoint(ctx, actor, { id: endpointId, state: 'disabled' });
    await deliverMessages(ctx, { endpointId });
    expect(await states(endpointId)).toEqual(Array(3).fill('discarded'));
    await expect(redeliverMessages(ctx, actor, { endpoint: endpointId })).rejects.toMatchObject({ code: 'conflict' });
    await changeEndpoint(ctx, actor, { id: endpointId, state: 'enabled' });
    await redeliverMessages(ctx, actor, { endpoint: endpointId });
    await deliverMessages(ctx, { endpointId });
    expect(await states(endpointId)).toEqual(Array(3).fill('delivered'));
  });

  it('begins the schedule anew for what is redelivered', async () => {
    const endpointId = await endpointOf();
    const [id = ''] = await announce(1);
    await ctx.db.update(messages).set({ state: 'failed', attempts: 10 }).where(eq(messages.id, id));
    await redeliverMessages(ctx, actor, { endpoint: endpointId });
    receiver.answers.push(500);
    await deliverMessages(ctx, { endpointId });
    const { items } = await readMessages(ctx, actor, { endpoint: endpointId, limit: 1 });
    expect(items[0]).toMatchObject({ state: 'pending', attempts: 11 });
    expect(items[0]?.nextAttemptAt?.getTime()).toBeLessThanOrEqual(clock.getTime() + 6000);
  });

  it('redelivers a span of time, of the states that are named', async () => {
    const endpointId = await endpointOf();
    await announce(1);
    clock = new Date(clock.getTime() + 60_000);
    const since = clock;
    await announce(2);
    clock = new Date(clock.getTime() + 60_000);
    const until = clock;
    await announce(1);
    await deliverMessages(ctx, { endpointId });
    const range = { endpoint: endpointId, since, until };
    expect(await redeliverMessages(ctx, actor, range)).toEqual({ messages: 0, more: false });
    expect(await redeliverMessages(ctx, actor, { ...range, states: ['delivered'] })).toMatchObject({ messages: 2 });
    expect(await states(endpointId)).toEqual(['delivered', 'pending', 'pending', 'delivered']);
  });

  it('is woken again when its job is gone', async () => {
    const endpointId = await endpointOf();
    await announce(1);
    await ctx.db.delete(jobs);
    await wakeNeglected(ctx);
    expect(await waitOf(endpointId)).toBeNull();
    clock = new Date(clock.getTime() + 61_000);
    await wakeNeglected(ctx);
    expect(await waitOf(endpointId)).toBe(0);
  });

  it('reaches a healthy receiver while fifty others hang', async () => {
    const hanging = await startReceiver();
    const held = holdAll(hanging, 50);
    for (let i = 0; i < 50; i++) await createEndpoint(ctx, actor, { url: hanging.url, maxInFlight: 1 });
    await announce(2);
    // Of which one project has half: all fifty hang at once.
    const loop = await startWorkerLoop(holding(), JOB_HANDLERS, { ...DELIVERIES, concurrency: 128 });
    await held.full;
    const healthy = await endpointOf();
    const arrived = Promise.withResolvers<void>();
    receiver.answers.push((response) => {
      response.end();
      arrived.resolve();
    });
    await announce(1);
    await arrived.promise;
    expect([held.now(), held.most()]).toEqual([50, 50]);
    await hanging.close();
    await loop.stop(60_000);
    expect(await states(healthy)).toEqual(['delivered']);
  });

  it('leaves room for other projects, however many receivers of one hang', async () => {
    const hanging = await startReceiver();
    const [others, mine] = [await project('others'), await project('mine')];
    const urls = [hanging.url, receiver.url];
    // More than one project may register, as if several belonged to one that hangs.
    for (let i = 0; i < 200; i++) await insertPlainEndpoint(others, urls[0] ?? '');
    const held = holdAll(hanging, 60);
    await announceTo(others);
    const loop = await startWorkerLoop(holding(), JOB_HANDLERS, { ...DELIVERIES, concurrency: 128 });
    await held.full;
    await insertPlainEndpoint(mine, urls[1] ?? '');
    const arrived = Promise.withResolvers<void>();
    receiver.answers.push((response) => {
      response.end();
      arrived.resolve();
    });
    await announceTo(mine);
    await arrived.promise;
    expect(held.now()).toBeGreaterThanOrEqual(60);
    expect(held.most()).toBeLessThanOrEqual(66);
    await ctx.db.delete(messages).where(eq(messages.state, 'pending'));
    await hanging.close();
    await loop.stop(60_000);
  });
});
