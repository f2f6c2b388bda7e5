import type { NumberProfile } from '../profile.ts';
import { type Grid, gapAfter, readGrid } from './point-gap-grid.ts';

/** A number that is known to lie between two others; all three are the same when it is known exactly. */
export type Bounded = { readonly lower: number; readonly value: number; readonly upper: number };

/** The shares of a column's numbers below a point, and at or below it. */
type Cumulative = { readonly below: Bounded; readonly through: Bounded };

/** Bounded numbers side by side, one for each of many points. */
export type BoundedSeries = {
  readonly lower: Float64Array;
  readonly value: Float64Array;
  readonly upper: Float64Array;
};

/** The shares below, and at or below, each of many points. */
type CumulativeSeries = { readonly below: BoundedSeries; readonly through: BoundedSeries };

/** A numeric column's distribution function, as far as its stored profile tells it. */
export type CumulativeBounds = {
  /** Numbers: every row that is neither missing nor NaN. */
  readonly n: number;
  /** The finite points where it is best known, ascending; nothing finite lies outside of them. */
  readonly edges: Float64Array;
  readonly at: (point: number) => Cumulative;
  /** The same at points in ascending order, in one walk. */
  readonly along: (points: Float64Array) => CumulativeSeries;
};

/**
 * Reads the distribution function of a profile. At an edge of the grid it is known up to the grid's own rank error;
 * between two edges it lies between their counts, and `value` takes the gap's rows as evenly spread. Infinities
 * count as below and above everything. Cost O(log edges) a point, O(edges + points) along many.
 */
export function cumulativeBounds(profile: NumberProfile): CumulativeBounds {
  const grid = readGrid(profile.grid);
  const { edges } = grid;
  const n = profile.finite + profile.negativeInfinity + profile.positiveInfinity;
  const read = (points: Float64Array, edgeOf: (point: number, last: number) => number): CumulativeSeries => {
    const series = { below: boundedSeries(points.length), through: boundedSeries(points.length) };
    const share = (rows: number): number => Math.min(1, Math.max(0, (profile.negativeInfinity + rows) / n));
    for (let k = 0, i = -1; k < points.length; k++) {
      i = edgeOf(points[k]!, i);
      readRows(grid, { point: points[k]!, i, k }, { series, share });
    }
    return series;
  };
  return {
    n,
    edges,
    at: (point) => {
      const { below, through } = read(Float64Array.of(point), (wanted) => lastAtOrBelow(edges, wanted));
      return { below: boundedAt(below, 0), through: boundedAt(through, 0) };
    },
    along: (points) =>
      read(points, (point, last) => {
        let i = last;
        while (i + 1 < edges.length && edges[i + 1]! <= point) i++;
        return i;
      }),
  };
}

function boundedSeries(length: number): BoundedSeries {
  return { lower: new Float64Array(length), value: new Float64Array(length), upper: new Float64Array(length) };
}

const boundedAt = ({ lower, value, upper }: BoundedSeries, k: number): Bounded => ({
  lower: lower[k]!,
  value: value[k]!,
  upper: upper[k]!,
});

/** Writes what is known at a point, of which edge `i` is the last at or below it; -1: it is before all. */
function readRows(
  grid: Grid,
  { point, i, k }: { readonly point: number; readonly i: number; readonly k: number },
  { series, share }: { readonly series: CumulativeSeries; readonly share: (rows: number) => number },
): void {
  const { edges, before, at, error } = grid;
  const { below, through } = series;
  const write = (into: BoundedSeries, lower: number, value: number, upper: number): void => {
    into.lower[k] = share(lower);
    into.value[k] = share(value);
    into.upper[k] = share(upper);
  };
  if (i < 0 || point > edges[edges.length - 1]!) {
    const rows = i < 0 ? 0 : grid.n;
    write(below, rows, rows, rows);
    write(through, rows, rows, rows);
    return;
  }
  const ended = before[i]! + at[i]!;
  if (edges[i] === point) {
    const slack = i === 0 ? 0 : error;
    write(below, before[i]! - slack, before[i]!, before[i]! + slack);
    write(through, ended - error, ended, ended + error);
    return;
  }
  const rows = gapAfter(grid, i);
  const part = (point - edges[i]!) / (edges[i + 1]! - edges[i]!);
  write(below, ended - error, ended + part * rows, ended + rows + error);
  write(through, ended - error, ended + part * rows, ended + rows + error);
}

/** The last edge at or below a point; -1 before the first. */
function lastAtOrBelow(edges: Float64Array, point: number): number {
  let low = -1;
  let high = edges.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle]! <= point) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Both columns' edges, ascending, each once. */
export function commonEdges({ edges: x }: CumulativeBounds, { edges: y }: CumulativeBounds): Float64Array {
  const common = new Float64Array(x.length + y.length);
  let [i, j, used] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    const [v, w] = [x[i]!, y[j]!];
    common[used++] = v < w ? v : w;
    if (v <= w) i++;
    if (w <= v) j++;
  }
  const rest = i < x.length ? x.subarray(i) : y.subarray(j);
  common.set(rest, used);
  return common.subarray(0, used + rest.length);
}
