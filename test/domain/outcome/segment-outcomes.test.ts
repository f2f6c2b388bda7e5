import { expect, test } from 'vitest';
import { measureOutcomes } from '../../../src/domain/outcome/measure-outcomes.ts';
import type { Outcomes } from '../../../src/domain/outcome/outcomes.ts';
import { measureSegments } from '../../../src/domain/outcome/segment-outcomes.ts';

const ROWS = 400;
const rows = Array.from({ length: ROWS }, (_, i) => i);
const QUESTION = { task: 'other', positiveLabel: null, businessValue: null, quantile: 0.5, labelsLike: null } as const;

/** Right in the north, wrong in every second row of the south. */
const regions = rows.map((i) => (i % 4 === 0 ? 'south' : 'north'));
const outcomes: Outcomes = {
  labels: rows.map((i) => String(i % 2)),
  predictions: rows.map((i) => String((regions[i] === 'south' && i % 8 === 0 ? i + 1 : i) % 2)),
  scores: rows.map((i) => (i % 2 === 0 ? 0.2 : 0.8)),
  classScores: new Map([['1', rows.map((i) => i / ROWS)]]),
  queries: rows.map(() => null),
};
const whole = measureOutcomes(outcomes, { ...QUESTION, task: 'binary', positiveLabel: '1' });

const measure = (texts: readonly (string | null)[], asked = { most: 10, fewest: 20 }) =>
  measureSegments(outcomes, QUESTION, { ...asked, whole, keys: [{ by: 'region', texts }] })[0];

test('each segment has the metrics that its rows would have alone, with their intervals', () => {
  const found = measure(regions);
  expect(found?.values.map(({ value, labelled }) => [value, labelled])).toEqual([
    ['north', 300],
    ['south', 100],
  ]);
  const [north, south] = found?.values ?? [];
  expect(north?.metrics.accuracy).toMatchObject({ value: 1 });
  expect(south?.metrics.accuracy?.value).toBe(0.5);
  const { low, high } = south?.metrics.accuracy ?? {};
  expect(low).toBeGreaterThan(0.35);
  expect(low).toBeLessThan(0.5);
  expect(high).toBeGreaterThan(0.5);
  // All labels of a segment may be of one class: it is still measured as the model is.
  const even = measure(rows.map((i) => (i % 2 === 0 ? 'even' : null)));
  expect(even?.values.map(({ value }) => value)).toEqual([null, 'even']);
  expect(even?.values[1]?.metrics.recall).toMatchObject({ value: null, reason: expect.any(String) });
});

test('too few labels are told instead of measured, and the values with most of them are taken', () => {
  const texts = rows.map((i) => (i < 15 ? 'rare' : i < 200 ? 'a' : 'b'));
  const found = measure(texts);
  expect(found?.values.map(({ value }) => value)).toEqual(['b', 'a', 'rare']);
  expect(found?.values[2]).toEqual({
    value: 'rare',
    labelled: 15,
    metrics: {},
    reason: '15 labelled rows are too few: it takes 20',
  });
  expect(measure(texts, { most: 2, fewest: 20 })?.left_out).toEqual({ values: 1, labelled: 15 });
});
