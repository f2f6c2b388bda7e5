import type { Quantiles } from '../profile.ts';
import { type Grid, isComplete, rowsBefore } from './point-gap-grid.ts';

export const STORED_QUANTILES = [0, 0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 1] as const;

/** The value with 0-based rank `rank`: an edge, or a place in a gap whose rows are taken as evenly spread. */
function orderStatistic(grid: Grid, before: Float64Array, rank: number): number {
  let low = 0;
  let high = before.length - 1;
  while (low < high) {
    const mid = (low + high + 1) >> 1;
    if (before[mid]! <= rank) low = mid;
    else high = mid - 1;
  }
  const into = rank - before[low]! - grid.at[low]!;
  if (into < 0 || low === before.length - 1) return grid.edges[low]!;
  const share = (into + 1) / (grid.between[low]! + 1);
  return grid.edges[low]! + share * (grid.edges[low + 1]! - grid.edges[low]!);
}

/**
 * The `p`-quantile of a grid by linear interpolation between neighbouring order statistics (type 7): with
 * h = p (n - 1), x_⌊h⌋ + (h - ⌊h⌋)(x_⌊h⌋₊₁ - x_⌊h⌋), computed as NumPy does, from the nearer end. Exact on a
 * complete grid. Cost O(log edges).
 */
export function quantileOf(grid: Grid, before: Float64Array, p: number): number {
  const h = p * (grid.n - 1);
  const floor = Math.floor(h);
  const low = orderStatistic(grid, before, floor);
  const high = orderStatistic(grid, before, Math.min(floor + 1, grid.n - 1));
  const t = h - floor;
  const difference = high - low;
  if (!Number.isFinite(difference)) return low * (1 - t) + high * t;
  return t >= 0.5 ? high - difference * (1 - t) : low + difference * t;
}

/** The stored quantiles of a grid; null without values. */
export function describeQuantiles(grid: Grid): Quantiles | null {
  if (grid.n === 0) return null;
  const before = rowsBefore(grid);
  let gap = 0;
  for (let i = 0; i < grid.between.length; i++) gap = Math.max(gap, grid.between[i]!);
  return {
    method: 'quantiles/linear@1',
    rankError: isComplete(grid) ? 0 : Math.min(1, (grid.error + gap) / grid.n),
    values: STORED_QUANTILES.map((p) => ({ p, value: quantileOf(grid, before, p) })),
  };
}
