import type { ConfusionCounts } from './confusion-matrix.ts';
import { type Metric, noMetric, normalMetric } from './metric.ts';

const METHOD = 'business_value/mean@1';

/**
 * What a prediction was worth on average: the mean over the rows of the value that a matrix gives to their label and
 * predicted class, with its normal interval. `values` lies as the counts do; one value a row makes windows of different
 * size comparable. Cost O(classes²).
 */
export function businessValue({ n, counts }: ConfusionCounts, values: Float64Array): Metric {
  if (n === 0) return noMetric(METHOD, n, 'no row has both label and predicted class');
  let value = 0;
  let squares = 0;
  for (let i = 0; i < counts.length; i++) {
    value += (counts[i]! / n) * values[i]!;
    squares += (counts[i]! / n) * values[i]! * values[i]!;
  }
  const error = n > 1 ? Math.sqrt(Math.max(0, squares - value * value) / (n - 1)) : Number.NaN;
  return normalMetric(METHOD, n, { value, error });
}
