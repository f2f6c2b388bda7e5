import type { QuantileBins } from '../profile.ts';
import { placeOf } from './place-of.ts';
import type { Grid } from './point-gap-grid.ts';

const BINS = 20;

/**
 * At most 20 bins of nearly equal mass. Upper edges are values of the sample, the smallest with at least i / 20
 * of the rows at or below it, so a value that holds more than a twentieth closes a bin of its own with less
 * than a twentieth of other rows in it. At most 20 different values: one bin each. Null without values.
 * Cost O(log edges).
 */
export function quantileBins(grid: Grid): QuantileBins | null {
  if (grid.n === 0) return null;
  const last = grid.edges.length - 1;
  const closing = new Set<number>();
  if (grid.complete && last < BINS) for (let i = 0; i <= last; i++) closing.add(i);
  else for (let step = 1; step < BINS; step++) closing.add(firstReaching(grid, (step * grid.n) / BINS));
  closing.add(last);
  const edges = [grid.edges[0]!];
  const counts: number[] = [];
  let counted = 0;
  for (const i of closing) {
    const upTo = i === last ? grid.n : Math.round(grid.before[i]! + grid.at[i]!);
    edges.push(grid.edges[i]!);
    counts.push(upTo - counted);
    counted = upTo;
  }
  return { method: 'quantile-bins/20@1', edges, counts };
}

/** The edges of the same bins, of a sorted sample of finite values; none without values. Cost O(log n). */
export function binEdges(sorted: Float64Array): number[] {
  const n = sorted.length;
  if (n === 0) return [];
  const few = firstDifferent(sorted, BINS + 1);
  const closing = few.length <= BINS ? few : [...binRanks(n).map((rank) => sorted[rank]!), sorted[n - 1]!];
  return [sorted[0]!, ...new Set(closing)];
}

/** The smallest different values, at most so many. */
function firstDifferent(sorted: Float64Array, most: number): number[] {
  const values: number[] = [];
  for (let at = 0; at < sorted.length && values.length < most; ) {
    const value = sorted[at]!;
    values.push(value);
    at = placeOf(sorted, (v) => v > value);
  }
  return values;
}

/** The ranks (0-based) of the values that close the bins of `n` values. */
export function binRanks(n: number): number[] {
  return Array.from({ length: BINS - 1 }, (_, i) => Math.ceil(((i + 1) * n) / BINS) - 1);
}

/** The first edge with at least `rows` rows at or below it. */
function firstReaching(grid: Grid, rows: number): number {
  let low = 0;
  let high = grid.edges.length - 1;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (grid.before[mid]! + grid.at[mid]! >= rows) high = mid;
    else low = mid + 1;
  }
  return low;
}
