import { afterAll, beforeAll, expect, it } from 'vitest';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from './story.ts';

const BASE = `/v1/models/${MODEL}`;
const iso = (time: number): string => new Date(time).toISOString();

let story: Story;
beforeAll(async () => {
  story = await startStory();
  await setUp(story, makeRows(1000, 1));
  await story.drain();
  await story.call('POST', `${BASE}/monitors`, { name: 'daily' });
  await story.log('predictions', predictions(makeRows(100, 2), { id: 'p', from: day(0), to: day(0) + DAY }));
  await story.drain();
});
afterAll(() => story.close());

it('makes windows without a prediction after the last one, as far as the sender says that none will come', async () => {
  const missing = await story.call('GET', `${BASE}/monitors/daily/windows/${iso(day(2))}`);
  expect(missing).toMatchObject({
    status: 404,
    body: { detail: expect.stringContaining('events have been seen up to') },
  });
  await story.call('POST', `${BASE}/watermark`, { through: iso(day(4) + DAY / 24) });
  await story.drain();
  const found = await story.windows();
  expect(found.map(({ start, verdict }) => [start, verdict])).toEqual([
    [iso(day(0)), 'no_drift'],
    [iso(day(1)), 'no_data'],
    [iso(day(2)), 'no_data'],
    [iso(day(3)), 'no_data'],
  ]);
  const later = await story.call('GET', `${BASE}/monitors/daily/windows/${iso(day(4))}`);
  expect(later.body.detail).toContain(`no prediction has come since the window of ${iso(day(3))}`);
});
