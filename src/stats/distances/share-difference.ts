import { normalTwoSidedQuantile } from '../special/normal.ts';

/**
 * 95 % point of |y / m - x / n| under no drift, for x of n and y of m rows: normal, with the pooled share
 * (Laplace's rule of succession, so that a share of 0 keeps a width).
 */
export function shareDifferencePoint95(counts: { x: number; n: number; y: number; m: number }): number {
  const { x, n, y, m } = counts;
  const p = (x + y + 1) / (n + m + 2);
  return normalTwoSidedQuantile(0.05) * Math.sqrt(p * (1 - p) * (1 / n + 1 / m));
}
