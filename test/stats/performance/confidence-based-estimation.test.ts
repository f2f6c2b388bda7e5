import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateBinary, weightedAreas } from '../../../src/stats/performance/confidence-based-estimation.ts';
import { Z95 } from '../../../src/stats/performance/metric.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';

/** Answers with these numbers in turn, again and again. */
function inTurn(...numbers: number[]): () => number {
  let next = 0;
  return () => numbers[next++ % numbers.length]!;
}

/** So that no draw has a positive row. */
const never = () => 1;

type Given = { scores: number[]; probabilities: number[]; predictions: number[] | null };

function estimate({ scores, probabilities, predictions }: Given, random: () => number, referenceErrors = {}) {
  const given = { scores: Float64Array.from(scores), probabilities: Float64Array.from(probabilities), predictions };
  return estimateBinary(given, { random, referenceErrors });
}

describe('areas of weighted rows', () => {
  it('are of pairs that are ordered rightly, ties counting half, and the mean precision at each hit', () => {
    const row = fc.record({
      score: fc.integer({ min: 0, max: 4 }),
      p: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), (rows) => {
        const order = Int32Array.from(rows.keys()).sort((a, b) => rows[b]!.score - rows[a]!.score);
        const scores = Float64Array.from(rows, ({ score }) => score);
        const p = rows.map((one) => one.p);
        const found = weightedAreas(scores, order, p);
        const sum = (of: (i: number) => number): number => rows.reduce((all, _, i) => all + of(i), 0);
        const ordered = (i: number, j: number): number => (Math.sign(scores[i]! - scores[j]!) + 1) / 2;
        const pairs = sum((i) => sum((j) => p[i]! * (1 - p[j]!) * ordered(i, j)));
        expect(found.roc_auc).toBeCloseTo(pairs / (sum((i) => p[i]!) * sum((i) => 1 - p[i]!)), 9);
        const precision = (i: number): number =>
          sum((j) => (scores[j]! >= scores[i]! ? p[j]! : 0)) / sum((j) => Number(scores[j]! >= scores[i]!));
        expect(found.pr_auc).toBeCloseTo(sum((i) => p[i]! * precision(i)) / sum((i) => p[i]!), 9);
      }),
    );
  });

  it('are those along the order that is given', () => {
    const scores = Float64Array.of(0.1, 0.9, 0.5, 0.7);
    const found = weightedAreas(scores, Int32Array.of(1, 3, 2), [1, 1, 0, 1]);
    expect(found).toEqual({ roc_auc: 1, pr_auc: 1 });
  });
});

describe('what is expected of predictions', () => {
  const given: Given = {
    scores: [0.3, 0.8, 0.9, 0.8, 0.1],
    probabilities: [0.1, 0.6, 0.8, 0.4, 0.5],
    predictions: [0, 1, 1, 0, Number.NaN],
  };

  it('are ratios of expected counts, of rows with a prediction', () => {
    const found = estimate(given, never);
    // Right and wrong ones by what is predicted: 1.4 and 0.6 of the positive ones, 1.5 and 0.5 of the others.
    expect(found.accuracy.value).toBeCloseTo(2.9 / 4, 12);
    expect(found.precision.value).toBeCloseTo(1.4 / 2, 12);
    expect(found.recall.value).toBeCloseTo(1.4 / 1.9, 12);
    expect(found.specificity.value).toBeCloseTo(1.5 / 2.1, 12);
    expect(found.f1.value).toBeCloseTo(2.8 / (2.8 + 0.6 + 0.5), 12);
    // Rows are ranked by their scores whether predicted or not.
    expect(found.roc_auc.value).toBeCloseTo((0.2 * 0.4 + 1 * 1.3 + 0.9 * 1.85 + 0.5 * 2.15) / (2.4 * 2.6), 12);
    for (const [name, { method, n, reason }] of Object.entries(found)) {
      expect({ method, n, reason }).toEqual({ method: `${name}/cbpe@1`, n: 5, reason: null });
    }
  });

  it('say why a metric has no value', () => {
    const none = { value: null, low: null, high: null };
    const empty = estimate({ scores: [], probabilities: [], predictions: [] }, never);
    expect(empty.roc_auc).toEqual({ ...none, n: 0, method: 'roc_auc/cbpe@1', reason: 'no row has a score' });
    expect(empty.f1.reason).toBe('no row has a score');
    const blind = estimate({ ...given, predictions: null }, never);
    for (const name of ['accuracy', 'precision', 'recall', 'specificity', 'f1'] as const) {
      expect(blind[name]).toMatchObject({ value: null, reason: 'there are no predicted classes' });
    }
    // Where all are positive none can be ranked below them, with predictions or without.
    const one: Given = { scores: [0.2, 0.7], probabilities: [1, 1], predictions: null };
    expect(estimate(one, never).roc_auc.reason).toBe('no row is expected to count for it');
    expect(estimate({ ...one, probabilities: [0, 0] }, never).pr_auc.reason).toBe('no row is expected to count for it');
    const unsaid = estimate({ ...given, predictions: given.scores.map(() => Number.NaN) }, never);
    expect(unsaid.accuracy.reason).toBe('no row is expected to count for it');
  });
});

describe('the band of an expected metric', () => {
  const half = ({ low, high }: { low: number | null; high: number | null }): number => (high! - low!) / 2;

  it('is the deviation over draws of the labels, each positive as often as its probability says', () => {
    // Both positive in every other draw, and none: accuracy is 1 and 0.
    const even = estimate(
      { scores: [0.5, 0.6], probabilities: [0.5, 0.4], predictions: [1, 1] },
      inTurn(0, 0.3, 0.5, 0.9),
    );
    expect(even.accuracy).toMatchObject({ value: expect.closeTo(0.45, 12), low: 0, high: 1 });
    // In one of four draws one of ten is positive: 0.1 with a share of 1/4.
    const many = Array.from({ length: 10 }, (_, i) => i / 10);
    const turns = [0, 1, 1, 1].flatMap((first) => [...Array.from({ length: 9 }, () => 1), first]);
    const rare = estimate(
      { scores: many, probabilities: many.map(() => 0.5), predictions: many.map(() => 1) },
      inTurn(...turns),
    );
    expect(half(rare.accuracy)).toBeCloseTo(Z95 * 0.1 * Math.sqrt((1 / 4) * (3 / 4)), 9);
    expect(half(rare.precision)).toBeCloseTo(half(rare.accuracy), 12);
  });

  it('is of rows that are positive where chance is below their probability', () => {
    // In one of four draws the last of ten rows is not positive: then two times nine of nineteen are right.
    const rows = Array.from({ length: 10 }, (_, i) => i / 10);
    const turns = [0.6, 0.4, 0.4, 0.4].flatMap((last) => [...Array.from({ length: 9 }, () => 0.4), last]);
    const found = estimate(
      { scores: rows, probabilities: rows.map(() => 0.5), predictions: rows.map(() => 1) },
      inTurn(...turns),
    );
    expect(half(found.f1)).toBeCloseTo(Z95 * (1 - 18 / 19) * Math.sqrt((1 / 4) * (3 / 4)), 9);
    // What has no probability is positive in no draw, and what has all of it in each.
    const sure: Given = { scores: [0.1, 0.2, 0.8, 0.9], probabilities: [0, 1, 0, 1], predictions: [0, 0, 1, 1] };
    expect(half(estimate(sure, inTurn(0, 0, 0, 0, 0.9, 0.9, 0.9, 0.9)).precision)).toBeCloseTo(0, 9);
  });

  it('is of the draws that have such a metric', () => {
    // Of two draws one has no positive row, and no recall; in the other all are found.
    const found = estimate(
      { scores: [0.5, 0.6], probabilities: [0.5, 0.4], predictions: [1, 1] },
      inTurn(0, 0.3, 0.5, 0.9),
    );
    expect(found.recall).toMatchObject({ value: 1, low: expect.closeTo(1, 12), high: expect.closeTo(1, 12) });
  });

  it('is no less wide than the reference is unsure', () => {
    const sure: Given = { scores: [0.1, 0.2, 0.8, 0.9], probabilities: [0, 1, 0, 1], predictions: [0, 0, 1, 1] };
    const found = estimate(sure, xoshiro128(1), { accuracy: 0.1 });
    expect(found.accuracy).toMatchObject({
      low: expect.closeTo(0.5 - 0.1 * Z95, 9),
      high: expect.closeTo(0.5 + 0.1 * Z95, 9),
    });
    expect(half(found.precision)).toBeCloseTo(0, 9);
    expect(estimate(sure, xoshiro128(1), { accuracy: 0.3 }).accuracy).toMatchObject({ low: 0, high: 1 });
    const both = estimate(
      { scores: [0.5, 0.6], probabilities: [0.5, 0.5], predictions: [0, 1] },
      inTurn(0, 0, 0.9, 0.9),
      { accuracy: 0.1 },
    );
    // The one positive and the other not: half of the rows are right in each draw.
    expect(half(both.accuracy)).toBeCloseTo(0.1 * Z95, 9);
  });

  it('is that of all rows where some stand for their neighbours', () => {
    const n = 20_001;
    const scores = Array.from({ length: n }, (_, i) => i / n);
    const found = estimate(
      { scores, probabilities: scores.map(() => 0.5), predictions: scores.map(() => 1) },
      xoshiro128(4),
    );
    const expected = (Z95 * 0.5) / Math.sqrt(n);
    expect(half(found.accuracy) / expected).toBeGreaterThan(0.85);
    expect(half(found.accuracy) / expected).toBeLessThan(1.15);
  });
});
