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
    const middle = (p + q) / 2;
    sum += relativeEntropyTerm(p, middle) + relativeEntropyTerm(q, middle);
  }
  return Math.min(1, Math.max(0, sum / 2));
}

/** The square root of the base-2 divergence: a metric from 0 to 1 (Endres and Schindelin 2003). */
export function jensenShannonDistance(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  const divergence = jensenShannonDivergence(x, y);
  return divergence === null ? null : Math.sqrt(divergence);
}

/**
 * Mean (nearly) and 95 % point of the base-2 distance under no drift with `bins` non-empty bins and sizes n and
 * m: to second order the divergence in nats is (1/n + 1/m) / 8 times a chi-square variable with bins - 1 degrees
 * of freedom, and base 2 divides it by ln 2.
 */
export function jensenShannonNull(bins: number, n: number, m: number): { mean: number; point95: number } {
  const scale = (1 / n + 1 / m) / (8 * Math.LN2);
  if (bins < 2) return { mean: 0, point95: 0 };
  return { mean: Math.sqrt((bins - 1) * scale), point95: Math.sqrt(chiSquareQuantile(0.05, bins - 1) * scale) };
}
