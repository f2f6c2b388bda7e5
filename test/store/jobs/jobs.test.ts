import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  buryJob,
  type ClaimedJob,
  claimJob,
  completeJob,
  endLeases,
  enqueue,
  extendLease,
  JOB_CHANNEL,
  parseAnnouncement,
  releaseJob,
  type Turn,
} from '../../../src/store/jobs/jobs.ts';
import { transact } from '../../../src/store/postgres/db.ts';
import { createTestContext, type TestContext } from '../../support/context.ts';
import { createTestDatabase } from '../../support/database.ts';

let ctx: TestContext;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await createTestDatabase();
  ctx = await createTestContext(database.url);
  drop = database.drop;
});
afterEach(() => ctx.sql`delete from jobs`);
afterAll(async () => {
  await ctx.close();
  await drop();
});

const put = (modelId: number, delaySeconds = 0, db = ctx.db) =>
  enqueue(db, { name: 'settle-batches', key: `model:${modelId}`, payload: { modelId }, delaySeconds });
const claim = () => claimJob(ctx.db, ['settle-batches'], 60);
const must = async (): Promise<ClaimedJob> => {
  const job = await claim();
  if (job === null) throw new Error('no job was due');
  return job;
};
/** Jobs that wait, as those of thousands of windows do. */
const waiting = ([projectId, monitorId]: readonly [number, number], count: number, backfill = false) =>
  ctx.sql`insert into jobs (name, key, payload, project_id, monitor_id, backfill, run_at)
    select 'judge-window', ${`${monitorId}/${String(backfill)}/`} || n, '{"windowId": 1}', ${projectId}, ${monitorId}, ${backfill},
      now() - interval '1 minute'
    from generate_series(1, ${count}) n`;
const rows = () =>
  ctx.sql<{ state: string; attempts: number; due: number; error: string | null }[]>`
    select state, attempts, extract(epoch from run_at - now())::float8 due, error from jobs order by id`;
/** What happens to the claim of a worker that was killed. */
const expire = () => ctx.sql`update jobs set lease_until = now() - interval '1 second' where state = 'active'`;

describe('enqueuing', () => {
  it('keeps the job of that name and key that waits, at the earlier time', async () => {
    // Hours, beside which it does not matter how long a statement takes.
    await put(1, 60_000);
    await put(1, 6000);
    expect((await rows())[0]?.due).toBeCloseTo(6000, -3);
    await put(1, 600_000);
    const kept = await rows();
    expect(kept).toHaveLength(1);
    expect(kept[0]?.due).toBeCloseTo(6000, -3);
    expect(await claim()).toBeNull();
    await put(1);
    expect(await must()).toMatchObject({ name: 'settle-batches', payload: { modelId: 1 }, attempt: 1 });
  });

  it('makes another job for another key, and for another name with the same key', async () => {
    await put(1);
    await put(2);
    await enqueue(ctx.db, { name: 'close-windows', key: 'model:1', payload: { modelId: 1 } });
    expect(await rows()).toHaveLength(3);
  });

  it('is undone with its transaction', async () => {
    const failing = transact(ctx.db, async (tx) => {
      await put(1, 0, tx);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await rows()).toHaveLength(0);
  });

  it('while the job runs makes a new one, which waits until that one has ended', async () => {
    await put(1);
    const first = await must();
    await put(1);
    expect((await rows()).map(({ state }) => state)).toEqual(['active', 'waiting']);
    expect(await claim()).toBeNull();
    expect(await completeJob(ctx.db, first)).toBe(true);
    expect((await must()).id).not.toBe(first.id);
  });

  it('keeps a waiting job from being claimed until what it is to see is committed', async () => {
    await put(1);
    await transact(ctx.db, async (tx) => {
      await put(1, 0, tx);
      // Another connection, as another worker would have: the row is locked, so it is passed over.
      expect(await claim()).toBeNull();
    });
    expect((await must()).payload).toEqual({ modelId: 1 });
  });

  it('of many at once makes one job', async () => {
    await Promise.all(Array.from({ length: 20 }, () => transact(ctx.db, (tx) => put(1, 0, tx))));
    expect(await rows()).toHaveLength(1);
  });

  it('announces at the commit what is due or soon will be, and what is not due not at all', async () => {
    const heard: string[] = [];
    let wake = (): void => {};
    const listener = await ctx.sql.listen(JOB_CHANNEL, (name) => {
      heard.push(name);
      if (heard.length === 2) wake();
    });
    const announced = new Promise<void>((resolve) => {
      wake = resolve;
    });
    await put(7, 60);
    await put(8, 0.25);
    // It waits already, and whoever listens knows.
    await put(8, 0.25);
    await transact(ctx.db, async (tx) => {
      await put(1, 0, tx);
      await put(1, 0, tx);
      expect(heard).not.toContain('settle-batches 0');
    });
    await announced;
    expect(heard).toEqual(['settle-batches 250', 'settle-batches 0']);
    expect(heard.map(parseAnnouncement)).toEqual([
      { name: 'settle-batches', milliseconds: 250 },
      { name: 'settle-batches', milliseconds: 0 },
    ]);
    await listener.unlisten();
  });
});

describe('claiming', () => {
  it('takes what is due first, then what was made first, and of the asked names alone', async () => {
    for (const id of [1, 2, 3]) await put(id);
    await ctx.sql`update jobs set run_at = now() - interval '1 hour' where key = 'model:3'`;
    await ctx.sql`update jobs set run_at = now() - interval '1 minute' where key <> 'model:3'`;
    expect(await claimJob(ctx.db, ['profile-version', 'deliver-messages'], 60)).toBeNull();
    const order = [await must(), await must(), await must()].map(({ payload }) => payload);
    expect(order).toEqual([{ modelId: 3 }, { modelId: 1 }, { modelId: 2 }]);
    expect(await claim()).toBeNull();
  });

  it('gives each project its turn, and each monitor of it, however many jobs another has', async () => {
    const turn = async (lately: readonly Turn[], passedOver: readonly number[] = []) => {
      const job = await claimJob(ctx.db, ['judge-window'], 60, { lately, passedOver });
      return job === null ? null : [job.projectId, job.monitorId];
    };
    await waiting([1, 10], 200);
    await waiting([1, 11], 200);
    await waiting([2, 20], 3);
    await waiting([3, 30], 3);
    expect(await turn([])).toEqual([1, 10]);
    // Of the others none runs.
    expect(await turn([])).toEqual([2, 20]);
    expect(await turn([])).toEqual([3, 30]);
    // As many of each run: the first project was last before the others, and its second monitor not yet.
    const [one, two, three] = [
      { projectId: 1, monitorId: 10 },
      { projectId: 2, monitorId: 20 },
      { projectId: 3, monitorId: 30 },
    ];
    expect(await turn([one, two, three])).toEqual([1, 11]);
    expect(await turn([two, three, one], [2])).toEqual([3, 30]);
    expect(await turn([], [1, 2, 3])).toBeNull();
    await ctx.sql`delete from jobs where state = 'active'`;
    expect(await turn([one, three])).toEqual([2, 20]);
  });

  it('tells whether others may be due, whoever they are of', async () => {
    const more = async () => (await claimJob(ctx.db, ['judge-window', 'settle-batches'], 60))?.more;
    await waiting([1, 10], 2);
    expect([await more(), await more()]).toEqual([true, false]);
    await waiting([2, 20], 1);
    await put(1);
    // What is due later, and other names, are nothing to those who ask.
    await put(2, 600);
    await enqueue(ctx.db, { name: 'deliver-messages', key: 'endpoint:1', payload: { endpointId: 'ep_1' } });
    expect([await more(), await more(), await more()]).toEqual([true, false, undefined]);
    // Of those whose workers died it is not known.
    await expire();
    expect(await more()).toBe(true);
  });

  it('takes the windows of today before those of the past', async () => {
    await waiting([1, 10], 50, true);
    await waiting([1, 11], 1);
    await waiting([1, 10], 1);
    const lately = [{ projectId: 1, monitorId: 11 }];
    const claimed = [];
    for (let i = 0; i < 3; i++) claimed.push(await claimJob(ctx.db, ['judge-window'], 60, { lately }));
    const [first, second, third] = claimed.map((job) => job?.monitorId);
    expect([first, second, third]).toEqual([10, 11, 10]);
  });

  it('hands each job to one of many claimants', async () => {
    for (let id = 0; id < 12; id++) await put(id);
    const claimed = await Promise.all(Array.from({ length: 20 }, claim));
    const ids = claimed.flatMap((job) => job?.id ?? []);
    expect(ids).toHaveLength(12);
    expect(new Set(ids).size).toBe(12);
  });

  it('takes a job again whose worker is gone; that worker can do nothing any more', async () => {
    await put(1);
    const first = await must();
    expect(await claim()).toBeNull();
    await expire();
    const second = await must();
    expect(second).toMatchObject({ id: first.id, attempt: 2, failures: 1 });
    expect(await completeJob(ctx.db, first)).toBe(false);
    expect(await extendLease(ctx.db, first, 60)).toBe(false);
    await releaseJob(ctx.db, first, { delaySeconds: 0, error: 'late', failed: true });
    await buryJob(ctx.db, first, 'late');
    expect(await rows()).toMatchObject([{ state: 'active', attempts: 2, error: null }]);
    expect(await completeJob(ctx.db, second)).toBe(true);
    expect(await completeJob(ctx.db, second)).toBe(false);
  });

  it('is prolonged while the worker lives', async () => {
    await put(1);
    const job = await must();
    await expire();
    expect(await extendLease(ctx.db, job, 60)).toBe(true);
    expect(await claim()).toBeNull();
  });
});

describe('ending leases', () => {
  it('hands out at once what a killed worker held, and fences that worker off', async () => {
    await put(1);
    const held = await must();
    expect(await claim()).toBeNull();
    expect(await endLeases(ctx.db)).toBe(1);
    const taken = await must();
    expect(taken).toMatchObject({ id: held.id, attempt: held.attempt + 1 });
    expect(await completeJob(ctx.db, held)).toBe(false);
    expect(await completeJob(ctx.db, taken)).toBe(true);
  });
});

describe('giving back', () => {
  it('leaves the job for later with the reason', async () => {
    await put(1);
    await releaseJob(ctx.db, await must(), { delaySeconds: 6000, error: 'no luck', failed: true });
    const [row] = await rows();
    expect(row).toMatchObject({ state: 'waiting', attempts: 1, error: 'no luck' });
    expect(row?.due).toBeCloseTo(6000, -3);
    expect(await claim()).toBeNull();
    await put(1);
    expect(await must()).toMatchObject({ attempt: 2, failures: 1 });
    expect(await rows()).toMatchObject([{ error: null }]);
  });

  it('steps aside for the same work that was enqueued meanwhile', async () => {
    await put(1);
    const job = await must();
    await put(1);
    await releaseJob(ctx.db, job, { delaySeconds: 300, error: 'no luck', failed: true });
    expect(await rows()).toHaveLength(1);
    expect((await must()).attempt).toBe(1);
  });

  it('buries what failed for good, and lets the same work be enqueued again', async () => {
    await put(1);
    await buryJob(ctx.db, await must(), 'hopeless');
    expect(await claim()).toBeNull();
    await put(1);
    expect((await must()).attempt).toBe(1);
    expect(await rows()).toMatchObject([{ state: 'dead', error: 'hopeless' }, { state: 'active' }]);
  });

  it('keeps one that is buried, and none once its work is done after all', async () => {
    await put(1);
    await buryJob(ctx.db, await must(), 'once');
    await put(2);
    await buryJob(ctx.db, await must(), 'another');
    await put(1);
    await buryJob(ctx.db, await must(), 'twice');
    expect(await rows()).toMatchObject([{ error: 'another' }, { error: 'twice' }]);
    await put(1);
    expect(await completeJob(ctx.db, await must())).toBe(true);
    expect(await rows()).toMatchObject([{ state: 'dead', error: 'another' }]);
  });
});
