import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../../src/context.ts';
import { TidemarkError } from '../../src/errors.ts';
import { enqueue } from '../../src/store/jobs/jobs.ts';
import { JOB_HANDLERS } from '../../workers/jobs.ts';
import { type JobHandlers, startWorkerLoop, type WorkerLoop } from '../../workers/loop.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { createTestDatabase } from '../support/database.ts';

let ctx: TestContext;
let drop: () => Promise<void>;
let loop: WorkerLoop | undefined;
beforeAll(async () => {
  const database = await createTestDatabase();
  ctx = await createTestContext(database.url);
  drop = database.drop;
});
afterEach(async () => {
  await loop?.stop(PATIENCE);
  await ctx.sql`delete from jobs`;
});
afterAll(async () => {
  await ctx.close();
  await drop();
});

/** Milliseconds in which a job ends that can. */
const PATIENCE = 60_000;

/** A promise and its ends: the tests wait for events, never for time. */
const open = <T = void>() => Promise.withResolvers<T>();

const put = (modelId: number) =>
  enqueue(ctx.db, { name: 'settle-batches', key: `model:${modelId}`, payload: { modelId } });
const handling = (settle: (payload: { modelId: number }) => Promise<void>): JobHandlers => ({
  ...JOB_HANDLERS,
  'settle-batches': (_, payload) => settle(payload),
});
const start = async (handlers: JobHandlers, context: Context = ctx, concurrency = 1) => {
  loop = await startWorkerLoop(context, handlers, { concurrency, names: ['settle-batches'] });
  return loop;
};
const rows = () =>
  ctx.sql<{ state: string; attempts: number; due: number; error: string | null }[]>`
    select state, attempts, extract(epoch from run_at - now())::float8 due, error from jobs order by id`;
/** Seconds by the clock of the database. */
const clock = async (): Promise<number> => {
  const [row] = await ctx.sql<{ at: number }[]>`select extract(epoch from now())::float8 at`;
  return row?.at ?? 0;
};

describe('the worker loop', () => {
  it('runs what is enqueued, before its start and after, and removes it', async () => {
    const seen: number[] = [];
    const both = open();
    await put(1);
    await start(
      handling(async ({ modelId }) => {
        seen.push(modelId);
        if (modelId === 1) await put(2);
        else both.resolve();
      }),
    );
    await both.promise;
    await loop?.stop(PATIENCE);
    expect(seen).toEqual([1, 2]);
    expect(await rows()).toHaveLength(0);
  });

  it('runs all that one announcement stands for, and what comes while a job runs', async () => {
    const seen: number[] = [];
    const last = open();
    await start(
      handling(async ({ modelId }) => {
        seen.push(modelId);
        // Its own again, which has to wait for its end, and another's.
        if (modelId === 1 && seen.filter((id) => id === 1).length === 1) {
          await put(1);
          await put(5);
        }
        if (seen.length === 6) last.resolve();
      }),
      ctx,
      2,
    );
    await ctx.sql`with made as (
        insert into jobs (name, key, payload)
        select 'settle-batches', 'model:' || n, jsonb_build_object('modelId', n) from generate_series(2, 4) n returning 1)
      select pg_notify('tidemark_jobs', 'settle-batches 0') from made limit 1`;
    await put(1);
    await last.promise;
    expect(seen.toSorted((a, b) => a - b)).toEqual([1, 1, 2, 3, 4, 5]);
  });

  it('takes only the names it was given', async () => {
    const done = open();
    await enqueue(ctx.db, { name: 'deliver-messages', key: 'endpoint:1', payload: { endpointId: 'ep_1' } });
    await put(1);
    await start(handling(async () => done.resolve()));
    await done.promise;
    await loop?.stop(PATIENCE);
    expect(await ctx.sql`select name, attempts from jobs`).toEqual([{ name: 'deliver-messages', attempts: 0 }]);
  });

  it('runs as many side by side as it may', async () => {
    let running = 0;
    const all = open();
    for (let id = 0; id < 4; id++) await put(id);
    await start(
      handling(async () => {
        if (++running === 4) all.resolve();
        await all.promise;
      }),
      ctx,
      4,
    );
    await all.promise;
    expect(running).toBe(4);
  });

  it('gives a failed job back, later each time, with the reason', async () => {
    await put(1);
    for (const [attempt, seconds] of [
      [1, 1],
      [2, 2],
      [3, 4],
      [9, 256],
    ] as const) {
      await ctx.sql`update jobs set attempts = ${attempt - 1}, run_at = now() - interval '1 second'`;
      const failed = open();
      const before = await clock();
      await start(
        handling(async () => {
          failed.resolve();
          throw new Error(`try ${attempt}`);
        }),
      );
      await failed.promise;
      await loop?.stop(PATIENCE);
      const [row] = await rows();
      expect(row).toMatchObject({ state: 'waiting', attempts: attempt, error: `try ${attempt}` });
      const passed = (await clock()) - before;
      expect(row?.due).toBeGreaterThan(seconds - passed - 0.002);
      expect(row?.due).toBeLessThanOrEqual(seconds);
    }
  });

  it('sets a job aside that failed ten times', async () => {
    const failed = open();
    await put(1);
    await ctx.sql`update jobs set attempts = 20, failures = 9`;
    await start(
      handling(async () => {
        failed.resolve();
        throw new Error('for ever');
      }),
    );
    await failed.promise;
    await loop?.stop(PATIENCE);
    expect(await rows()).toMatchObject([{ state: 'dead', attempts: 21, error: 'for ever' }]);
  });

  it('sets a job aside whose workers die of it, without beginning it again', async () => {
    const seen: number[] = [];
    const next = open();
    await put(1);
    await ctx.sql`update jobs set state = 'active', attempts = 10, failures = 9, lease_until = now() - interval '1 second'`;
    await put(2);
    await start(
      handling(async ({ modelId }) => {
        seen.push(modelId);
        if (modelId === 2) next.resolve();
      }),
    );
    await next.promise;
    await loop?.stop(PATIENCE);
    expect(seen).toEqual([2]);
    expect(await rows()).toMatchObject([{ state: 'dead', attempts: 11, error: expect.stringContaining('died') }]);
  });

  it('gives a job back at once, and never buries it, when it was the service that stopped', async () => {
    const failed = open();
    await put(1);
    await ctx.sql`update jobs set attempts = 30`;
    const running = await start(
      handling(async () => {
        failed.resolve();
        // Otherwise the loop would take it again: it is due.
        void running.stop(PATIENCE);
        throw new TidemarkError('not-ready', 'The service is stopping.');
      }),
    );
    await failed.promise;
    await running.stop(PATIENCE);
    const [row] = await rows();
    expect(row).toMatchObject({ state: 'waiting', attempts: 31 });
    // Due at once, to the millisecond that the column keeps.
    expect(row?.due).toBeLessThanOrEqual(0.001);
  });

  it.each([
    ['the remote', new TidemarkError('store-unavailable', 'The object store does not answer.')],
    ['space', new TidemarkError('storage-full', 'The object store is full.')],
    ['the database', Object.assign(new Error('write CONNECTION_CLOSED'), { code: 'CONNECTION_CLOSED' })],
  ])('never buries a job for want of %s, and does not hold that against it later', async (_, away) => {
    await put(1);
    for (const error of [away, new Error('its own')]) {
      const failed = open();
      await ctx.sql`update jobs set attempts = 30, run_at = now() - interval '1 second'`;
      await start(
        handling(async () => {
          failed.resolve();
          throw error;
        }),
      );
      await failed.promise;
      await loop?.stop(PATIENCE);
      expect(await rows()).toMatchObject([{ state: 'waiting', attempts: 31, error: error.message }]);
    }
    expect(await ctx.sql`select failures from jobs`).toEqual([{ failures: 1 }]);
  });

  it('stops when the running job has ended, and takes no other', async () => {
    const begun = open();
    const finish = open();
    await put(1);
    await put(2);
    await start(
      handling(async () => {
        begun.resolve();
        await finish.promise;
      }),
    );
    await begun.promise;
    let stopped = false;
    const stopping = loop?.stop(PATIENCE).then(() => {
      stopped = true;
    });
    await ctx.sql`select 1`;
    expect(stopped).toBe(false);
    finish.resolve();
    await stopping;
    expect(await rows()).toMatchObject([{ state: 'waiting', attempts: 0 }]);
  });

  it('gives back a job that outlasts the grace time, and what is still done of it settles nothing', async () => {
    const begun = open();
    const never = open();
    await put(1);
    await start(
      handling(async () => {
        begun.resolve();
        await never.promise;
      }),
    );
    await begun.promise;
    await loop?.stop(1);
    expect(await rows()).toMatchObject([{ state: 'waiting', attempts: 1 }]);
    never.resolve();
    await ctx.sql`select 1`;
    // Another worker takes it, without waiting for a lease.
    const again = open();
    await start(handling(async () => again.resolve()));
    await again.promise;
    await loop?.stop(PATIENCE);
    expect(await rows()).toEqual([]);
  });

  it('asks nothing more of the database for a job that it has given back and that fails then', async () => {
    const begun = open();
    const gate = open();
    let closed = false;
    let asked = 0;
    const context: Context = {
      ...ctx,
      get db() {
        if (closed) asked++;
        return ctx.db;
      },
    };
    await put(1);
    await start(
      handling(async () => {
        begun.resolve();
        await gate.promise;
      }),
      context,
    );
    await begun.promise;
    await loop?.stop(1);
    closed = true;
    gate.reject(new Error('the service is gone'));
    await loop?.stop(PATIENCE);
    expect(asked).toBe(0);
    expect(await rows()).toMatchObject([{ state: 'waiting', error: 'The worker stopped.' }]);
  });

  it('goes on after the database refused a claim', async () => {
    const done = open();
    const refused = open();
    let claims = 0;
    // The first claims fail as they do while the database restarts.
    const db = new Proxy(ctx.db, {
      get: (target, name) => {
        if (name !== 'execute') return Reflect.get(target, name, target) as unknown;
        return (...given: Parameters<typeof target.execute>) => {
          if (++claims > 2) return target.execute(...given);
          refused.resolve();
          return Promise.reject(new Error('the database is starting up'));
        };
      },
    });
    await start(
      handling(async () => done.resolve()),
      { ...ctx, db },
    );
    await refused.promise;
    await put(1);
    await done.promise;
    expect(claims).toBeGreaterThan(2);
  });

  it('begins and ends where the connection breaks on which it listens', async () => {
    const lost = Object.assign(new Error('write CONNECTION_CLOSED'), { code: 'CONNECTION_CLOSED' });
    const done = open();
    const sql = (listen: () => Promise<{ unlisten: () => Promise<void> }>): Context['sql'] =>
      new Proxy(ctx.sql, { get: (target, name) => (name === 'listen' ? listen : Reflect.get(target, name, target)) });
    const handlers = handling(async () => done.resolve());
    await put(1);
    await start(handlers, { ...ctx, sql: sql(() => Promise.reject(lost)) });
    await done.promise;
    await loop?.stop(PATIENCE);
    await start(handlers, { ...ctx, sql: sql(async () => ({ unlisten: () => Promise.reject(lost) })) });
    await loop?.stop(PATIENCE);
    await expect(start(handlers, { ...ctx, sql: sql(() => Promise.reject(new Error('no'))) })).rejects.toThrow('no');
  });
});
