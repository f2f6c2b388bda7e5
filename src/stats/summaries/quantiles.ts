import type { Quantiles } from '../profile.ts';
import { edgeAtRank, type Grid, gapAfter, keptRanks, largestGap, STORED_EDGES } from './point-gap-grid.ts';
import { binRanks } from './quantile-bins.ts';

const STORED_QUANTILES = [0, 0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 1] as const;

/** The value with 0-based rank `rank`: an edge, or a place in a gap whose rows are taken as evenly spread. */
function orderStatistic(grid: Grid, rank: number): number {
  const i = edgeAtRank(grid, rank);
  const into = rank - grid.before[i]! - grid.at[i]!;
  if (into < 0 || i === grid.edges.length - 1) return grid.edges[i]!;
  const share = (into + 1) / (gapAfter(grid, i) + 1);
  const [low, high] = [grid.edges[i]!, grid.edges[i + 1]!];
  const between = low + share * (high - low);
  return Number.isFinite(between) ? between : low * (1 - share) + high * share;
}

/**
 * The `p`-quantile of a grid by linear interpolation between neighbouring order statistics (type 7): with
 * h = p (n - 1), x_⌊h⌋ + (h - ⌊h⌋)(x_⌊h⌋₊₁ - x_⌊h⌋), computed as NumPy does, from the nearer end. Exact on a
 * complete grid. Cost O(log edges).
 */
function quantileOf(grid: Grid, p: number): number {
  const h = p * (grid.n - 1);
  const floor = Math.floor(h);
  const low = orderStatistic(grid, floor);
  const high = orderStatistic(grid, Math.min(floor + 1, grid.n - 1));
  const t = h - floor;
  const difference = high - low;
  if (!Number.isFinite(difference)) return low * (1 - t) + high * t;
  return t >= 0.5 ? high - difference * (1 - t) : low + difference * t;
}

/** All ranks (0-based, ascending) that a stored profile of `n` values reads: its grid's, its quantiles', its bins'. */
export function describedRanks(n: number): Float64Array {
  const places = STORED_QUANTILES.flatMap((p) => [
    Math.floor(p * (n - 1)),
    Math.min(n - 1, Math.floor(p * (n - 1)) + 1),
  ]);
  return Float64Array.from([...keptRanks(n, STORED_EDGES), ...places, ...binRanks(n)]).sort();
}

/** The stored quantiles of a grid; null without values. `exact`: the ranks they need are edges. */
export function describeQuantiles(grid: Grid, exact = grid.complete): Quantiles | null {
  if (grid.n === 0) return null;
  const gap = exact ? 0 : largestGap(grid);
  return {
    method: 'quantiles/linear@1',
    rankError: Math.min(1, (grid.error + gap) / grid.n),
    values: STORED_QUANTILES.map((p) => ({ p, value: quantileOf(grid, p) })),
  };
}
