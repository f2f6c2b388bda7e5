import { describe, expect, it } from 'vitest';
import {
  type MulticlassOutcomes,
  multiclassPerformance,
} from '../../../src/stats/performance/multiclass-classification.ts';

const SCORED = ['roc_auc_ovr', 'log_loss', 'brier', 'calibration_error'] as const;

/** Scores of each row, one a class. */
function outcomes(labels: readonly number[], rows: readonly (readonly number[])[]): MulticlassOutcomes {
  const classes = rows[0]!.length;
  const scores = Array.from({ length: classes }, (_, c) => Float64Array.from(rows, (row) => row[c]!));
  return { classes, labels: Int32Array.from(labels), predictions: null, scores };
}

const SURE = [
  [0.8, 0.1, 0.1],
  [0.2, 0.7, 0.1],
  [0.1, 0.3, 0.6],
];

describe('multiclassPerformance', () => {
  it('counts the rows that have a label, of the first class too', () => {
    expect(multiclassPerformance(outcomes([0, -1, 2], SURE)).labelled).toBe(2);
  });

  it('leaves out rows without a label, and rows without the score of one class', () => {
    const whole = multiclassPerformance(outcomes([0, 1, 2], SURE)).metrics;
    const more = multiclassPerformance(
      outcomes([0, -1, 1, 2, 2], [SURE[0]!, [0.4, 0.3, 0.3], SURE[1]!, SURE[2]!, [0.5, Number.NaN, 0.5]]),
    ).metrics;
    for (const name of SCORED) expect(more[name]).toEqual(whole[name]);
    expect(more.log_loss).toMatchObject({
      n: 3,
      value: expect.closeTo(-(Math.log(0.8) + Math.log(0.7) + Math.log(0.6)) / 3),
    });
  });

  it('takes the highest score for how sure it is: of equal ones the first', () => {
    const even = [[0.4, 0.4, 0.2]];
    // Sure by 0.4, and right in every row or in none.
    expect(multiclassPerformance(outcomes([0], even)).metrics.calibration_error?.value).toBeCloseTo(0.6, 12);
    expect(multiclassPerformance(outcomes([1], even)).metrics.calibration_error?.value).toBeCloseTo(0.4, 12);
  });

  it.each([
    ['above 1', [1.2, -0.2, 0]],
    ['above 1 by rounding', [1.0005, 0, 0]],
    ['below 0', [-0.1, 0.6, 0.5]],
    ['too much together', [0.5, 0.4, 0.1021]],
    ['too little together', [0.5, 0.4, 0.0979]],
  ])('ranks by scores that are no probabilities: %s', (_, odd) => {
    const { metrics } = multiclassPerformance(outcomes([0, 1, 2, 2], [...SURE, odd]));
    expect(metrics.roc_auc_ovr?.value).not.toBeNull();
    for (const name of ['log_loss', 'brier', 'calibration_error'] as const) {
      const reason = 'scores that do not add up to 1 are no probabilities';
      expect(metrics[name]).toMatchObject({ value: null, n: 4, reason });
    }
  });

  it('takes 0, 1 and sums that are off by rounding for probabilities', () => {
    const { metrics } = multiclassPerformance(
      outcomes(
        [0, 1, 2],
        [
          [1, 0, 0],
          [0.3, 0.7009, 0],
          [0, 0, 1],
        ],
      ),
    );
    expect(metrics.log_loss?.value).toBeCloseTo(-Math.log(0.7009) / 3, 12);
  });

  it('says why there is no value', () => {
    const given = outcomes([0, 1, 2], SURE);
    const unscored = multiclassPerformance({ ...given, scores: null }).metrics;
    const unlabelled = multiclassPerformance({ ...given, labels: Int32Array.of(-1, -1, -1) }).metrics;
    for (const name of SCORED) {
      expect(unscored[name]).toMatchObject({ value: null, n: 0, reason: 'there are no scores of every class' });
      expect(unlabelled[name]).toMatchObject({ value: null, n: 0, reason: 'no row has both label and scores' });
    }
    const methods = SCORED.map((name) => unscored[name]?.method);
    expect(methods).toEqual([
      'roc_auc_ovr/macro/delong@1',
      'log_loss/natural@1',
      'brier/classes@1',
      'calibration_error@1',
    ]);
    expect(unscored.accuracy).toMatchObject({ value: null, n: 0, method: 'accuracy/wilson@1' });
    const one = multiclassPerformance({ ...given, labels: Int32Array.of(1, 1, 1) }).metrics.roc_auc_ovr;
    expect(one).toMatchObject({ value: null, reason: 'the labels have one class only' });
  });

  it('is worth what a matrix says, where there are predictions', () => {
    const given = outcomes([0, 1, 2], SURE);
    const values = Float64Array.of(3, 0, 0, 0, 6, 0, 0, 0, 9);
    expect(multiclassPerformance(given, values).metrics).not.toHaveProperty('business_value');
    const predicted = { ...given, predictions: Int32Array.of(0, 1, 2) };
    expect(multiclassPerformance(predicted).metrics).not.toHaveProperty('business_value');
    expect(multiclassPerformance(predicted, values).metrics.business_value?.value).toBeCloseTo(6, 12);
  });
});
