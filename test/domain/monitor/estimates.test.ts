import { afterEach, expect, it } from 'vitest';
import type { z } from 'zod';
import type { performanceSeriesView } from '../../../schemas/wire/performance.ts';
import { DAY, day, type Story, seeded, startStory } from './story.ts';

type Series = z.infer<typeof performanceSeriesView>;

let story: Story;
afterEach(() => story.close());

const csv = (rows: readonly object[]): string =>
  [Object.keys(rows[0] ?? {}).join(','), ...rows.map((row) => Object.values(row).join(',')), ''].join('\n');

/** A model that nobody says the task of, its reference, and two days of predictions, the first of them labelled. */
async function tell<R extends { label: string | number; prediction: string | number; x: number }>(given: {
  rows: (count: number, seed: number) => R[];
  roles: object;
  scores?: (row: R) => object;
}): Promise<Series['items']> {
  story = await startStory();
  const reference = csv(given.rows(1500, 1));
  await story.call('POST', '/v1/datasets/d/versions?path=train.csv', reference, { 'content-type': 'text/csv' });
  await story.call('POST', '/v1/models', { name: 'credit' });
  const roles = { prediction: 'prediction', label: 'label', ...given.roles };
  const bound = await story.call('POST', '/v1/models/credit/versions', { dataset: 'd', ref: 'v1', roles });
  expect(bound.status).toBe(201);
  await story.drain();
  await story.call('POST', '/v1/models/credit/monitors', { name: 'daily' });
  for (const n of [0, 1]) {
    const rows = given.rows(400, 50 + n);
    const id = (i: number): string => `${n}-${i}`;
    await story.log(
      'predictions',
      rows.map((row, i) => ({
        prediction_id: id(i),
        timestamp: new Date(day(n) + i * 1000).toISOString(),
        prediction: row.prediction,
        features: { x: row.x },
        ...(given.scores && { scores: given.scores(row) }),
      })),
    );
    if (n === 0)
      await story.log(
        'labels',
        rows.map(({ label }, i) => ({ prediction_id: id(i), label })),
      );
  }
  const last = { timestamp: new Date(day(3)).toISOString(), prediction: 1 };
  await story.log('predictions', [
    { ...last, prediction_id: 'last' },
    { ...last, prediction_id: 'and another' },
  ]);
  await story.drain();
  const { body } = await story.call<Series>('GET', '/v1/models/credit/monitors/daily/performance');
  expect(body.items[0]?.start).toBe(new Date(day(0)).toISOString());
  expect(day(0) + DAY).toBe(day(1));
  return body.items;
}

it('finds several classes, measures them by classes and scores, and estimates them without labels', async () => {
  const [first, second] = await tell({
    rows: (count, seed) => {
      const random = seeded(seed);
      return Array.from({ length: count }, () => {
        const raw = ['ash', 'elm', 'oak'].map(() => random() ** 3);
        const sum = raw.reduce((a, b) => a + b);
        const [ash = 0, elm = 0, oak = 0] = raw.map((w) => w / sum);
        const of = (u: number): string => (u < ash ? 'ash' : u < ash + elm ? 'elm' : 'oak');
        const prediction = ash >= elm && ash >= oak ? 'ash' : elm >= oak ? 'elm' : 'oak';
        return { x: random(), p_ash: ash, p_elm: elm, p_oak: oak, prediction, label: of(random()) };
      });
    },
    roles: { scores: { ash: 'p_ash', elm: 'p_elm', oak: 'p_oak' } },
    scores: ({ p_ash, p_elm, p_oak }) => ({ ash: p_ash, elm: p_elm, oak: p_oak }),
  });
  expect(first).toMatchObject({ task: 'multiclass', task_found: true, labelled: 400 });
  expect(first?.classes?.labels).toEqual(['ash', 'elm', 'oak']);
  expect(first?.judgement).toMatchObject({ verdict: 'no_worse' });
  expect(first?.judgement?.comparisons.map(({ metric }) => metric)).toEqual(['f1_macro', 'accuracy', 'roc_auc_ovr']);
  const against = first?.estimate?.against_labels ?? {};
  expect(against.accuracy?.inside_band).toBe(true);
  expect(Math.abs(against.roc_auc_ovr?.error ?? 1)).toBeLessThan(0.05);
  expect(second?.estimate?.metrics.f1_macro?.value).toBeGreaterThan(0.5);
});

it('finds numbers, measures their errors, and estimates these from the inputs', async () => {
  const [first, second] = await tell({
    rows: (count, seed) => {
      const random = seeded(seed);
      return Array.from({ length: count }, () => {
        const x = random();
        const label = 5 + 3 * x;
        return { x, prediction: label + (random() - 0.5) * x * 2, label };
      });
    },
    roles: {},
  });
  expect(first).toMatchObject({ task: 'regression', task_found: true });
  expect(first?.judgement).toMatchObject({ verdict: 'no_worse' });
  expect(first?.estimate).toMatchObject({ method: 'dle@1', reason: null });
  expect(first?.estimate?.against_labels.mae?.inside_band).toBe(true);
  expect(second?.estimate?.metrics.mae?.value).toBeCloseTo(0.25, 1);
  expect(second?.judgement).toMatchObject({ verdict: 'insufficient_data' });
});

it('measures a ranking by the queries that its rows name', async () => {
  const [first] = await tell({
    rows: (count, seed) => {
      const random = seeded(seed);
      return Array.from({ length: count }, (_, i) => {
        const label = Number(random() < 0.3);
        return { x: Math.floor(i / 10), prediction: label * 0.3 + random(), label };
      });
    },
    roles: { query: 'x' },
  });
  expect(first).toMatchObject({ task: 'ranking', task_found: true });
  expect(first?.metrics.ndcg?.value).toBeGreaterThan(0.5);
  expect(first?.judgement?.comparisons.map(({ metric }) => metric)).toEqual(['ndcg', 'map', 'hit_rate']);
  expect(first?.estimate?.reason).toContain('ranking');
});
