import { afterAll, beforeAll, expect, it } from 'vitest';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from '../monitor/story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;

type Shown = { calibration: { source: string; window_rows: number | null; factor: number } | null };

let story: Story;
beforeAll(async () => {
  story = await startStory();
  await setUp(story, makeRows(2000, 1));
  await story.drain();
});
afterAll(() => story.close());

it('a monitor that is made before anything is logged has its limits once there are rows to make them for', async () => {
  await story.call('POST', BASE, { name: 'daily', false_alarms: { at_most: 1, per: 'month' } });
  await story.drain();
  expect((await story.call<Shown>('GET', `${BASE}/daily`)).body.calibration).toBeNull();
  await story.log('predictions', predictions(makeRows(300, 2), { id: 'a', from: day(0), to: day(0) + DAY }));
  const through = new Date(day(2)).toISOString();
  await story.call('POST', `/v1/models/${MODEL}/watermark`, { through });
  await story.drain();
  const { calibration } = (await story.call<Shown>('GET', `${BASE}/daily`)).body;
  expect(calibration).toMatchObject({ source: 'resamples', window_rows: 300 });
  // Made for no column, limits would be raised by nothing.
  expect(calibration?.factor).toBeGreaterThan(0.5);
  expect((await story.windows())[0]).toMatchObject({ state: 'judged', verdict: 'no_drift' });
});
