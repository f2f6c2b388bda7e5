import { gammaPoint95 } from '../distances/relabelling-law.ts';
import { wasserstein } from '../distances/wasserstein.ts';
import { chiSquareTail } from '../special/chi-square.ts';
import { momentsOf } from '../summaries/moments.ts';
import { radixSort } from '../summaries/radix-sort.ts';
import { kolmogorovSmirnov } from '../tests/kolmogorov-smirnov.ts';
import { benjaminiHochberg } from '../verdict/benjamini-hochberg.ts';
import { columnMeans, type Matrix } from './matrix.ts';
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
 * Distance of the mean vectors of two samples of embeddings. Without drift its square is (1/n + 1/m) Σ λ χ²₁ over the
 * eigenvalues of the covariance S: mean tr S and variance 2 tr S² give a gamma law, and both traces are estimated from
 * neighbouring rows, tr S = E|a - b|² / 2 and tr S² = E((a - b)·(c - d))² / 4, without the matrix itself. Rows must
 * be in no order that means something. Null below 4 rows a side. Cost O(rows · columns).
 */
export function centroidDistance({ x, y }: MatrixPair): CentroidDistance | null {
  if (x.rows < 4 || y.rows < 4) return null;
  const [a, b] = [columnMeans(x), columnMeans(y)];
  const square = a.reduce((sum, v, j) => sum + (v - b[j]!) ** 2, 0);
  const [n, m] = [x.rows, y.rows];
  const [ofX, ofY] = [traces(x), traces(y)];
  const c = 1 / n + 1 / m;
  const weigh = (of: (side: { trace: number; square: number }) => number): number =>
    (of(ofX) * n + of(ofY) * m) / (n + m);
  const law = { mean: c * weigh(({ trace }) => trace), variance: 2 * c * c * weigh((side) => side.square) };
  const df = (2 * law.mean * law.mean) / law.variance;
  const dot = a.reduce((sum, v, j) => sum + v * b[j]!, 0);
  const norms = Math.hypot(...a) * Math.hypot(...b);
  return {
    euclidean: Math.sqrt(square),
    nullMean: Math.sqrt(law.mean),
    null95: Math.sqrt(gammaPoint95(law)),
    p: law.variance > 0 ? chiSquareTail((square * df) / law.mean, df) : square === 0 ? 1 : 0,
    cosine: norms > 0 ? Math.max(0, 1 - dot / norms) : null,
  };
}

/** tr S and tr S², each from every group of four neighbouring rows. */
function traces({ rows, columns, values }: Matrix): { trace: number; square: number } {
  let trace = 0;
  let square = 0;
  const groups = rows >> 2;
  for (let g = 0; g < groups; g++) {
    const at = 4 * g * columns;
    let dot = 0;
    for (let j = 0; j < columns; j++) {
      const first = values[at + j]! - values[at + columns + j]!;
      const second = values[at + 2 * columns + j]! - values[at + 3 * columns + j]!;
      trace += (first * first + second * second) / 4;
      dot += first * second;
    }
    square += (dot * dot) / 4;
  }
  return { trace: trace / groups, square: square / groups };
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
