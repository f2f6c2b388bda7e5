import { describe, expect, it } from 'vitest';
import { binaryPerformance } from '../../../src/stats/performance/binary-classification.ts';
import { meanMetric, shareMetric } from '../../../src/stats/performance/metric.ts';
import { regressionPerformance } from '../../../src/stats/performance/regression.ts';
import { GOLDEN, PLASTIC, REFERENCE, weyl } from '../samples.ts';

function outcomes() {
  const labels: number[] = [];
  const scores: number[] = [];
  for (let i = 1; i <= 400; i++) {
    const u = weyl(i, GOLDEN);
    scores.push(Math.floor(u * 50) / 50);
    labels.push(0.55 * u + 0.45 * weyl(i, PLASTIC) > 0.55 ? 1 : 0);
  }
  return { labels, scores, predictions: scores.map((score) => (score >= 0.5 ? 1 : 0)) };
}

describe('binaryPerformance', () => {
  const expected = REFERENCE.classification;

  it('agrees with the rank formula, NumPy’s losses and counts', () => {
    const { metrics, confusion, labelled } = binaryPerformance(outcomes());
    expect(labelled).toBe(400);
    expect(metrics.roc_auc.value).toBeCloseTo(expected.auc, 13);
    expect(metrics.brier.value).toBeCloseTo(expected.brier, 13);
    expect(metrics.log_loss.value).toBeCloseTo(expected.logLoss, 12);
    const [truePositive, falsePositive, falseNegative, trueNegative] = expected.confusion;
    expect(confusion).toEqual({ truePositive, falsePositive, falseNegative, trueNegative });
    expect(metrics.accuracy.value).toBe((truePositive + trueNegative) / 400);
    expect(metrics.precision.value).toBe(truePositive / (truePositive + falsePositive));
    expect(metrics.recall.value).toBe(truePositive / (truePositive + falseNegative));
    expect(metrics.f1.value).toBe((2 * truePositive) / (2 * truePositive + falsePositive + falseNegative));
  });

  it('gives every value an interval around it', () => {
    for (const metric of Object.values(binaryPerformance(outcomes()).metrics)) {
      expect(metric.low).toBeLessThan(metric.value!);
      expect(metric.high).toBeGreaterThan(metric.value!);
      expect(metric.reason).toBeNull();
    }
  });

  it('has an AUC interval that covers the truth about as often as it says', () => {
    let covered = 0;
    const trials = 200;
    for (let t = 0; t < trials; t++) {
      const labels = Array.from({ length: 120 }, (_, i) => i % 2);
      const scores = labels.map((label, i) => weyl(i * 17 + t * 131 + 1, Math.sqrt(t + 2.25 + i / 3)) + label * 0.3);
      const { low, high } = binaryPerformance({ labels, scores, predictions: null }).metrics.roc_auc;
      // P(U + 0.3 > V) for uniform U and V.
      if (low! <= 1 - 0.7 ** 2 / 2 && high! >= 1 - 0.7 ** 2 / 2) covered++;
    }
    expect(covered / trials).toBeGreaterThan(0.88);
    expect(covered / trials).toBeLessThanOrEqual(1);
  });

  it('leaves out rows without label, prediction or score', () => {
    const { labelled, confusion, metrics } = binaryPerformance({
      labels: [1, 0, Number.NaN, 1, 0],
      predictions: [1, Number.NaN, 1, 0, 0],
      scores: [0.9, 0.2, 0.7, Number.NaN, 0.1],
    });
    expect(labelled).toBe(4);
    expect(confusion).toEqual({ truePositive: 1, falsePositive: 0, falseNegative: 1, trueNegative: 1 });
    expect(metrics.roc_auc).toMatchObject({ value: 1, n: 3 });
  });

  it('says why there is no value', () => {
    const none = binaryPerformance({ labels: [1, 1], predictions: null, scores: [0.1, 0.2] });
    expect(none.metrics.roc_auc).toMatchObject({ value: null, reason: 'the labels have one class only' });
    expect(none.metrics.accuracy).toMatchObject({ value: null, reason: 'there are no predicted classes' });
    const odd = binaryPerformance({ labels: [1, 0], predictions: [0, 0], scores: [3, -4] });
    expect(odd.metrics.log_loss).toMatchObject({ value: null, reason: 'scores outside [0, 1] are no probabilities' });
    expect(odd.metrics.roc_auc.value).toBe(1);
    expect(odd.metrics.precision).toMatchObject({ value: null, n: 0 });
    expect(binaryPerformance({ labels: [], predictions: [], scores: [] }).metrics.f1.value).toBeNull();
  });

  it('keeps the log loss of a confident error finite', () => {
    const { log_loss } = binaryPerformance({ labels: [1, 0], predictions: null, scores: [0, 0] }).metrics;
    expect(log_loss.value).toBeCloseTo(-Math.log(1e-15) / 2, 8);
    const sure = binaryPerformance({ labels: [1, 0], predictions: null, scores: [1, 1] }).metrics.log_loss;
    expect(sure.value).toBeCloseTo(-Math.log(1e-15) / 2, 1);
  });
});

describe('intervals', () => {
  it('of shares are Wilson’s', () => {
    const metric = shareMetric('share', 33, 120);
    expect(metric.low).toBeCloseTo(REFERENCE.classification.wilson[0], 12);
    expect(metric.high).toBeCloseTo(REFERENCE.classification.wilson[1], 12);
    expect(shareMetric('share', 0, 10)).toMatchObject({ value: 0, low: 0 });
    expect(shareMetric('share', 10, 10)).toMatchObject({ value: 1, high: expect.closeTo(1, 12) });
  });

  it('of a mean of one row are not known', () => {
    expect(meanMetric('mean', Float64Array.of(3), 1)).toMatchObject({ value: 3, low: null, high: null });
  });
});

describe('regressionPerformance', () => {
  it('has mean absolute and root mean squared errors', () => {
    const { labelled, metrics } = regressionPerformance({
      labels: [1, 2, 3, Number.NaN],
      predictions: [1, 4, -1, 5],
    });
    expect(labelled).toBe(3);
    expect(metrics.mae.value).toBe(2);
    expect(metrics.rmse.value).toBeCloseTo(Math.sqrt(20 / 3), 14);
    expect(metrics.rmse.low).toBeLessThan(metrics.rmse.value!);
    expect(metrics.rmse.high).toBeGreaterThan(metrics.rmse.value!);
  });

  it('says why there is no value', () => {
    const { metrics } = regressionPerformance({ labels: [Number.NaN], predictions: [1] });
    expect(metrics.rmse).toMatchObject({ value: null, reason: 'no row has both label and prediction' });
    expect(metrics.mae.value).toBeNull();
  });
});
