import { chiSquareQuantile } from '../special/chi-square.ts';

/** p log2(p / m) where 0 log 0 = 0. */
function relativeEntropyTerm(p: number, middle: number): number {
  return p === 0 ? 0 : p * Math.log2(p / middle);
}

/**
 * Jensen-Shannon divergence, base 2, between the shares of two vectors of counts: the mean relative entropy to
 * their middle, 0 for equal and 1 for disjoint. Null when a side has no rows. Cost O(k).
 */
export function jensenShannonDivergence(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  let n = 0;
  let m = 0;
  for (let i = 0; i < x.length; i++) {
    n += x[i]!;
    m += y[i]!;
  }
  if (n === 0 || m === 0) return null;
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const p = x[i]! / n;
    const q = y[i]! / m;
    sum += divergencePart(p, q);
  }
  return Math.min(1, Math.max(0, sum));
}

/** The square root of the base-2 divergence: a metric from 0 to 1 (Endres and Schindelin 2003). */
export function jensenShannonDistance(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  const divergence = jensenShannonDivergence(x, y);
  return divergence === null ? null : Math.sqrt(divergence);
}

/** Mean and variance under no drift of one cell's part of the divergence. */
type Part = { readonly mean: number; readonly variance: number };

/** Expected rows on the thinner side from which on a cell's part follows the chi-square law. */
const ENOUGH_ROWS = 30;

/** The divergence's part in a cell with these shares. */
function divergencePart(p: number, q: number): number {
  const middle = (p + q) / 2;
  return (relativeEntropyTerm(p, middle) + relativeEntropyTerm(q, middle)) / 2;
}

/**
 * The part of a cell with `t` rows in all, each of which belongs to the first sample with probability n / (n + m):
 * what random relabelling of the rows would give, summed over the binomial law.
 */
function sparsePart(t: number, n: number, m: number): Part {
  const f = n / (n + m);
  let probability = (1 - f) ** t;
  let mean = 0;
  let square = 0;
  for (let x = 0; x <= t; x++) {
    const value = divergencePart(x / n, (t - x) / m);
    mean += probability * value;
    square += probability * value * value;
    probability *= ((t - x) / (x + 1)) * (f / (1 - f));
  }
  return { mean, variance: Math.max(0, square - mean * mean) };
}

/**
 * Mean (nearly) and 95 % point of the base-2 distance under no drift, given the cells' totals: a cell with many
 * rows adds (1/n + 1/m) / (8 ln 2) times a chi-square variable with one degree of freedom, so k well-filled
 * cells have k - 1; a sparse one adds what relabelling its rows would. The 95 % point is that of the gamma law
 * with the same mean and variance. Null when a side has no rows. Cost O(k), and O(t) for each size t of sparse cell.
 */
export function jensenShannonNull(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
): { mean: number; point95: number } | null {
  let n = 0;
  let m = 0;
  for (let i = 0; i < x.length; i++) {
    n += x[i]!;
    m += y[i]!;
  }
  if (n === 0 || m === 0) return null;
  const scale = (1 / n + 1 / m) / (8 * Math.LN2);
  const full: Part = { mean: scale, variance: 2 * scale * scale };
  const sparse = new Map<number, Part>();
  let mean = 0;
  let variance = 0;
  for (let i = 0; i < x.length; i++) {
    const t = x[i]! + y[i]!;
    if (t === 0) continue;
    let part = full;
    if (t * Math.min(n, m) < ENOUGH_ROWS * (n + m)) {
      part = sparse.get(t) ?? sparsePart(t, n, m);
      sparse.set(t, part);
    }
    const others = 1 - t / (n + m);
    mean += part.mean * others;
    variance += part.variance * others;
  }
  if (mean === 0) return { mean: 0, point95: 0 };
  const df = (2 * mean * mean) / variance;
  return { mean: Math.sqrt(mean), point95: Math.sqrt((mean * chiSquareQuantile(0.05, df)) / df) };
}
