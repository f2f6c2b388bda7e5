import { cosineDistance } from '../distances/cosine.ts';
import { scaleOf } from '../distances/scale-of.ts';
import { wasserstein } from '../distances/wasserstein.ts';
import { kolmogorovSmirnov } from '../hypothesis-tests/kolmogorov-smirnov.ts';
import type { Uniform } from '../sampling/xoshiro128.ts';
import { momentsOf } from '../summaries/moments.ts';
import { radixSort } from '../summaries/radix-sort.ts';
import { ROUNDING, vectorMomentsOf } from '../summaries/vector-moments.ts';
import { benjaminiHochberg } from '../verdict/benjamini-hochberg.ts';
import { dealingLaw, dealingPoint95, dealingTail } from './dealing-law.ts';
import type { Matrix } from './matrix.ts';
import type { MatrixPair } from './maximum-mean-discrepancy.ts';

export type CentroidDistance = {
  /** Distance of the two mean vectors, and its mean (nearly) and 95 % point under no drift. */
  readonly euclidean: number;
  readonly nullMean: number;
  readonly null95: number;
  readonly p: number;
  /** 1 - cosine of the angle between them, from 0 to 2; null when one of them is 0. */
  readonly cosine: number | null;
};

/**
 * Distance of the mean vectors of two samples of embeddings. Without drift its square follows the law of dealing the
 * pooled rows anew (`dealingLaw`). All of it is computed in a power of two of the rows' own size: fourth powers of numbers
 * near 1e-100 are 0. Null below 4 rows a side, and where means are too large for doubles. Cost O(rows · columns · min(columns, 64)).
 */
export function centroidDistance(pair: MatrixPair, random: Uniform): CentroidDistance | null {
  const { x, y } = pair;
  if (x.rows < 4 || y.rows < 4) return null;
  const [a, b] = [meansOf(x), meansOf(y)];
  const distance = Math.hypot(...a.map((v, j) => v - b[j]!));
  if (!Number.isFinite(distance)) return null;
  const rounding = distance <= ROUNDING * (Math.hypot(...a) + Math.hypot(...b));
  const { pooled, unit } = pooledRows(pair, a, b);
  const law = dealingLaw(pooled, x.rows, random);
  const square = (distance / unit) ** 2;
  return {
    euclidean: rounding ? 0 : distance,
    nullMean: Math.sqrt(law.mean) * unit,
    null95: Math.sqrt(dealingPoint95(law)) * unit,
    p: rounding ? 1 : dealingTail(law, square),
    cosine: cosineDistance(a, b),
  };
}

const meansOf = ({ values, rows, columns }: Matrix): Float64Array => vectorMomentsOf(values, rows, columns).mean;

/** The rows of both about their common mean, one after another, in units of their size. */
function pooledRows({ x, y }: MatrixPair, a: Float64Array, b: Float64Array): { pooled: Matrix; unit: number } {
  const rows = x.rows + y.rows;
  const mean = a.map((v, j) => (v * x.rows + b[j]! * y.rows) / rows);
  const values = new Float64Array(rows * x.columns);
  values.set(x.values.subarray(0, x.rows * x.columns));
  values.set(y.values.subarray(0, y.rows * x.columns), x.rows * x.columns);
  for (let at = 0; at < values.length; ) for (let j = 0; j < x.columns; j++) values[at++]! -= mean[j]!;
  const unit = scaleOf(values);
  for (let at = 0; at < values.length; at++) values[at]! /= unit;
  return { pooled: { rows, columns: x.columns, values }, unit };
}

export type ComponentDrift = {
  /** Share of the components whose distribution changed (q < level) and moved by at least `effect`. */
  readonly share: number;
  readonly drifted: number;
  /** By component: Wasserstein distance over the reference's deviation, null where that is 0, and q. */
  readonly components: readonly { readonly distance: number | null; readonly q: number }[];
};

export type ComponentOptions = { readonly level: number; readonly effect: number };

/**
 * Each component of the embeddings on its own: Kolmogorov-Smirnov with Benjamini and Hochberg's q over the components,
 * and the Wasserstein distance over the reference's deviation. Null without rows. Cost O(columns · rows).
 */
export function componentDrift({ x, y }: MatrixPair, { level, effect }: ComponentOptions): ComponentDrift | null {
  if (x.rows === 0 || y.rows === 0 || x.columns === 0) return null;
  const sides = Array.from({ length: x.columns }, (_, j) => [sortedColumn(x, j), sortedColumn(y, j)] as const);
  const q = benjaminiHochberg(sides.map(([a, b]) => kolmogorovSmirnov(a, b).p));
  const components = sides.map(([a, b], j) => {
    const deviation = Math.sqrt(momentsOf(a, a.length).m2 / a.length);
    return { distance: deviation > 0 ? wasserstein(a, b) / deviation : null, q: q[j]! };
  });
  // A component that did not vary and now differs has moved by more than any limit.
  const drifted = components.filter((c) => c.q < level && (c.distance ?? Number.POSITIVE_INFINITY) >= effect).length;
  return { share: drifted / x.columns, drifted, components };
}

function sortedColumn({ rows, columns, values }: Matrix, j: number): Float64Array {
  return radixSort(Float64Array.from({ length: rows }, (_, i) => values[i * columns + j]!));
}
