import { type Metric, meanAndError, meanMetric, metric, noMetric, Z95 } from './metric.ts';

export type RegressionOutcomes = {
  /** The true values, NaN where there is no label. */
  readonly labels: ArrayLike<number>;
  /** The predicted values, NaN where there is none. */
  readonly predictions: ArrayLike<number>;
};

export type RegressionPerformance = {
  /** Rows with label and prediction, both finite. */
  readonly labelled: number;
  readonly metrics: Readonly<Record<'mae' | 'rmse', Metric>>;
};

/**
 * Mean absolute error, with its normal interval, and root mean squared error, whose interval is the root of
 * that of the mean square. Rows without both numbers are left out. Cost O(n).
 */
export function regressionPerformance(outcomes: RegressionOutcomes): RegressionPerformance {
  const { labels, predictions } = outcomes;
  const absolute = new Float64Array(labels.length);
  const squares = new Float64Array(labels.length);
  let n = 0;
  for (let i = 0; i < labels.length; i++) {
    const error = predictions[i]! - labels[i]!;
    if (!Number.isFinite(error)) continue;
    absolute[n] = Math.abs(error);
    squares[n] = error * error;
    n++;
  }
  return { labelled: n, metrics: { mae: meanMetric('mae@1', absolute, n), rmse: rootMean(squares, n) } };
}

function rootMean(squares: Float64Array, n: number): Metric {
  if (n === 0) return noMetric('rmse@1', n, 'no row has both label and prediction');
  const { mean, error } = meanAndError(squares, n);
  const low = Math.sqrt(Math.max(0, mean - Z95 * error));
  return metric('rmse@1', n, { value: Math.sqrt(mean), low, high: Math.sqrt(mean + Z95 * error) });
}
