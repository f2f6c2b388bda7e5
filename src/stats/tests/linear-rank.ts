import { normalTwoSidedTail } from '../special/normal.ts';
import { normalQuantile } from '../special/normal-quantile.ts';
import type { PooledValues } from '../summaries/pooled-values.ts';

/** Scores of so many rows are kept: 32 MiB. */
const LARGEST_KEPT = 2 ** 23;

export type LinearRank = { readonly z: number; readonly p: number };

/**
 * Van der Waerden's (1952) test of location: the sum of the second sample's normal scores Φ⁻¹(r / (N + 1)), tied values
 * at the score of their middle rank. On normal samples as powerful as the t-test, and it does not mind heavy tails.
 * Null when every value is the same. Cost O(different values).
 */
export function vanDerWaerden(pooled: PooledValues): LinearRank | null {
  const { x, y, n, m } = pooled;
  const size = n + m;
  const untied = x.length > size / 4 ? normalScores(size) : null;
  const scores = new Float64Array(x.length);
  let below = 0;
  for (let k = 0; k < scores.length; k++) {
    const rows = x[k]! + y[k]!;
    if (rows > 1 || untied === null) scores[k] = normalQuantile((below + (rows + 1) / 2) / (size + 1));
    else scores[k] = below < untied.length ? untied[below]! : -untied[size - 1 - below]!;
    below += rows;
  }
  return linearRank(pooled, scores);
}

let kept: { readonly size: number; readonly scores: Float64Array } | null = null;

/**
 * Φ⁻¹(r / (size + 1)) of the lower half of the ranks, the middle one included. Kept: the columns of a table often have
 * as many rows, and these logarithms and quotients are most of what the test costs.
 */
function normalScores(size: number): Float64Array {
  if (kept?.size === size) return kept.scores;
  const scores = new Float64Array((size + 1) >> 1);
  for (let i = 0; i < scores.length; i++) scores[i] = normalQuantile((i + 1) / (size + 1));
  if (size <= LARGEST_KEPT) kept = { size, scores };
  return scores;
}

/**
 * Mood's (1954) test of spread: the sum of the second sample's squared distances of rank to the middle one, tied values
 * at the mean of what their ranks would give. Null when every value is the same. Cost O(different values).
 */
export function mood(pooled: PooledValues): LinearRank | null {
  const { x, y, n, m } = pooled;
  const centre = (n + m + 1) / 2;
  const scores = new Float64Array(x.length);
  let below = 0;
  for (let k = 0; k < scores.length; k++) {
    const rows = x[k]! + y[k]!;
    const middle = below + (rows + 1) / 2 - centre;
    below += rows;
    // The mean of squares over consecutive ranks: that of their middle, and (t² - 1) / 12 of their spread.
    scores[k] = middle * middle + (rows * rows - 1) / 12;
  }
  return linearRank(pooled, scores);
}

/**
 * The sum of scores (one a different value) in the second sample, held against its mean and variance over all ways of
 * dealing the rows.
 */
function linearRank({ x, y, n, m }: PooledValues, scores: Float64Array): LinearRank | null {
  const size = n + m;
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
