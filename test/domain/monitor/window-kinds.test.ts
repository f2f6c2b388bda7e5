import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from './story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;
const HOUR = 3_600_000;
const iso = (time: number): string => new Date(time).toISOString();

/** Each kind twice: one monitor that sorts each batch as it comes, one that sorts all of them at once. */
const KINDS = {
  new_york: { period: 'day', zone: 'America/New_York' },
  sliding: { length: 'P2D', step: 'P1D' },
  rows: { rows: 250 },
} as const;

async function makeAll(story: Story, suffix: string): Promise<void> {
  for (const [name, window] of Object.entries(KINDS)) {
    const made = await story.call('POST', BASE, { name: `${name}-${suffix}`, window, minimum_rows: 10 });
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  }
}

const evenly = (n: number, count = 300): object[] =>
  predictions(makeRows(count, 10 + n), { id: `d${n}`, from: day(n), to: day(n) + DAY });

describe('windows of every kind', () => {
  let story: Story;
  const summary = async (name: string) =>
    (await story.windows(name)).map(({ start, end, state, rows, revision }) => [start, end, state, rows, revision]);

  beforeAll(async () => {
    story = await startStory();
    await setUp(story, makeRows(2000, 1));
    await story.drain();
    await makeAll(story, 'early');
    for (const n of [0, 1, 2]) {
      await story.log('predictions', evenly(n));
      await story.drain();
    }
    // Late for the first windows, before the first of them, and on time.
    await story.log('predictions', predictions(makeRows(5, 90), { id: 'late', from: day(0), to: day(0) + HOUR }));
    await story.drain();
    await story.log('predictions', predictions(makeRows(30, 91), { id: 'before', from: day(-1), to: day(0) - HOUR }));
    await story.drain();
    await story.log('predictions', evenly(4));
    await story.drain();
    await makeAll(story, 'late');
    await story.drain();
  });
  afterAll(() => story.close());

  it('are the same however many batches are sorted at once', async () => {
    for (const name of Object.keys(KINDS)) {
      expect(await summary(`${name}-late`), name).toEqual(await summary(`${name}-early`));
    }
  });

  it('are days of a zone', async () => {
    const windows = await story.windows('new_york-early');
    expect(windows.map(({ start }) => start)).toEqual([-2, -1, 0, 1, 2, 3, 4].map((n) => iso(day(n) + 5 * HOUR)));
    // Five hours of each day belong to the one before; nothing was predicted on the fourth.
    expect(windows.map(({ rows }) => rows)).toEqual([7, 23 + 63 + 5, 300, 300, 237, 63, 237]);
    expect(windows.map(({ state }) => state)).toEqual([...Array(6).fill('judged'), 'open']);
    expect(windows[0]?.verdict).toBe('insufficient_data');
  });

  it('overlap where the step is shorter than the length', async () => {
    const windows = await story.windows('sliding-early');
    expect(windows.map(({ start }) => start)).toEqual([-2, -1, 0, 1, 2, 3, 4].map((n) => iso(day(n))));
    expect(windows.map(({ end }) => end)).toEqual([0, 1, 2, 3, 4, 5, 6].map((n) => iso(day(n))));
    expect(windows.map(({ rows }) => rows)).toEqual([30, 335, 605, 600, 300, 300, 300]);
    expect(windows.map(({ state }) => state)).toEqual([...Array(5).fill('judged'), 'open', 'open']);
  });

  it('are of so many rows, cut for good, with late rows as revisions', async () => {
    const windows = await story.windows('rows-early');
    expect(windows.slice(1).map(({ start }) => start)).toEqual(windows.slice(0, -1).map(({ end }) => end));
    expect(windows[0]).toMatchObject({ start: iso(day(-1)), end: iso(day(0)), rows: 30 });
    expect(windows[1]).toMatchObject({ start: iso(day(0)), rows: 255, revision: 2 });
    expect(windows.slice(2, -1).map(({ rows, revision, state }) => [rows, revision, state])).toEqual(
      Array(3).fill([250, 1, 'judged']),
    );
    expect(windows.at(-1)).toMatchObject({ state: 'open', rows: 200 });
    expect(windows.reduce((sum, { rows }) => sum + rows, 0)).toBe(4 * 300 + 5 + 30);
  });

  it('replay, whatever their kind', async () => {
    for (const name of Object.keys(KINDS)) {
      const judged = (await story.windows(`${name}-early`)).filter(({ report }) => report !== null);
      const replay = await story.call<{ agrees: boolean }>('POST', `/v1/reports/${judged[1]?.report}/replay`);
      expect(replay.body, name).toMatchObject({ agrees: true });
    }
  });

  it('are measured when labels come for what they hold', async () => {
    const labels = Array.from({ length: 10 }, (_, i) => ({ prediction_id: `d1-${200 + i}`, label: i % 2 }));
    await story.log('labels', labels);
    await story.drain();
    for (const [name, count] of [
      ['new_york', 1],
      ['sliding', 2],
      ['rows', 1],
    ] as const) {
      const labelled = (await story.windows(`${name}-early`)).filter(({ performance }) => performance?.labelled === 10);
      expect(labelled, name).toHaveLength(count);
    }
  });

  it('stay what they are', async () => {
    const change = (window: object) => story.call('PATCH', `${BASE}/rows-early`, { window });
    expect((await change({ rows: 250 })).status).toBe(200);
    expect((await change({ rows: 300 })).status).toBe(422);
    const shown = await story.call<{ config: { window: object } }>('GET', `${BASE}/new_york-early`);
    expect(shown.body.config.window).toEqual(KINDS.new_york);
  });
});

describe('a day on which the clocks are changed', () => {
  it('has the rows of 23 hours, and is judged once they are over', async () => {
    const story = await startStory();
    try {
      await setUp(story, makeRows(2000, 1));
      await story.drain();
      await story.call('POST', BASE, { name: 'daily', window: { period: 'day', zone: 'Europe/Berlin' }, lateness: 0 });
      const from = Date.parse('2026-03-27T23:00:00Z');
      await story.log('predictions', predictions(makeRows(72 * 10, 5), { id: 'p', from, to: from + 72 * HOUR }));
      await story.drain();
      const windows = await story.windows();
      expect(windows.map(({ start, rows, state }) => [start, rows, state])).toEqual(
        [
          ['2026-03-27T23:00:00.000Z', 240, 'judged'],
          ['2026-03-28T23:00:00.000Z', 230, 'judged'],
          ['2026-03-29T22:00:00.000Z', 240, 'open'],
          ['2026-03-30T22:00:00.000Z', 10, 'open'],
        ].map((row, i) => (i === 2 ? [row[0], row[1], 'judged'] : row)),
      );
    } finally {
      await story.close();
    }
  });
});
