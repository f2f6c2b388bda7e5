import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { reportView } from '../../../schemas/wire/monitors.ts';
import { correlateWithPerformance, rankMattering } from '../../../src/domain/performance/mattering.ts';
import { day, MODEL, makeRows, predictions, type Row, type Story, setUp, startStory } from '../monitor/story.ts';

describe('the columns that matter', () => {
  const drifted = [
    { name: 'loud', role: 'feature', effect: 5, limit: 0.1 },
    { name: 'telling', role: 'feature', effect: -0.3, limit: 0.1 },
    { name: 'still', role: 'feature', effect: null, limit: null },
    { name: 'score', role: 'score', effect: 0.2, limit: 0.1 },
  ];

  it('are those of importance times drift, the largest first', () => {
    expect(rankMattering(drifted, { loud: 0.01, telling: 0.9, other: 0.09 })).toEqual([
      { column: 'telling', importance: 0.9, drift: expect.closeTo(3), weight: expect.closeTo(2.7) },
      { column: 'loud', importance: 0.01, drift: expect.closeTo(50), weight: expect.closeTo(0.5) },
      { column: 'score', importance: null, drift: expect.closeTo(2), weight: null },
      { column: 'still', importance: 0, drift: null, weight: null },
    ]);
  });

  it('are in the order of their drift where importance is not known', () => {
    expect(rankMattering(drifted, {}).map(({ column, weight }) => [column, weight])).toEqual([
      ['loud', null],
      ['telling', null],
      ['score', null],
      ['still', null],
    ]);
  });

  it('go with performance as ranks do', () => {
    const windows = Array.from({ length: 10 }, (_, i) => ({ drift: i, worsening: i ** 3 / 1000, estimated: i > 8 }));
    expect(correlateWithPerformance(windows, 'roc_auc')).toMatchObject({ value: 1, windows: 10, estimated: true });
    expect(correlateWithPerformance(windows, 'roc_auc')?.p).toBeLessThan(1e-6);
    expect(correlateWithPerformance(windows.slice(0, 7), 'roc_auc')).toBeNull();
    expect(
      correlateWithPerformance(
        windows.map((one) => ({ ...one, drift: 1 })),
        'roc_auc',
      ),
    ).toBeNull();
    const turned = windows.map((one) => ({ ...one, worsening: -one.worsening }));
    expect(correlateWithPerformance(turned, 'roc_auc')?.value).toBe(-1);
  });
});

describe('a report', () => {
  let story: Story;
  const BASE = `/v1/models/${MODEL}/monitors`;
  type Report = z.infer<typeof reportView>;

  /** The score rests on income, and on age a little; what region is does not matter. */
  const scored = (row: Row): Row => {
    const score = 1 / (1 + Math.exp(-(row.income - 1000) / 60 - ((row.age ?? 45) - 45) / 60));
    return { ...row, score, prediction: score > 0.5 ? 1 : 0 };
  };
  const moved = (n: number): Row[] =>
    makeRows(300, 60 + n, n / 4).map((row) => ({ ...scored(row), region: n > 4 ? 'west' : row.region }));
  const reportOf = async (monitor: string, n: number): Promise<Report> =>
    (await story.call<Report>('GET', `${BASE}/${monitor}/windows/${new Date(day(n)).toISOString()}/report`)).body;

  beforeAll(async () => {
    story = await startStory();
    await setUp(story, makeRows(3000, 2).map(scored));
    await story.drain();
    await story.call('POST', BASE, { name: 'daily' });
    const declared = await story.call('POST', BASE, { name: 'declared', importance: { region: 3, age: 1 } });
    if (declared.status !== 201) throw new Error(JSON.stringify(declared.body));
    for (let n = 0; n < 10; n++) {
      await story.log('predictions', predictions(moved(n), { id: `d${n}`, from: day(n), to: day(n + 1) }));
      // The more income has moved, the more labels are missed.
      const labels = moved(n).map(({ prediction }, i) => ({
        prediction_id: `d${n}-${i}`,
        label: i % 40 < n ? 1 - prediction : prediction,
      }));
      await story.log('labels', labels);
    }
    await story.drain();
    await story.log('predictions', predictions(makeRows(5, 1), { id: 'end', from: day(12), to: day(13) }));
    await story.drain();
  });
  afterAll(() => story.close());

  it('ranks what drifted by what the scores of the reference rest on', async () => {
    const { mattering, summary } = await reportOf('daily', 9);
    expect(mattering.importance_from).toBe('score');
    const features = mattering.columns.filter(({ column }) => column === 'income' || column === 'region');
    expect(features.map(({ column }) => column)).toEqual(['income', 'region']);
    expect(features[0]?.importance).toBeGreaterThan(0.8);
    expect(features[1]?.importance).toBeLessThan(0.05);
    expect(summary).toMatch(/ % of what its scores rest on lies in what moved, most of it in income \(\d+ %\)\./);
  });

  it('says whose drift went with worse performance', async () => {
    const { mattering, summary } = await reportOf('daily', 9);
    const income = mattering.columns.find(({ column }) => column === 'income');
    expect(income?.correlation).toMatchObject({ windows: 10, estimated: false });
    expect(income?.correlation?.value).toBeGreaterThan(0.8);
    expect(income?.correlation?.p).toBeLessThan(0.01);
    expect(summary).toMatch(/Over 10 windows .+ was the worse the more income had moved/);
    const early = (await reportOf('daily', 5)).mattering.columns.find(({ column }) => column === 'income');
    expect(early?.correlation).toBeNull();
  });

  it('goes by what was declared', async () => {
    const { mattering } = await reportOf('declared', 9);
    expect(mattering).toMatchObject({ importance_from: 'declared', reason: null });
    expect(mattering.columns[0]).toMatchObject({ column: 'region', importance: 0.75 });
    const refused = await story.call('PATCH', `${BASE}/declared`, { importance: { 'no/such': 1 } });
    expect(refused.body.errors).toMatchObject([{ code: 'unknown-column', pointer: '/importance/no~1such' }]);
    const learnt = await story.call<{ config: { importance?: object } }>('PATCH', `${BASE}/declared`, {
      importance: null,
    });
    expect(learnt.body.config.importance).toBeUndefined();
  });
});
