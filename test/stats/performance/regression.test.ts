import { describe, expect, it } from 'vitest';
import { Z95 } from '../../../src/stats/performance/metric.ts';
import { regressionPerformance } from '../../../src/stats/performance/regression.ts';

const METRICS = ['mae', 'mape', 'mse', 'rmse', 'msle', 'rmsle', 'r2', 'bias', 'quantile_loss'] as const;

describe('regressionPerformance', () => {
  it('leaves out rows of which one number is missing or infinite', () => {
    const { POSITIVE_INFINITY: infinity, NaN: missing } = Number;
    const whole = regressionPerformance({ labels: [1, 2, 4], predictions: [2, 2, 3] });
    const more = regressionPerformance({
      labels: [1, missing, 2, 4, 5, -infinity],
      predictions: [2, 1, 2, 3, infinity, 1],
    });
    expect(more).toEqual(whole);
    expect(more.labelled).toBe(3);
  });

  it('has the bias of errors with their sign, and an interval of their mean', () => {
    const { bias } = regressionPerformance({ labels: [1, 2, 3], predictions: [2, 2, 6] }).metrics;
    // Errors 1, 0, 3: mean 4/3, variance 7/3.
    expect(bias.value).toBeCloseTo(4 / 3, 12);
    expect(bias.high! - bias.value!).toBeCloseTo(Z95 * Math.sqrt(7 / 9), 12);
  });

  it.each([
    ['a label of -1', [-1, 2], [0, 2]],
    ['a label below', [-3, 2], [0, 2]],
    ['a prediction of -1', [0, 2], [-1, 2]],
    ['a prediction below', [0, 2], [1, -2]],
  ])('has no logarithm of %s', (_, labels, predictions) => {
    const { msle, rmsle } = regressionPerformance({ labels, predictions }).metrics;
    for (const one of [msle, rmsle]) {
      expect(one).toMatchObject({ value: null, n: 2, reason: 'a label or a prediction is not above -1' });
    }
    expect([msle.method, rmsle.method]).toEqual(['msle@1', 'rmsle@1']);
  });

  it('has one of what lies just above -1', () => {
    const { msle } = regressionPerformance({ labels: [-0.5], predictions: [0] }).metrics;
    expect(msle.value).toBeCloseTo(Math.log(2) ** 2, 12);
  });

  it('says of every metric why there is none', () => {
    const { metrics } = regressionPerformance({ labels: [], predictions: [] });
    for (const name of METRICS) expect(metrics[name]).toMatchObject({ value: null, n: 0, low: null, high: null });
    for (const name of ['rmse', 'rmsle', 'r2', 'bias'] as const) {
      expect(metrics[name].reason).toBe('no row has both label and prediction');
    }
    for (const name of ['mae', 'mape', 'mse', 'msle', 'quantile_loss'] as const) {
      expect(metrics[name].reason).toBe('no row to take a mean of');
    }
    expect(metrics.bias.method).toBe('bias@1');
  });

  it('has no interval of one row, and no value beyond the range of numbers', () => {
    const one = regressionPerformance({ labels: [2], predictions: [3] }).metrics;
    expect(one.mae).toMatchObject({ value: 1, low: null, high: null });
    expect(one.rmse).toMatchObject({ value: 1, low: null, high: null });
    const far = regressionPerformance({ labels: [1e200, 0], predictions: [0, 0] }).metrics;
    expect(far.mse).toMatchObject({ value: null, reason: 'the result is beyond the range of numbers', n: 2 });
    expect(far.mae.value).toBe(5e199);
  });
});
