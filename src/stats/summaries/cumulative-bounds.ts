import type { NumberProfile } from '../profile.ts';
import { type Grid, gapAfter, readGrid } from './point-gap-grid.ts';
import { shareBetween } from './share-between.ts';

/** A number that is known to lie between two others; all three are the same when it is known exactly. */
export type Bounded = { readonly lower: number; readonly value: number; readonly upper: number };

/** Bounded numbers side by side, one for each of many points. */
export type BoundedSeries = {
  readonly lower: Float64Array;
  readonly value: Float64Array;
  readonly upper: Float64Array;
};

/** The shares of a column's numbers below, and at or below, each of many points. */
type CumulativeSeries = { readonly below: BoundedSeries; readonly through: BoundedSeries };

/** A numeric column's distribution function, as far as its stored profile tells it. */
export type CumulativeBounds = {
  /** Numbers: every row that is neither missing nor NaN. */
  readonly n: number;
  /** The finite points where it is best known, ascending; nothing finite lies outside of them. */
  readonly edges: Float64Array;
  /** What is known at points in ascending order, in one walk. */
  readonly along: (points: Float64Array) => CumulativeSeries;
};

/**
 * Reads the distribution function of a profile. At an edge of the grid it is known up to the grid's own rank error;
 * between two edges it lies between their counts, and `value` takes the gap's rows as evenly spread. Infinities
 * count as below and above everything. Cost O(edges + points).
 */
export function cumulativeBounds(profile: NumberProfile): CumulativeBounds {
  const grid = readGrid(profile.grid);
  const { edges } = grid;
  const n = profile.finite + profile.negativeInfinity + profile.positiveInfinity;
  const rows = { grid, n, before: profile.negativeInfinity };
  return {
    n,
    edges,
    along: (points) => {
      const series = { below: boundedSeries(points.length), through: boundedSeries(points.length) };
      for (let k = 0, i = -1; k < points.length; k++) {
        while (i + 1 < edges.length && edges[i + 1]! <= points[k]!) i++;
        readRows(rows, { point: points[k]!, i, k }, series);
      }
      return series;
    },
  };
}

function boundedSeries(length: number): BoundedSeries {
  return { lower: new Float64Array(length), value: new Float64Array(length), upper: new Float64Array(length) };
}

/** One of them. */
export function boundedAt({ lower, value, upper }: BoundedSeries, k: number): Bounded {
  return { lower: lower[k]!, value: value[k]!, upper: upper[k]! };
}

/** `n` numbers, of which `before` are below all of the grid's. */
type Rows = { readonly grid: Grid; readonly n: number; readonly before: number };

const shareOf = ({ n, before }: Rows, rows: number): number => Math.min(1, Math.max(0, (before + rows) / n));

/** Writes what is known at a point, of which edge `i` is the last at or below it; -1: it is before all. */
function readRows(
  rows: Rows,
  { point, i, k }: { readonly point: number; readonly i: number; readonly k: number },
  { below, through }: CumulativeSeries,
): void {
  const { edges, before, at, error, n } = rows.grid;
  if (i < 0 || point > edges[edges.length - 1]!) {
    const share = shareOf(rows, i < 0 ? 0 : n);
    below.lower[k] = below.value[k] = below.upper[k] = share;
    through.lower[k] = through.value[k] = through.upper[k] = share;
    return;
  }
  const ended = before[i]! + at[i]!;
  if (edges[i] === point) {
    const slack = i === 0 ? 0 : error;
    below.lower[k] = shareOf(rows, before[i]! - slack);
    below.value[k] = shareOf(rows, before[i]!);
    below.upper[k] = shareOf(rows, before[i]! + slack);
    through.lower[k] = shareOf(rows, ended - error);
    through.value[k] = shareOf(rows, ended);
    through.upper[k] = shareOf(rows, ended + error);
    return;
  }
  const gap = gapAfter(rows.grid, i);
  const part = shareBetween(edges[i]!, edges[i + 1]!, point);
  below.lower[k] = through.lower[k] = shareOf(rows, ended - error);
  below.value[k] = through.value[k] = shareOf(rows, ended + part * gap);
  below.upper[k] = through.upper[k] = shareOf(rows, ended + gap + error);
}

/** Two columns' distribution functions side by side, at all edges of either. */
export type CommonCumulatives = {
  readonly edges: Float64Array;
  readonly f: CumulativeSeries;
  readonly g: CumulativeSeries;
};

/** Reads both at the edges of both. Cost O(edges). */
export function commonCumulatives(x: CumulativeBounds, y: CumulativeBounds): CommonCumulatives {
  const edges = commonEdges(x, y);
  return { edges, f: x.along(edges), g: y.along(edges) };
}

/** Both columns' edges, ascending, each once. */
function commonEdges({ edges: x }: CumulativeBounds, { edges: y }: CumulativeBounds): Float64Array {
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
