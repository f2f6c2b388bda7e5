import { describe, expect, it } from 'vitest';
import { estimateClasses } from '../../../src/stats/performance/class-estimation.ts';
import { Z95 } from '../../../src/stats/performance/metric.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';

/** Answers with these numbers in turn, again and again. */
function inTurn(...numbers: number[]): () => number {
  let next = 0;
  return () => numbers[next++ % numbers.length]!;
}

type Rows = readonly (readonly number[])[];

/** From rows of probabilities; ranked by `scores`, or by the probabilities. */
function estimate(
  probabilities: Rows,
  predictions: readonly number[] | null,
  options: { scores?: Rows; random?: () => number; referenceErrors?: Record<string, number> } = {},
) {
  const { scores = probabilities, random = xoshiro128(2), referenceErrors = {} } = options;
  const byClass = (rows: Rows) => (rows[0] ?? []).map((_, c) => Float64Array.from(rows, (row) => row[c]!));
  const given = {
    scores: byClass(scores),
    probabilities: byClass(probabilities),
    predictions: predictions === null ? null : Int32Array.from(predictions),
  };
  return estimateClasses(given, { random, referenceErrors });
}

const half = ({ low, high }: { low: number | null; high: number | null }): number => (high! - low!) / 2;

describe('what is expected of predicted classes', () => {
  const probabilities = [
    [0.7, 0.2, 0.1],
    [0.1, 0.6, 0.3],
    [0.2, 0.2, 0.6],
    [0.5, 0.3, 0.2],
    [0.3, 0.4, 0.3],
  ];
  const predictions = [0, 1, 2, 1, -1];

  it('are rates of the expected table of class by predicted class, of rows with a prediction', () => {
    const found = estimate(probabilities, predictions);
    const rows = probabilities.slice(0, 4);
    const sum = (of: (row: readonly number[], i: number) => number): number =>
      rows.reduce((all, row, i) => all + of(row, i), 0);
    const macro = (rate: (c: number) => number): number => (rate(0) + rate(1) + rate(2)) / 3;
    const hits = (c: number): number => sum((row, i) => (predictions[i] === c ? row[c]! : 0));
    const labelled = (c: number): number => sum((row) => row[c]!);
    const predicted = (c: number): number => sum((_, i) => Number(predictions[i] === c));
    expect(found.accuracy.value).toBeCloseTo((0.7 + 0.6 + 0.6 + 0.3) / 4, 12);
    expect(found.precision_macro.value).toBeCloseTo(
      macro((c) => hits(c) / predicted(c)),
      12,
    );
    expect(found.recall_macro.value).toBeCloseTo(
      macro((c) => hits(c) / labelled(c)),
      12,
    );
    expect(found.f1_macro.value).toBeCloseTo(
      macro((c) => (2 * hits(c)) / (labelled(c) + predicted(c))),
      12,
    );
    const refused = (c: number): number => (4 - predicted(c) - labelled(c) + hits(c)) / (4 - labelled(c));
    expect(found.specificity_macro.value).toBeCloseTo(macro(refused), 12);
    for (const [name, { method, n, reason }] of Object.entries(found)) {
      expect({ method, n, reason }).toEqual({ method: `${name}/cbpe@1`, n: 5, reason: null });
    }
  });

  it('rank the rows by the scores of each class against the others, whether predicted or not', () => {
    const scores = [
      [0.9, 0.4, 0.1],
      [0.1, 0.5, 0.1],
      [0.1, 0.1, 0.8],
      [0.6, 0.2, 0.3],
      [0.3, 0.3, 0.3],
    ];
    const area = (c: number): number => {
      let [pairs, all] = [0, 0];
      for (const [i, one] of probabilities.entries()) {
        for (const [j, other] of probabilities.entries()) {
          const weight = one[c]! * (1 - other[c]!);
          all += weight;
          pairs += (weight * (Math.sign(scores[i]![c]! - scores[j]![c]!) + 1)) / 2;
        }
      }
      return pairs / all;
    };
    const found = estimate(probabilities, null, { scores });
    expect(found.roc_auc_ovr.value).toBeCloseTo((area(0) + area(1) + area(2)) / 3, 12);
    // A class that every row is of, and one that none is of, have no area; that of the others is theirs.
    const only = estimate(
      [
        [1, 0, 0],
        [1, 0, 0],
      ],
      null,
    );
    expect(only.roc_auc_ovr).toMatchObject({ value: null, reason: 'no row has scores of every class' });
    const two = estimate(
      [
        [0.8, 0.2, 0],
        [0.4, 0.6, 0],
      ],
      null,
      {
        scores: [
          [0.8, 0.2, 0.3],
          [0.4, 0.6, 0.1],
        ],
      },
    );
    expect(two.roc_auc_ovr.value).toBeCloseTo((0.8 * 0.6 + (0.8 * 0.2 + 0.4 * 0.6) / 2) / (1.2 * 0.8), 12);
  });

  it('say why a metric has no value', () => {
    const blind = estimate(probabilities, null);
    for (const [name, { value, reason }] of Object.entries(blind)) {
      expect({ name, value, reason }).toEqual(
        name === 'roc_auc_ovr'
          ? { name, value: expect.any(Number), reason: null }
          : { name, value: null, reason: 'there are no predicted classes' },
      );
    }
    for (const { value, reason } of Object.values(estimate([], []))) {
      expect({ value, reason }).toEqual({ value: null, reason: 'no row has scores of every class' });
    }
    const unsaid = estimate(probabilities, [-1, -1, -1, -1, -1]);
    expect(unsaid.accuracy).toMatchObject({ value: null, n: 5, reason: 'there are no predicted classes' });
    expect(unsaid.f1_macro.value).toBeNull();
  });
});

describe('the band of what is expected', () => {
  it('is the deviation over draws of one class a row, by its probabilities', () => {
    // The ten rows are of the first class, but in one of four draws the last one is of the second.
    const rows = Array.from({ length: 10 }, () => [0.5, 0.5]);
    const turns = [0.5, 0.2, 0.2, 0.2].flatMap((last) => [...Array.from({ length: 9 }, () => 0), last]);
    const found = estimate(
      rows,
      rows.map(() => 0),
      { random: inTurn(...turns) },
    );
    expect(half(found.accuracy)).toBeCloseTo(Z95 * 0.1 * Math.sqrt((1 / 4) * (3 / 4)), 9);
    // The third class begins where the first two end.
    const thirds = Array.from({ length: 10 }, () => [0.25, 0.25, 0.5]);
    const drawn = (last: number) =>
      half(
        estimate(
          thirds,
          thirds.map(() => 2),
          { random: inTurn(...[last, 0.9].flatMap((u) => [...Array.from({ length: 9 }, () => 0.9), u])) },
        ).accuracy,
      );
    expect(drawn(0.5)).toBeCloseTo(0, 9);
    expect(drawn(0.4)).toBeCloseTo(Z95 * 0.05, 9);
    expect(drawn(0.1)).toBeCloseTo(Z95 * 0.05, 9);
  });

  it('ranks the rows of each draw by their scores, whatever their order', () => {
    // The first and the last row are of the first class in one draw, and the other two in the next.
    const scores = [0.2, 0.9, 0.4, 0.7].map((score) => [score, 1 - score]);
    const found = estimate(
      scores.map(() => [0.5, 0.5]),
      null,
      { scores, random: inTurn(0, 0.9, 0.9, 0, 0.9, 0, 0, 0.9) },
    );
    // Of four pairs one is in order in the one, three in the other.
    expect(half(found.roc_auc_ovr)).toBeCloseTo(Z95 * 0.25, 9);
  });

  it('is of the draws that have such a metric, and no less wide than the reference is unsure', () => {
    // In every other draw both rows are of one class, which leaves no pair to rank.
    const found = estimate(
      [
        [0.5, 0.5],
        [0.4, 0.6],
      ],
      [0, 1],
      {
        random: inTurn(0, 0, 0, 0.9),
        scores: [
          [0.5, 0.5],
          [0.4, 0.6],
        ],
      },
    );
    expect(half(found.roc_auc_ovr)).toBeCloseTo(0, 9);
    expect(found.roc_auc_ovr.low).toBe(found.roc_auc_ovr.value);
    const sure = [
      [1, 0],
      [0, 1],
      [1, 0],
      [0, 1],
    ];
    const unsure = estimate(sure, [0, 0, 1, 1], { referenceErrors: { accuracy: 0.1 } });
    expect(unsure.accuracy).toMatchObject({
      value: 0.5,
      low: expect.closeTo(0.5 - 0.1 * Z95, 9),
      high: expect.closeTo(0.5 + 0.1 * Z95, 9),
    });
    expect(half(unsure.recall_macro)).toBeCloseTo(0, 9);
    expect(estimate(sure, [0, 0, 1, 1], { referenceErrors: { accuracy: 0.3 } }).accuracy).toMatchObject({
      low: 0,
      high: 1,
    });
  });

  it('is that of all rows where some stand for the others', () => {
    const n = 20_001;
    const rows = Array.from({ length: n }, () => [0.5, 0.5]);
    const found = estimate(
      rows,
      rows.map(() => 1),
      { random: xoshiro128(4) },
    );
    const expected = (Z95 * 0.5) / Math.sqrt(n);
    expect(half(found.accuracy) / expected).toBeGreaterThan(0.8);
    expect(half(found.accuracy) / expected).toBeLessThan(1.2);
  });
});
