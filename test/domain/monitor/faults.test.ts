import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeWindow } from '../../../src/domain/report/judge-window.ts';
import type { TaskName } from '../../../src/domain/tasks.ts';
import { TidemarkError } from '../../../src/errors.ts';
import { claimJob, completeJob, enqueue } from '../../../src/store/jobs/jobs.ts';
import { findMonitorById } from '../../../src/store/monitor/monitors.ts';
import { findWindow, listIdleModels } from '../../../src/store/monitor/windows.ts';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from './story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;

let story: Story;
beforeAll(async () => {
  story = await startStory();
  await setUp(story, makeRows(500, 1));
});
afterAll(() => story.close());

const logDay = (n: number, count: number, id = `d${n}`): Promise<void> =>
  story.log('predictions', predictions(makeRows(count, 50 + n), { id, from: day(n), to: day(n) + DAY }));

/** Sorts what was logged and answers with the first job that judges a window. */
async function firstReadyWindow(): Promise<number> {
  await story.drain(['settle-batches', 'close-windows']);
  const job = await claimJob(story.ctx.db, ['judge-window'], 60);
  if (job === null) throw new Error('no window is ready');
  await completeJob(story.ctx.db, job);
  // Enqueued by `close-windows` with this payload.
  return (job.payload as { windowId: number }).windowId;
}

describe('a reference that is not profiled yet', () => {
  it('puts judging off and enqueues it again', async () => {
    await story.call('POST', BASE, { name: 'daily' });
    await logDay(0, 100);
    await logDay(1, 100);
    await logDay(2, 100);
    const windowId = await firstReadyWindow();
    await judgeWindow(story.ctx, { windowId });
    expect((await story.windows())[0]).toMatchObject({ state: 'ready', verdict: null });
    const waiting = await story.ctx
      .sql`select count(*)::int as n from jobs where name = 'judge-window' and state = 'waiting' and run_at > created_at + interval '0.1 seconds'`;
    expect(waiting[0]?.n).toBeGreaterThanOrEqual(1);
    await story.ctx.sql`update jobs set run_at = now() - interval '1 second' where name = 'judge-window'`;
  });
});

describe('a worker that wakes late', () => {
  it('writes nothing when the window has moved on, and has it judged again', async () => {
    await story.drain(['profile-version', 'calibrate-monitor']);
    const monitors = await story.ctx.sql`select id from monitors`;
    const window = await findWindow(story.ctx.db, Number(monitors[0]?.id), new Date(day(0)));
    const { compute } = story.ctx;
    let moved = false;
    const slow = {
      ...story.ctx,
      compute: {
        ...compute,
        run: async (task: string, input: unknown) => {
          const output = await compute.run(task, input);
          if (task === ('judge-window' satisfies TaskName) && !moved) {
            moved = true;
            await logDay(0, 40, 'late');
            await story.drain(['settle-batches', 'close-windows']);
          }
          return output;
        },
      },
    };
    await judgeWindow(slow, { windowId: window?.id ?? 0 });
    expect((await story.windows())[0]).toMatchObject({ state: 'ready', revision: 2, rows: 140, report: null });
    await story.drain();
    expect((await story.windows())[0]).toMatchObject({ state: 'judged', revision: 2, rows: 140 });
    const reports = await story.ctx.sql`select revision from reports where window_id = ${window?.id ?? 0}`;
    expect(reports.map(({ revision }) => revision)).toEqual([2]);
  });

  it('changes nothing when the verdict stands already', async () => {
    const before = await story.windows();
    const ids = await story.ctx.sql`select id from windows where state = 'judged' order by id`;
    for (const { id } of ids) await judgeWindow(story.ctx, { windowId: Number(id) });
    expect(await story.windows()).toEqual(before);
  });
});

describe('data that cannot be judged', () => {
  it('is a failed window with its reason, told once, and judged again when asked', async () => {
    const { objects } = story.remote;
    await logDay(3, 100);
    await logDay(4, 100);
    await logDay(5, 100);
    await story.drain(['settle-batches', 'close-windows']);
    const rows = await story.ctx
      .sql`select oid from batches where min_time >= ${new Date(day(3)).toISOString()}::text::timestamptz and max_time < ${new Date(day(4)).toISOString()}::text::timestamptz`;
    const oid = String(rows[0]?.oid);
    const good = objects.get(oid)?.slice() ?? new Uint8Array();
    objects.set(
      oid,
      good.map((byte, i) => (i === 100 ? byte ^ 1 : byte)),
    );
    await story.drain();
    const start = new Date(day(3)).toISOString();
    const failed = (await story.windows()).find((window) => window.start === start);
    expect(failed).toMatchObject({
      state: 'failed',
      verdict: 'error',
      report: null,
      error: { code: 'object-corrupt' },
    });
    expect((await story.call('GET', `${BASE}/daily/windows/${start}/report`)).body.detail).toContain(
      'could not be judged',
    );

    objects.set(oid, good);
    await story.ctx.sql`update objects set quarantined_at = null where oid = ${oid}`;
    expect((await story.call('POST', `${BASE}/daily/windows/${start}/judge`)).status).toBe(202);
    await story.drain();
    expect((await story.windows()).find((window) => window.start === start)).toMatchObject({
      state: 'judged',
      error: null,
    });
    expect((await story.call('POST', `${BASE}/daily/windows/${start}/judge`)).status).toBe(409);
  });

  it('is tried again when only the ground was bad', async () => {
    await logDay(6, 100);
    await logDay(7, 100);
    const windowId = await firstReadyWindow();
    const compute = { ...story.ctx.compute, run: () => Promise.reject(new TidemarkError('store-unavailable', 'away')) };
    await expect(judgeWindow({ ...story.ctx, compute }, { windowId })).rejects.toThrow('away');
    const [row] = await story.ctx.sql`select state from windows where id = ${windowId}`;
    expect(row?.state).toBe('ready');
    await judgeWindow(story.ctx, { windowId });
    expect((await story.ctx.sql`select state from windows where id = ${windowId}`)[0]?.state).toBe('judged');
  });
});

describe('a model gone quiet', () => {
  it('has its windows closed by the clock', async () => {
    await story.drain();
    expect((await story.windows()).at(-1)?.state).toBe('open');
    expect(await listIdleModels(story.ctx.db)).toEqual([]);
    await story.ctx.sql`update models set last_batch_at = now() - interval '2 hours'`;
    const [idle] = await listIdleModels(story.ctx.db);
    expect(idle).toBeDefined();
    await enqueue(story.ctx.db, { name: 'close-windows', key: 'idle', payload: { modelId: idle ?? 0 } });
    await story.drain();
    expect((await story.windows()).at(-1)).toMatchObject({ state: 'judged', rows: 100 });
    expect(await listIdleModels(story.ctx.db)).toEqual([]);
  });

  it('closes them at once when the sender says that all has come', async () => {
    await logDay(9, 100);
    await story.drain();
    const before = await story.windows();
    // The day before had no predictions: nothing closes it but the word of the sender.
    expect(before.slice(-2).map(({ rows, state }) => [rows, state])).toEqual([
      [0, 'judged'],
      [100, 'open'],
    ]);
    await story.call('POST', `/v1/models/${MODEL}/watermark`, { through: new Date(day(10) + 3_600_000).toISOString() });
    await story.drain();
    expect((await story.windows()).at(-1)).toMatchObject({ state: 'judged', rows: 100, revision: 1 });
    const monitors = await story.ctx.sql`select id from monitors`;
    const monitor = await findMonitorById(story.ctx.db, Number(monitors[0]?.id));
    expect(monitor?.watermark?.getTime()).toBe(day(10) + 3_600_000);
  });
});
