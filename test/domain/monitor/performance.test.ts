import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { performanceSeriesView } from '../../../schemas/wire/performance.ts';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from './story.ts';

const DAILY = `/v1/models/${MODEL}/monitors/daily`;
const DAYS = [0, 1, 2].map((n) => makeRows(300, 100 + n));

type Series = z.infer<typeof performanceSeriesView>;

describe('performance of a monitor’s windows', () => {
  let story: Story;
  beforeAll(async () => {
    story = await startStory();
    await setUp(story, makeRows(2000, 1));
    await story.drain();
    await story.call('POST', `/v1/models/${MODEL}/monitors`, { name: 'daily' });
    for (const [n, rows] of DAYS.entries()) {
      await story.log('predictions', predictions(rows, { id: `d${n}`, from: day(n), to: day(n) + DAY }));
    }
    await story.log(
      'labels',
      (DAYS[0] ?? []).map(({ prediction }, i) => ({
        prediction_id: `d0-${i}`,
        label: i % 10 === 0 ? 1 - prediction : prediction,
      })),
    );
    await story.drain();
  });
  afterAll(() => story.close());

  const series = async () => (await story.call<Series>('GET', `${DAILY}/performance`)).body.items;

  it('is judged against what the reference does on its own labels, once they have come', async () => {
    const [first, second] = await series();
    expect(first?.judgement).toMatchObject({ verdict: 'worse', waits_until: null });
    // The labels of the reference are its predictions: one in ten is wrong here.
    expect(first?.judgement?.comparisons).toContainEqual(
      expect.objectContaining({ metric: 'accuracy', value: 0.9, reference: 1, verdict: 'worse' }),
    );
    // Its end is long ago, and no label has come.
    expect(second?.judgement).toMatchObject({ verdict: 'insufficient_data' });
  });

  it('is estimated without labels, and the estimate stays beside what they say', async () => {
    const [first, second] = await series();
    expect(first?.estimate).toMatchObject({ method: 'cbpe@1', task: 'binary', reason: null });
    // The scores of the reference tell its labels for certain, so nothing is expected to go wrong.
    expect(first?.estimate?.metrics.accuracy?.value).toBeGreaterThan(0.99);
    expect(first?.estimate?.check.accuracy?.realised).toBe(1);
    expect(first?.estimate?.against_labels.accuracy).toMatchObject({ realised: 0.9, inside_band: false });
    expect(second?.estimate?.metrics.accuracy?.value).toBeGreaterThan(0.99);
    expect(second?.estimate?.against_labels).toEqual({});
    expect(second?.estimate?.assumptions.length).toBeGreaterThan(0);
  });

  it('waits for labels as long as the configuration says', async () => {
    const refused = await story.call('PATCH', DAILY, {
      performance: { judge_after: 'P400D', worsening: { luck: 0.1 } },
    });
    expect(refused.status).toBe(422);
    expect(refused.body.errors?.map(({ pointer }) => pointer)).toEqual([
      '/performance/worsening/luck',
      '/performance/judge_after',
    ]);
    const performance = { minimum_coverage: 1, judge_after: 'P366D', worsening: { accuracy: 0.2 } };
    const changed = await story.call<{ config: { performance: unknown } }>('PATCH', DAILY, {
      performance,
      effective_from: new Date(day(0)).toISOString(),
    });
    expect(changed.body.config.performance).toEqual({
      minimum_coverage: 1,
      judge_after_seconds: 366 * 86_400,
      worsening: { accuracy: 0.2 },
    });
    await story.drain();
    const [first, second] = await series();
    expect(first?.judgement).toMatchObject({ verdict: 'no_worse' });
    expect(first?.judgement?.comparisons).toHaveLength(1);
    expect(second?.judgement).toMatchObject({
      verdict: 'waiting',
      waits_until: new Date(day(2) + 366 * DAY).toISOString(),
    });
    // Null brings the standard back.
    const reset = await story.call<{ config: { performance?: unknown } }>('PATCH', DAILY, { performance: null });
    expect(reset.body.config.performance).toBeUndefined();
  });
});
