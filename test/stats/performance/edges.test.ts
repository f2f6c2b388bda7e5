import { describe, expect, it } from 'vitest';
import { binaryPerformance } from '../../../src/stats/performance/binary-classification.ts';
import { businessValue } from '../../../src/stats/performance/business-value.ts';
import { calibrationError } from '../../../src/stats/performance/calibration-error.ts';
import { classAverage } from '../../../src/stats/performance/class-averages.ts';
import { comparePerformance } from '../../../src/stats/performance/compare-performance.ts';
import { confusionCounts } from '../../../src/stats/performance/confusion-matrix.ts';
import { hitRate } from '../../../src/stats/performance/hit-rate.ts';
import { liftAtTop } from '../../../src/stats/performance/lift.ts';
import { type Metric, Z95 } from '../../../src/stats/performance/metric.ts';
import { multiclassPerformance } from '../../../src/stats/performance/multiclass-classification.ts';
import { prAuc } from '../../../src/stats/performance/pr-auc.ts';
import { rankingPerformance } from '../../../src/stats/performance/ranking.ts';
import { regressionPerformance } from '../../../src/stats/performance/regression.ts';
import { rocAuc } from '../../../src/stats/performance/roc-auc.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { filled } from '../samples.ts';

describe('metrics at their edges', () => {
  it('a perfect or single-row ranking has an area and no interval', () => {
    expect(rocAuc([0, 0, 1, 1], [1, 2, 3, 4])).toMatchObject({ value: 1, low: null, high: null });
    expect(rocAuc([0, 1], [1, 2])).toMatchObject({ value: 1, low: null, high: null });
    expect(rocAuc([0, 0], [1, 2])).toMatchObject({ value: null, reason: 'the labels have one class only' });
    // Half of the ranking is right, by one positive: 2 z around a logit of 0.
    expect(prAuc([1, 0], [1, 2]).high).toBeCloseTo(1 / (1 + Math.exp(-2 * Z95)), 12);
    expect(prAuc([0, 1], [1, 2])).toMatchObject({ value: 1, low: null, high: null });
    expect(prAuc([0, 0], [1, 2])).toMatchObject({ value: null, reason: 'no label is positive' });
  });

  it('classes that never come count as scikit-learn has them: not at all', () => {
    const counts = confusionCounts([0, 0, 1, -1], [0, 1, 1, 0], 5);
    expect(counts.n).toBe(3);
    expect(confusionCounts([1, 1, 0], [-1, Number.NaN, 0], 2)).toMatchObject({
      n: 1,
      counts: Float64Array.of(1, 0, 0, 0),
    });
    expect(classAverage(counts, 'recall', 'macro').value).toBe(0.75);
    // A class that is only predicted has a recall of 0.
    expect(classAverage(confusionCounts([0, 0], [0, 1], 2), 'recall', 'macro').value).toBe(0.25);
    expect(classAverage(confusionCounts([], [], 2), 'f1', 'macro').value).toBeNull();
    expect(classAverage(confusionCounts([0, 1], [0, 1], 2), 'f1', 'macro')).toMatchObject({ value: 1, low: null });
  });

  it('a score of exactly 1 is in the last bin, and all zeros have no error', () => {
    expect(calibrationError([1, 1, 0], [1, 1, 0])).toMatchObject({ value: 0, low: null });
    expect(calibrationError([0, 0], [1, 1]).value).toBe(1);
  });

  it('a calibration error of few rows, which chance makes large, is not taken for a worse one', () => {
    const random = xoshiro128(4);
    const drawn = (rows: number, slope: number) => {
      const odds = Array.from({ length: rows }, () => Math.exp(1.5 * normalDeviate(random)));
      const labels = odds.map((odd) => Number(random() < odd / (1 + odd)));
      return { labels, scores: odds.map((odd) => odd ** slope / (1 + odd ** slope)) };
    };
    const found = (rows: number, slope: number) => {
      const { labels, scores } = drawn(rows, slope);
      return calibrationError(labels, scores);
    };
    const reference = found(5000, 1);
    const judged = [{ name: 'error', better: 'lower', minimum: 0.02 }] as const;
    const worse = (window: Metric) =>
      comparePerformance({ error: window }, { error: reference }, { judged, alpha: 0.05 })[0]?.verdict === 'worse';
    const windows = Array.from({ length: 200 }, () => found(300, 1));
    // The true error is 0: ten bins of thirty rows show 0.06 all the same.
    expect(windows.filter(({ low }) => low! > 0).length).toBeLessThan(10);
    expect(windows.filter(worse).length).toBeLessThan(10);
    expect(Array.from({ length: 50 }, () => found(300, 2.5)).filter(worse).length).toBeGreaterThan(45);
  });

  it('a calibration error has the spread of a folded normal in each bin', () => {
    // One bin, deviation √0.75 / 4 around nothing: the half-normal has the variance σ² (1 - 2/π).
    const level = calibrationError([1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]);
    expect(level.value).toBe(0);
    expect(level.high).toBeCloseTo((Z95 * Math.sqrt(0.75) * Math.sqrt(1 - 2 / Math.PI)) / 4, 12);
    // One standard deviation away, both 1/4: by Leone et al. and P(Z < -1).
    const away = calibrationError([1, 1, 0, 0], [0.25, 0.25, 0.25, 0.25]);
    const mean = (Math.sqrt(2 / Math.PI) * Math.exp(-0.5) + 1 - 2 * 0.15865525393145707) / 4;
    expect(away.value).toBe(0.25);
    expect(away.high! - 0.25).toBeCloseTo(Z95 * Math.sqrt(1 / 8 - mean * mean), 12);
    // The lower end makes room for what chance adds to a gap that may be none: the half-normal's mean.
    expect(away.low).toBeCloseTo(0.5 - away.high! - Math.sqrt(2 / Math.PI) / 4, 12);
    // A bin whose scores are all right has no spread, and takes none from the others.
    expect(calibrationError([1, 0, 0, 0, 1], [0.25, 0.25, 0.25, 0.25, 1]).high).toBeCloseTo((level.high! * 4) / 5, 12);
    expect(calibrationError([], []).reason).toBe('no row has both label and score');
  });

  it('rows that happen to be alike vary as ones of their probability do in a calibration error', () => {
    // Of 2 rows the gap may be none, of 20 it is some; SciPy's normal law, by the formulas of the folded one.
    const alike = (rows: number) => calibrationError(filled(rows, 1), filled(rows, 0.5));
    expect(alike(2).low).toBeCloseTo(-0.39953430876957485, 12);
    expect(alike(2).high).toBe(1);
    expect(alike(20).low).toBeCloseTo(0.2804393986815159, 12);
    expect(alike(20).high! - 0.5).toBeCloseTo(Z95 * 0.11180260351488147, 12);
  });

  it('scores from 0 to 1, both included, are probabilities', () => {
    const lossOf = (scores: number[]) => binaryPerformance({ labels: [1, 0], predictions: null, scores }).metrics.brier;
    expect(lossOf([1, 0]).value).toBe(0);
    for (const scores of [
      [1, -0.1],
      [1.1, 0],
    ]) {
      expect(lossOf(scores)).toMatchObject({ value: null, n: 2, reason: 'scores outside [0, 1] are no probabilities' });
    }
  });

  it('what rests on no row says why, and draws no curve', () => {
    const unscored = binaryPerformance(
      { labels: [1, 0, 1], predictions: null, scores: null },
      Float64Array.of(1, 2, 3, 4),
    );
    expect(unscored).toMatchObject({ labelled: 3, positives: 2, confusion: null, gains: [] });
    expect(unscored.metrics).not.toHaveProperty('business_value');
    const unlabelled = binaryPerformance({ labels: [Number.NaN], predictions: [1], scores: [0.5] });
    for (const name of ['roc_auc', 'pr_auc', 'gain', 'lift', 'log_loss', 'brier', 'calibration_error'] as const) {
      expect(unscored.metrics[name]).toMatchObject({ value: null, n: 0, reason: 'there are no scores' });
      expect(unlabelled.metrics[name].reason).toBe('no row has both label and score');
    }
    const negative = binaryPerformance({ labels: [0, 0], predictions: [0, 0], scores: null });
    expect(negative.metrics.f1).toMatchObject({ value: null, n: 2, reason: 'no row is positive or predicted so' });
    const reason = 'no row to take a share of';
    expect(negative.metrics.recall).toMatchObject({ value: null, n: 0, reason });
    expect(binaryPerformance({ labels: [1, 0], predictions: [0, 1], scores: null }).metrics.f1.value).toBe(0);
  });

  it('F1 is as uncertain as the shares that it is made of', () => {
    // 30 found, 30 wrong, 40 rightly left: the slopes are ±0.6 / 0.81, the variance 0.6 of their square over n.
    const row = (label: number, predicted: number, rows: number) =>
      Array<[number, number]>(rows).fill([label, predicted]);
    const rows = [...row(1, 1, 30), ...row(0, 1, 10), ...row(1, 0, 20), ...row(0, 0, 40)];
    const [labels, predictions] = [rows.map(([label]) => label), rows.map(([, predicted]) => predicted)];
    const { f1 } = binaryPerformance({ labels, predictions, scores: null }).metrics;
    expect(f1).toMatchObject({ value: expect.closeTo(2 / 3, 12), n: 100 });
    expect(f1.high! - f1.value!).toBeCloseTo((Z95 * 0.6 * Math.sqrt(0.6 / 100)) / 0.81, 12);
  });

  it('rows tied at the cut are taken by their share', () => {
    const { gain, lift, curve } = liftAtTop([1, 0, 1, 0, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
    expect(gain.value).toBeCloseTo(0.25, 12);
    expect(lift.value).toBeCloseTo(2.5, 12);
    expect(curve.at(-1)).toEqual({ share: 1, gain: 1, lift: 1 });
    // The cut goes through three rows, one of which is taken: a third of the one positive among them.
    const second = liftAtTop([1, 1, ...Array<number>(18).fill(0)], [9, 5, 5, 5, ...Array<number>(16).fill(0)]);
    expect(second.gain.value).toBeCloseTo(2 / 3, 12);
    expect(liftAtTop([0], [1])).toMatchObject({ lift: { value: null, reason: 'no label is positive' }, curve: [] });
  });

  it('a gain is as uncertain as the hits among the top rows and the positives among all are together', () => {
    const labels = Array.from({ length: 100 }, (_, i) => Number(i % 2 === 0 && (i < 10 || i >= 70)));
    const { gain } = liftAtTop(
      labels,
      labels.map((_, i) => -i),
    );
    // 5 of 10 rows hit, 20 of 100 positive: 0.5 / 5 + 0.8 / 20 - 2 · 0.5 / 20 = 0.3².
    expect(gain.value).toBe(0.25);
    expect(gain.high! - 0.25).toBeCloseTo(Z95 * 0.075, 12);
  });

  it('values are a mean a row, without an interval for one', () => {
    const values = Float64Array.of(0, -10, -500, 100);
    expect(businessValue(confusionCounts([1], [1], 2), values)).toMatchObject({ value: 100, low: null });
    const two = businessValue(confusionCounts([1, 0], [1, 1], 2), values);
    expect(two.value).toBe(45);
    // 100 and -10: their mean is off by their standard deviation over √2.
    expect(two.high! - 45).toBeCloseTo(Z95 * 55, 10);
    expect(businessValue(confusionCounts([], [], 2), values)).toMatchObject({
      value: null,
      reason: 'no row has both label and predicted class',
    });
  });

  it('errors that cannot be are null, and say why', () => {
    const { metrics } = regressionPerformance({ labels: [0, 0], predictions: [1, -2] });
    expect(metrics.mape).toMatchObject({ value: null, reason: 'every label is 0' });
    expect(metrics.msle).toMatchObject({ value: null, reason: 'a label or a prediction is not above -1' });
    expect(metrics.r2).toMatchObject({ value: null, reason: 'all labels are alike' });
    expect(metrics.bias.value).toBe(-0.5);
    const partly = regressionPerformance({ labels: [0, 2], predictions: [1, 3] });
    expect(partly.metrics.mape).toMatchObject({ value: 0.5, n: 1 });
  });

  it('scores that are no probabilities rank all the same', () => {
    const outcomes = {
      classes: 2,
      labels: Int32Array.of(0, 1, 0, 1),
      predictions: null,
      scores: [Float64Array.of(4, 1, 3, 2), Float64Array.of(1, 5, 2, 6)],
    };
    const { metrics } = multiclassPerformance(outcomes);
    expect(metrics.roc_auc_ovr?.value).toBe(1);
    expect(metrics.log_loss).toMatchObject({ value: null, n: 4 });
    expect(metrics.accuracy?.reason).toBe('there are no predicted classes');
    expect(multiclassPerformance({ ...outcomes, scores: null }).metrics.roc_auc_ovr?.value).toBeNull();
  });

  it('a query hits by the chance that a tied relevant row is among the first', () => {
    const query = (labels: number[], scores: number[]) => ({
      labels: Float64Array.from(labels),
      scores: Float64Array.from(scores),
    });
    expect(hitRate([query([1, 0, 0, 0], [1, 1, 1, 1])], 2).value).toBeCloseTo(0.5, 12);
    expect(hitRate([query([1, 1, 0], [1, 1, 1])], 1).value).toBeCloseTo(2 / 3, 12);
    expect(hitRate([query([0, 0, 1], [3, 2, 1])], 2).value).toBe(0);
    expect(hitRate([query([0, 1, 1], [3, 2, 1])], 2).value).toBe(1);
    expect(hitRate([query([0, 1, 0], [2, 1, 1])], 2).value).toBe(0.5);
    expect(hitRate([], 2).value).toBeNull();
  });

  it('a ranking leaves out rows without query, label or score', () => {
    const { labelled, queries, metrics } = rankingPerformance({
      queries: Int32Array.of(0, 0, -1, 1, 1, 1),
      labels: Float64Array.of(1, 0, 1, Number.NaN, 0, -1),
      scores: Float64Array.of(0.9, 0.1, 0.5, 0.5, 0.5, 0.5),
    });
    expect({ labelled, queries }).toEqual({ labelled: 3, queries: 2 });
    // The second query has no relevant row: it has no order to be right about, and was no hit.
    expect(metrics.ndcg).toMatchObject({ value: 1, n: 1, low: null });
    expect(metrics.hit_rate).toMatchObject({ value: 0.5, n: 2 });
    const irrelevant = rankingPerformance({
      queries: Int32Array.of(0, 0),
      labels: Float64Array.of(0, 0),
      scores: Float64Array.of(1, 2),
    });
    for (const name of ['ndcg', 'map'] as const) {
      expect(irrelevant.metrics[name]).toMatchObject({ value: null, n: 0, reason: 'no query has a relevant row' });
    }
  });
});
