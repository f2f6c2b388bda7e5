import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from '../monitor/story.ts';

const BASE = `/v1/models/${MODEL}`;

let story: Story;
beforeAll(async () => {
  story = await startStory();
  await setUp(story, makeRows(1000, 1));
  await story.drain();
  await story.call('POST', `${BASE}/monitors`, { name: 'daily' });
  await story.log('predictions', predictions(makeRows(200, 2), { id: 'd0', from: day(0), to: day(0) + DAY }));
  await story.log('predictions', predictions(makeRows(200, 3), { id: 'd1', from: day(1), to: day(1) + DAY }));
  await story.log('predictions', predictions(makeRows(2, 4), { id: 'd9', from: day(9), to: day(9) + DAY }));
  await story.drain();
});
afterAll(() => story.close());

type Detail = {
  readonly prediction_id: string;
  readonly features: Record<string, unknown>;
  readonly label: { value: string; revision: number; replaced: { value: string; revision: number }[] } | null;
  readonly windows: Record<string, unknown>[];
  readonly trained_on: Record<string, unknown> | null;
  readonly detail: string;
};
const read = (id: string) => story.call<Detail>('GET', `${BASE}/predictions/${encodeURIComponent(id)}`);

describe('one prediction', () => {
  test('says what was sent, where it lies and how its window was judged', async () => {
    const { status, body } = await read('d0-7');
    expect([status, body.prediction_id]).toEqual([200, 'd0-7']);
    expect(Object.keys(body.features).length).toBeGreaterThan(1);
    expect(body.windows).toEqual([
      expect.objectContaining({
        monitor: 'daily',
        start: new Date(day(0)).toISOString(),
        state: 'judged',
        counted: true,
        reference: expect.objectContaining({ version: 'v1' }),
      }),
    ]);
    expect(body.trained_on).toMatchObject({ version: 'v1' });
  });

  test('of a window that is open has no verdict yet', async () => {
    const { body } = await read('d9-0');
    expect(body.windows).toEqual([
      expect.objectContaining({ state: 'open', verdict: null, report: null, counted: false, reference: null }),
    ]);
  });

  test('keeps every label that it had', async () => {
    const said = (label: number) => story.log('labels', [{ prediction_id: 'd1-5', label }]);
    expect((await read('d1-5')).body.label).toBeNull();
    await said(0);
    await story.drain(['settle-batches']);
    // Two more before the next settlement: the one between them was never the latest.
    await said(1);
    await said(0);
    await story.drain(['settle-batches']);
    await said(0);
    await story.drain(['settle-batches']);
    const { label } = (await read('d1-5')).body;
    expect([label?.value, label?.revision]).toEqual(['0', 3]);
    expect(label?.replaced.map(({ value, revision }) => [value, revision])).toEqual([
      ['1', 2],
      ['0', 1],
    ]);
  });

  test('that is not there is told apart from one whose label waits', async () => {
    await story.log('labels', [{ prediction_id: 'who/is?this', label: 1 }]);
    await story.drain(['settle-batches']);
    const missing = await read('nobody');
    expect([missing.status, missing.body.detail]).toEqual([404, expect.stringContaining('no prediction "nobody".')]);
    const waiting = await read('who/is?this');
    expect([waiting.status, waiting.body.detail]).toEqual([404, expect.stringContaining('A label for it has come')]);
  });
});
