import { type Metric, meanAndError, meanMetric, metric, noMetric, normalMetric, Z95 } from './metric.ts';

export type RegressionOutcomes = {
  /** The true values, NaN where there is no label. */
  readonly labels: ArrayLike<number>;
  /** The predicted values, NaN where there is none. */
  readonly predictions: ArrayLike<number>;
};

type RegressionMetricName = 'mae' | 'mape' | 'mse' | 'rmse' | 'msle' | 'rmsle' | 'r2' | 'bias' | 'quantile_loss';

export type RegressionPerformance = {
  /** Rows with label and prediction, both finite. */
  readonly labelled: number;
  readonly metrics: Readonly<Record<RegressionMetricName, Metric>>;
};

type Pairs = { readonly labels: Float64Array; readonly predictions: Float64Array; readonly errors: Float64Array };

/** Rows whose error is finite, with the error: prediction - label. */
function pairsOf({ labels, predictions }: RegressionOutcomes): Pairs {
  const known: number[] = [];
  for (let i = 0; i < labels.length; i++) if (Number.isFinite(predictions[i]! - labels[i]!)) known.push(i);
  return {
    labels: Float64Array.from(known, (i) => labels[i]!),
    predictions: Float64Array.from(known, (i) => predictions[i]!),
    errors: Float64Array.from(known, (i) => predictions[i]! - labels[i]!),
  };
}

/**
 * Errors of a regression on the rows that have both numbers: means with their normal intervals, roots of means with
 * the roots of theirs. `quantile`: which one the prediction is of, for the quantile loss
 * max(q (y - f), (q - 1)(y - f)) (Koenker and Bassett 1978). Cost O(n).
 */
export function regressionPerformance(outcomes: RegressionOutcomes, quantile = 0.5): RegressionPerformance {
  const pairs = pairsOf(outcomes);
  const { errors } = pairs;
  const n = errors.length;
  const squares = errors.map((error) => error * error);
  const pinball = errors.map((error) => Math.max(-quantile * error, (1 - quantile) * error));
  return {
    labelled: n,
    metrics: {
      mae: meanMetric('mae@1', errors.map(Math.abs), n),
      mape: percentageError(pairs),
      mse: meanMetric('mse@1', squares, n),
      rmse: rootMean('rmse@1', squares),
      ...logarithmic(pairs),
      r2: determination(pairs),
      bias: bias(errors),
      quantile_loss: meanMetric(`quantile_loss/q-${quantile}@1`, pinball, n),
    },
  };
}

const NO_ROW = 'no row has both label and prediction';

function rootMean(method: string, squares: Float64Array): Metric {
  const n = squares.length;
  if (n === 0) return noMetric(method, n, NO_ROW);
  const { mean, error } = meanAndError(squares, n);
  const low = Math.sqrt(Math.max(0, mean - Z95 * error));
  return metric(method, n, { value: Math.sqrt(mean), low, high: Math.sqrt(mean + Z95 * error) });
}

/** Mean of |error / label|, as a share. A label of 0 has no such error; its row is left out, and `n` says so. */
function percentageError({ labels, errors }: Pairs): Metric {
  const method = 'mape/nonzero-labels@1';
  const shares = errors.map((error, i) => Math.abs(error / labels[i]!)).filter(Number.isFinite);
  if (shares.length === 0 && errors.length > 0) return noMetric(method, 0, 'every label is 0');
  return meanMetric(method, shares, shares.length);
}

/** Mean of (ln(1 + prediction) - ln(1 + label))², and its root. */
function logarithmic({ labels, predictions }: Pairs): Record<'msle' | 'rmsle', Metric> {
  const n = labels.length;
  if (labels.some((label) => label <= -1) || predictions.some((predicted) => predicted <= -1)) {
    const reason = 'a label or a prediction is not above -1';
    return { msle: noMetric('msle@1', n, reason), rmsle: noMetric('rmsle@1', n, reason) };
  }
  const squares = labels.map((label, i) => (Math.log1p(predictions[i]!) - Math.log1p(label)) ** 2);
  return { msle: meanMetric('msle@1', squares, n), rmsle: rootMean('rmsle@1', squares) };
}

/** Mean of prediction - label: above 0 where the model says too much. */
function bias(errors: Float64Array): Metric {
  const n = errors.length;
  if (n === 0) return noMetric('bias@1', n, NO_ROW);
  const { mean, error } = meanAndError(errors, n);
  return normalMetric('bias@1', n, { value: mean, error });
}

/**
 * Coefficient of determination, 1 - Σ error² / Σ (label - mean)²; below 0 where the mean would do better. Its
 * interval is normal, by the delta method: the spread of each row's influence on it.
 */
function determination({ labels, errors }: Pairs): Metric {
  const method = 'r2/delta@1';
  const n = labels.length;
  if (n === 0) return noMetric(method, n, NO_ROW);
  const { mean } = meanAndError(labels, n);
  const deviations = labels.map((label) => (label - mean) ** 2);
  const total = meanAndError(deviations, n).mean;
  if (total === 0) return noMetric(method, n, 'all labels are alike');
  const unexplained = meanAndError(
    errors.map((error) => error * error),
    n,
  ).mean;
  const influence = errors.map(
    (error, i) => -(error * error) / total + (unexplained * deviations[i]!) / (total * total),
  );
  const { error } = meanAndError(influence, n);
  return normalMetric(method, n, { value: 1 - unexplained / total, error, most: 1 });
}
