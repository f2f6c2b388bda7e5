import { absoluteDeviations } from '../hypothesis-tests/levene.ts';
import { normalTwoSidedQuantile } from '../special/normal.ts';
import { momentsOf } from '../summaries/moments.ts';

export type SpreadRatio = {
  /** ln(d of the window / d of the reference), d being the mean distance of the values from their median. */
  readonly value: number;
  /** 95 % of its absolute values are smaller where both have the same spread. */
  readonly null95: number;
};

/**
 * How much wider a sample is spread than another, wherever either of them lies: a season that moves the values about does
 * not change it. 0 for the same spread, ln 2 for twice as much. By the delta method ln d has the variance s² / (n d²), s
 * being the standard deviation of the distances. Samples are of finite values and sorted; null when one is empty or does
 * not vary. Cost O(N).
 */
export function spreadRatio(reference: Float64Array, window: Float64Array): SpreadRatio | null {
  return ratioOf(logSpread(distancesOf(reference)), logSpread(distancesOf(window)));
}

/** The same of two mean distances that are known. */
export function ratioOf(before: LogSpread | null, now: LogSpread | null): SpreadRatio | null {
  if (before === null || now === null) return null;
  const error = Math.sqrt(before.variance + now.variance);
  return { value: now.log - before.log, null95: normalTwoSidedQuantile(0.05) * error };
}

const distancesOf = (sample: Float64Array): Float64Array =>
  sample.length === 0 ? sample : absoluteDeviations(sample, 'median');

/** The logarithm of a mean distance from the middle, and its variance. */
type LogSpread = { readonly log: number; readonly variance: number };

/** Of these distances; null without any, or where all are 0. Cost O(n). */
export function logSpread(distances: Float64Array): LogSpread | null {
  if (distances.length === 0) return null;
  const { n, mean, low, m2 } = momentsOf(distances, distances.length);
  const spread = mean + low;
  if (!(spread > 0) || !Number.isFinite(spread)) return null;
  return { log: Math.log(spread), variance: m2 / n / spread ** 2 / n };
}
