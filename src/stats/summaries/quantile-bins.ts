import type { QuantileBins } from '../profile.ts';
import { type Grid, isComplete, rowsBefore } from './point-gap-grid.ts';

export const BINS = 20;

/**
 * At most 20 bins of nearly equal mass. Upper edges are values of the sample, the smallest with at least i / 20
 * of the rows at or below it, so a value that holds more than a twentieth closes a bin of its own with less
 * than a twentieth of other rows in it. At most 20 different values: one bin each. Null without values.
 * Cost O(edges).
 */
export function quantileBins(grid: Grid): QuantileBins | null {
  const k = grid.edges.length;
  if (grid.n === 0) return null;
  const each = k <= BINS && isComplete(grid);
  const before = rowsBefore(grid);
  const edges = [grid.edges[0]!];
  const counts: number[] = [];
  let counted = 0;
  let step = 1;
  for (let i = 0; i < k; i++) {
    const upTo = Math.round(before[i]! + grid.at[i]!);
    const last = i === k - 1;
    if (!each && !last && upTo * BINS < step * grid.n) continue;
    while (step * grid.n <= upTo * BINS) step++;
    edges.push(grid.edges[i]!);
    counts.push((last ? grid.n : upTo) - counted);
    counted = upTo;
  }
  return { method: 'quantile-bins/20@1', edges, counts };
}

/** The bin of `v` among right-closed bins with these edges; -1 below the first edge, `edges.length - 1` above the last. */
export function binOf(edges: readonly number[], v: number): number {
  if (v < edges[0]!) return -1;
  let low = 1;
  let high = edges.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (edges[mid]! < v) low = mid + 1;
    else high = mid;
  }
  return low - 1;
}
