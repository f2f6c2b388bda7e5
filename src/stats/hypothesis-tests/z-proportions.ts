import { normalTwoSidedTail } from '../special/normal.ts';

/** `x` of `n` rows against `y` of `m`. */
export type Proportions = { readonly x: number; readonly n: number; readonly y: number; readonly m: number };

/**
 * The two-sample Z test for equal proportions, with the pooled share and no continuity correction, two-sided;
 * z > 0 where the second share is smaller. z² is Pearson's chi-square of the 2 x 2 table without Yates' correction.
 * The law is normal: fit from about 5 expected rows of either kind on each side, below that use `fisherExact`. Null
 * when a side has no rows or all rows are alike. Cost O(1).
 */
export function zProportions({ x, n, y, m }: Proportions): { z: number; p: number } | null {
  const share = (x + y) / (n + m);
  if (n === 0 || m === 0 || share === 0 || share === 1) return null;
  const z = (x / n - y / m) / Math.sqrt(share * ((n - x + (m - y)) / (n + m)) * (1 / n + 1 / m));
  return { z, p: normalTwoSidedTail(z) };
}
