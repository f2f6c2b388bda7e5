import { normalTwoSidedQuantile } from '../special/normal.ts';
import { momentsOf } from '../summaries/moments.ts';
import { absoluteDeviations } from '../tests/levene.ts';

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
  const [before, now] = [logSpread(reference), logSpread(window)];
  if (before === null || now === null) return null;
  const error = Math.sqrt(before.variance + now.variance);
  return { value: now.log - before.log, null95: normalTwoSidedQuantile(0.05) * error };
}

function logSpread(sample: Float64Array): { readonly log: number; readonly variance: number } | null {
  if (sample.length === 0) return null;
  const { n, mean, low, m2 } = momentsOf(absoluteDeviations(sample, 'median'), sample.length);
  const spread = mean + low;
  if (!(spread > 0) || !Number.isFinite(spread)) return null;
  return { log: Math.log(spread), variance: m2 / n / spread ** 2 / n };
}
