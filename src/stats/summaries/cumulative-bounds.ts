import type { NumberProfile } from '../profile.ts';
import { gapAfter, readGrid } from './point-gap-grid.ts';

/** A number that is known to lie between two others; all three are the same when it is known exactly. */
export type Bounded = { readonly lower: number; readonly value: number; readonly upper: number };

/** The shares of a column's numbers below a point, and at or below it. */
type Cumulative = { readonly below: Bounded; readonly through: Bounded };

/** A numeric column's distribution function, as far as its stored profile tells it. */
export type CumulativeBounds = {
  /** Numbers: every row that is neither missing nor NaN. */
  readonly n: number;
  /** The finite points where it is best known, ascending; nothing finite lies outside of them. */
  readonly edges: Float64Array;
  readonly at: (point: number) => Cumulative;
};

/**
 * Reads the distribution function of a profile. At an edge of the grid it is known up to the grid's own rank error;
 * between two edges it lies between their counts, and `value` takes the gap's rows as evenly spread. Infinities
 * count as below and above everything. Cost O(log edges) a point.
 */
export function cumulativeBounds(profile: NumberProfile): CumulativeBounds {
  const grid = readGrid(profile.grid);
  const { edges, before, at, error } = grid;
  const n = profile.finite + profile.negativeInfinity + profile.positiveInfinity;
  const share = (rows: number, slack: number): Bounded => {
    const clamp = (x: number): number => Math.min(1, Math.max(0, x / n));
    const ranked = profile.negativeInfinity + rows;
    return { lower: clamp(ranked - slack), value: clamp(ranked), upper: clamp(ranked + slack) };
  };
  const outside = (rows: number): Cumulative => ({ below: share(rows, 0), through: share(rows, 0) });
  const inGap = (i: number, point: number): Cumulative => {
    const from = before[i]! + at[i]!;
    const rows = gapAfter(grid, i);
    const part = (point - edges[i]!) / (edges[i + 1]! - edges[i]!);
    const bounds = {
      lower: share(from, error).lower,
      value: share(from + part * rows, 0).value,
      upper: share(from + rows, error).upper,
    };
    return { below: bounds, through: bounds };
  };
  return {
    n,
    edges,
    at: (point) => {
      if (edges.length === 0 || point < edges[0]!) return outside(0);
      if (point > edges[edges.length - 1]!) return outside(grid.n);
      const i = lastAtOrBelow(edges, point);
      if (edges[i] !== point) return inGap(i, point);
      return { below: share(before[i]!, i === 0 ? 0 : error), through: share(before[i]! + at[i]!, error) };
    },
  };
}

/** The last edge at or below a point that is not below the first. */
function lastAtOrBelow(edges: Float64Array, point: number): number {
  let low = 0;
  let high = edges.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle]! <= point) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Both columns' edges, ascending, each once. */
export function commonEdges(x: CumulativeBounds, y: CumulativeBounds): Float64Array {
  return Float64Array.from(new Set([...x.edges, ...y.edges])).sort();
}
