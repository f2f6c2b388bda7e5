import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listIdleModels } from '../../../src/store/monitor/windows.ts';
import { JOB_HANDLERS } from '../../../workers/jobs.ts';
import { MODEL, makeRows, predictions, type Story, setUp, startStory } from '../monitor/story.ts';

const BASE = `/v1/models/${MODEL}`;
const HOUR = 3_600_000;

let story: Story;
let stopped = 0;
type Alert = { target: string; state: string; monitor: string; evidence: { problem: { kind: string } } };
const alerts = async (): Promise<Alert[]> =>
  (await story.call<{ items: Alert[] }>('GET', '/v1/alerts')).body.items.filter(({ target }) => target === 'data');

/** What a minute's tick sets in motion. */
async function tick(): Promise<boolean> {
  const idle = await listIdleModels(story.ctx.db);
  for (const modelId of idle) await JOB_HANDLERS['close-windows'](story.ctx, { modelId });
  await story.drain();
  for (const { id } of await story.ctx.sql`select id from monitors order by name`) {
    await JOB_HANDLERS['evaluate-alert'](story.ctx, { monitorId: Number(id) });
  }
  return idle.length > 0;
}
/** Whether a tick still finds something to do after one that did all there was; an hour that ends meanwhile is no news. */
async function findsMore(): Promise<boolean> {
  for (;;) {
    const hour = Math.floor(Date.now() / HOUR);
    await tick();
    const more = await tick();
    if (Math.floor(Date.now() / HOUR) === hour) return more;
  }
}
/** As if every batch had come `minutes` after its last event. */
async function received(minutes: number): Promise<void> {
  await story.ctx.sql`update batches set received_at = max_time + make_interval(mins => ${minutes})`;
  await story.ctx.sql`update models set last_batch_at = (select max(received_at) from batches)`;
}

beforeAll(async () => {
  story = await startStory();
  await setUp(story, makeRows(1000, 1));
  await story.drain();
  const window = { length: 'PT1H' };
  for (const monitor of [
    { name: 'hourly', window },
    { name: 'never', window, alert: { no_data_after: null } },
    { name: 'quick', window, alert: { no_data_after: 3 } },
    { name: 'daily' },
  ]) {
    await story.call('POST', `${BASE}/monitors`, monitor);
  }
  stopped = Math.floor(Date.now() / HOUR) * HOUR - 30 * HOUR;
  for (const from of [stopped - 30 * HOUR, stopped - 8 * HOUR]) {
    // A pause of ten hours lies between.
    const to = from + (from === stopped - 8 * HOUR ? 8 : 12) * HOUR;
    const rows = makeRows(((to - from) / HOUR) * 60, from / HOUR);
    await story.log('predictions', predictions(rows, { id: `f${from}`, from, to }));
  }
  await story.drain();
});
afterAll(() => story.close());

describe('a feed that stops', () => {
  it('is no news where a history was filled in, with its gaps', async () => {
    await received(60 * 24);
    await tick();
    const windows = await story.windows('hourly');
    expect(windows.at(-1)?.start).toBe(new Date(stopped - HOUR).toISOString());
    expect(windows.filter(({ verdict }) => verdict === 'no_data')).toHaveLength(10);
    // Where somebody said after how many windows, every gap counts.
    expect(new Set((await alerts()).map(({ monitor }) => monitor))).toEqual(new Set(['quick']));
    expect(await findsMore()).toBe(false);
  });

  it('makes empty windows as the clock goes, and is an alert by itself', async () => {
    await received(5);
    expect(await tick()).toBe(true);
    const windows = await story.windows('hourly');
    const empty = windows.filter(({ start, verdict }) => Date.parse(start) >= stopped && verdict === 'no_data');
    expect(empty.length).toBeGreaterThanOrEqual(27);
    const open = (await alerts()).filter(({ state }) => state === 'no_data').map(({ monitor }) => monitor);
    expect(open.toSorted()).toEqual(['hourly', 'quick']);
    // All that is over has its window.
    expect(await findsMore()).toBe(false);
  });

  it('is over when predictions come again', async () => {
    const from = Math.floor(Date.now() / HOUR) * HOUR - 2 * HOUR;
    await story.log('predictions', predictions(makeRows(120, 5), { id: 'again', from, to: from + 2 * HOUR }));
    await story.drain();
    await story.call('POST', `${BASE}/watermark`, { through: new Date(from + 2 * HOUR).toISOString() });
    await story.drain();
    await tick();
    expect((await alerts()).filter(({ state }) => state === 'no_data')).toEqual([]);
  });
});
