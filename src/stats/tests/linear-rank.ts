import { normalTwoSidedTail } from '../special/normal.ts';
import { normalQuantile } from '../special/normal-quantile.ts';
import type { PooledValues } from '../summaries/pooled-values.ts';

export type LinearRank = { readonly z: number; readonly p: number };

/**
 * Van der Waerden's (1952) test of location: the sum of the second sample's normal scores Φ⁻¹(r / (N + 1)), tied values
 * at the score of their middle rank. On normal samples as powerful as the t-test, and it does not mind heavy tails.
 * Null when every value is the same. Cost O(different values).
 */
export function vanDerWaerden(pooled: PooledValues): LinearRank | null {
  const { n, m } = pooled;
  let below = 0;
  return linearRank(pooled, (rows) => {
    const middle = below + (rows + 1) / 2;
    below += rows;
    return normalQuantile(middle / (n + m + 1));
  });
}

/**
 * Mood's (1954) test of spread: the sum of the second sample's squared distances of rank to the middle one, tied values
 * at the mean of what their ranks would give. Null when every value is the same. Cost O(different values).
 */
export function mood(pooled: PooledValues): LinearRank | null {
  const { n, m } = pooled;
  const centre = (n + m + 1) / 2;
  let below = 0;
  return linearRank(pooled, (rows) => {
    const middle = below + (rows + 1) / 2 - centre;
    below += rows;
    // The mean of squares over consecutive ranks: that of their middle, and (t² - 1) / 12 of their spread.
    return middle * middle + (rows * rows - 1) / 12;
  });
}

/** The sum of scores in the second sample, held against its mean and variance over all ways of dealing the rows. */
function linearRank({ x, y, n, m }: PooledValues, scoreOf: (rows: number) => number): LinearRank | null {
  const size = n + m;
  const scores = x.map((_, k) => scoreOf(x[k]! + y[k]!));
  let mean = 0;
  for (let k = 0; k < scores.length; k++) mean += ((x[k]! + y[k]!) / size) * scores[k]!;
  let sum = 0;
  let squares = 0;
  for (let k = 0; k < scores.length; k++) {
    const deviation = scores[k]! - mean;
    sum += y[k]! * deviation;
    squares += (x[k]! + y[k]!) * deviation * deviation;
  }
  const variance = ((n * m) / (size * (size - 1))) * squares;
  if (!(variance > 0)) return null;
  const z = sum / Math.sqrt(variance);
  return { z, p: normalTwoSidedTail(Math.abs(z)) };
}
