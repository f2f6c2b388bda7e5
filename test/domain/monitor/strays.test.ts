import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from './story.ts';

const HOUR = 3_600_000;
/** Start of the hour that it is. Should it end meanwhile: its window does not, before the lateness is over. */
const running = Math.floor(Date.now() / HOUR) * HOUR;
const iso = (time: number): string => new Date(time).toISOString();

/** One record of these rows, stamped at a time. */
const stamped = (id: string, time: number): object[] => predictions(makeRows(1, 500), { id, from: time, to: time + 1 });

describe('a prediction with a wrong clock', () => {
  let story: Story;
  beforeAll(async () => {
    story = await startStory();
    await setUp(story, makeRows(1000, 1));
    await story.drain();
  });
  afterAll(() => story.close());

  const summary = async (monitor: string) =>
    (await story.windows(monitor)).map(({ start, state, rows, revision }) => [start, state, rows, revision]);

  it('closes none of the windows that a history is filled into', async () => {
    await story.call('POST', `/v1/models/${MODEL}/monitors`, { name: 'daily' });
    const stray = day(200) + 6 * HOUR;
    for (const n of [0, 1, 2, 3]) {
      const rows = predictions(makeRows(100, 10 + n), { id: `d${n}`, from: day(n), to: day(n) + DAY });
      await story.log('predictions', n === 0 ? [...rows, ...stamped('stray', stray)] : rows);
      await story.drain();
    }
    expect(await summary('daily')).toEqual([
      [iso(day(0)), 'judged', 100, 1],
      [iso(day(1)), 'judged', 100, 1],
      [iso(day(2)), 'judged', 100, 1],
      [iso(day(3)), 'open', 100, 1],
      [iso(day(200)), 'open', 1, 1],
    ]);
  });

  it('closes no window of today, nor those that have not begun', async () => {
    await story.call('POST', `/v1/models/${MODEL}/monitors`, { name: 'hourly', window: { length: 'PT1H' } });
    const now = Date.now();
    const part = (id: string): object[] => predictions(makeRows(60, 20), { id, from: running, to: now });
    const before = predictions(makeRows(60, 21), { id: 'before', from: running - 3 * HOUR, to: running });
    await story.log('predictions', before);
    await story.log('predictions', [...part('a'), ...stamped('ahead', now + 23 * HOUR)]);
    await story.drain();
    await story.log('predictions', part('b'));
    await story.drain();
    const today = (await summary('hourly')).filter(([start]) => Date.parse(String(start)) >= running);
    expect(today).toEqual([
      [iso(running), 'open', 120, 1],
      [iso(Math.floor((now + 23 * HOUR) / HOUR) * HOUR), 'open', 1, 1],
    ]);
  });

  it('can have its sender’s word for it, which an administrator takes back', async () => {
    const say = (body: object) => story.call<{ watermark: string }>('POST', `/v1/models/${MODEL}/watermark`, body);
    const ahead = Date.now() + 20 * HOUR;
    expect((await say({ through: iso(ahead) })).body).toEqual({ watermark: iso(ahead) });
    await story.drain();
    expect((await summary('hourly')).some(([, state]) => state === 'open')).toBe(true);
    expect((await say({ through: iso(running) })).body).toEqual({ watermark: iso(ahead) });
    expect((await say({ through: iso(running), lower: true })).body).toEqual({ watermark: iso(running) });
    await story.drain();
    await story.log('predictions', predictions(makeRows(30, 22), { id: 'late', from: running, to: Date.now() }));
    await story.drain();
    const revised = (await story.windows('hourly')).find(({ start }) => start === iso(running));
    // It was judged on the sender's word, and its next revision waits for its end.
    expect(revised).toMatchObject({ state: 'open', revision: 2, rows: 150 });
  });
});
