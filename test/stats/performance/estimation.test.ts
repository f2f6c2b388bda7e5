import { describe, expect, it } from 'vitest';
import { binaryPerformance } from '../../../src/stats/performance/binary-classification.ts';
import { estimateClasses } from '../../../src/stats/performance/class-estimation.ts';
import { estimateBinary } from '../../../src/stats/performance/confidence-based-estimation.ts';
import { estimateLoss } from '../../../src/stats/performance/direct-loss-estimation.ts';
import { multiclassPerformance } from '../../../src/stats/performance/multiclass-classification.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { binFeature } from '../../../src/stats/table/binned-table.ts';
import { binaryOutcomes, multiclassOutcomes } from './outcomes.ts';

const options = () => ({ random: xoshiro128(11), referenceErrors: {} });

describe('estimateBinary', () => {
  it('is the realised value where the probabilities are the labels', () => {
    const { labels, predictions, scores } = binaryOutcomes();
    const given = { scores: Float64Array.from(scores), predictions, probabilities: Float64Array.from(labels) };
    const found = estimateBinary(given, options());
    const { metrics } = binaryPerformance({ labels, predictions, scores });
    for (const name of ['roc_auc', 'pr_auc', 'accuracy', 'precision', 'recall', 'specificity', 'f1'] as const) {
      expect(found[name].value).toBeCloseTo(metrics[name].value!, 12);
      // Nothing is left to chance.
      expect(found[name].high! - found[name].low!).toBeCloseTo(0, 6);
    }
  });

  it('has bands that hold the realised value about as often as they say', () => {
    const random = xoshiro128(5);
    let [inside, all] = [0, 0];
    for (let trial = 0; trial < 100; trial++) {
      const scores = Float64Array.from({ length: 400 }, () => random());
      const predictions = scores.map((score) => Number(score > 0.6));
      const found = estimateBinary({ scores, predictions, probabilities: scores }, { random, referenceErrors: {} });
      const labels = scores.map((score) => Number(random() < score));
      const { metrics } = binaryPerformance({ labels, predictions, scores });
      for (const name of ['roc_auc', 'f1', 'accuracy'] as const) {
        all++;
        inside += Number(metrics[name].value! >= found[name].low! && metrics[name].value! <= found[name].high!);
      }
    }
    expect(inside / all).toBeGreaterThan(0.91);
    expect(inside / all).toBeLessThan(0.985);
  });

  it('is wider where the reference is unsure, and says what cannot be told', () => {
    const { scores } = binaryOutcomes();
    const given = { scores: Float64Array.from(scores), predictions: null, probabilities: Float64Array.from(scores) };
    const narrow = estimateBinary(given, options()).roc_auc;
    const wide = estimateBinary(given, { ...options(), referenceErrors: { roc_auc: 0.1 } }).roc_auc;
    expect(wide.high! - wide.low!).toBeGreaterThan(narrow.high! - narrow.low!);
    expect(estimateBinary(given, options()).f1.reason).toBe('there are no predicted classes');
    const none = { scores: new Float64Array(0), predictions: null, probabilities: new Float64Array(0) };
    expect(estimateBinary(none, options()).roc_auc.reason).toBe('no row has a score');
  });
});

describe('estimateClasses', () => {
  it('is the realised value where the probabilities are the labels', () => {
    const outcomes = multiclassOutcomes();
    const probabilities = [0, 1, 2].map((c) => Float64Array.from(outcomes.labels, (label) => Number(label === c)));
    const found = estimateClasses({ ...outcomes, probabilities }, options());
    const { metrics } = multiclassPerformance(outcomes);
    for (const [name, metric] of Object.entries(found)) expect(metric.value).toBeCloseTo(metrics[name]!.value!, 12);
  });

  it('expects what calibrated scores promise', () => {
    const { scores, predictions } = multiclassOutcomes();
    const found = estimateClasses({ scores, predictions, probabilities: scores }, options());
    const promised = predictions.reduce((sum, c, row) => sum + scores[c]![row]!, 0) / predictions.length;
    expect(found.accuracy.value).toBeCloseTo(promised, 12);
    expect(found.accuracy.low).toBeLessThan(promised);
    const blind = estimateClasses({ scores, predictions: null, probabilities: scores }, options());
    expect(blind.accuracy.reason).toBe('there are no predicted classes');
    expect(blind.roc_auc_ovr.value).not.toBeNull();
  });
});

describe('estimateLoss', () => {
  const column = (values: Float64Array) =>
    ({ kind: 'number', type: 'float64', length: values.length, values, valid: null, exact: null }) as const;

  /** Errors grow with x; the window has larger x than the reference on average. */
  function table(rows: number, window: number) {
    const random = xoshiro128(9);
    const x = Float64Array.from({ length: rows + window }, (_, i) => (i < rows ? random() : 0.5 + random() / 2));
    const labels = x.map(() => 10 + random());
    const predictions = labels.map((label, i) => label + (random() < 0.5 ? -1 : 1) * x[i]! * (0.5 + random()));
    const used = {
      reference: Int32Array.from({ length: rows }, (_, i) => i),
      window: Int32Array.from({ length: window }, (_, i) => i),
    };
    const pair = { name: 'x', reference: column(x.slice(0, rows)), window: column(x.slice(rows)) };
    const realised = predictions.slice(rows).reduce((sum, p, i) => sum + Math.abs(p - labels[rows + i]!), 0) / window;
    const given = { labels: labels.slice(0, rows), predictions: predictions.slice(0, rows), windowRows: window };
    return { given: { ...given, features: [binFeature(pair, used)] }, realised };
  }

  it('expects larger losses where the inputs are such that they were larger', () => {
    const { given, realised } = table(4000, 2000);
    const { metrics, check } = estimateLoss(given);
    expect(metrics.mae.value).toBeCloseTo(realised, 1);
    expect(metrics.mae.low).toBeLessThan(realised);
    expect(metrics.mae.high).toBeGreaterThan(realised);
    // The reference itself has a mean of 0.5.
    expect(realised).toBeGreaterThan(0.7);
    expect(check.mae?.realised).toBeCloseTo(0.5, 1);
    expect(Math.abs(check.mae!.estimated - check.mae!.realised)).toBeLessThan(0.02);
    expect(metrics.rmse.value).toBeCloseTo(Math.sqrt(metrics.mse.value!), 12);
  });

  it('expects of some rows what their inputs say', () => {
    const { given } = table(4000, 2000);
    const { metrics, within } = estimateLoss(given);
    const every = Array.from({ length: 2000 }, (_, row) => row);
    expect(within(every)).toEqual(metrics);
    // Codes of the window's rows come after those of the reference.
    const codes = given.features[0]!.codes.slice(4000);
    const middle = codes.toSorted()[1000]!;
    const [low, high] = [(row: number) => codes[row]! < middle, (row: number) => codes[row]! >= middle].map((holds) =>
      within(every.filter(holds)),
    );
    expect(low!.mae.n + high!.mae.n).toBe(2000);
    expect(high!.mae.value! - low!.mae.value!).toBeGreaterThan(0.15);
    expect(within([]).mae.reason).toContain('no row');
  });

  it('says why there is no estimate', () => {
    expect(estimateLoss(table(99, 10).given).metrics.mae.reason).toContain('99 rows');
    expect(estimateLoss({ ...table(200, 10).given, windowRows: 0 }).metrics.mae.reason).toContain('no row');
    const zeros = { ...table(200, 10).given, labels: new Float64Array(200) };
    const { metrics } = estimateLoss(zeros);
    expect(metrics.mape).toMatchObject({ value: null, reason: 'the reference has rows without such a loss' });
    expect(metrics.mae.value).not.toBeNull();
  });
});
