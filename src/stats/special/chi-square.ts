import { gammaQ, logGamma } from './gamma.ts';

/** P(X > x) for a chi-square variable with `df` > 0 degrees of freedom: Q(df / 2, x / 2). */
export function chiSquareTail(x: number, df: number): number {
  return gammaQ(df / 2, x / 2);
}

function chiSquareDensity(x: number, df: number): number {
  const a = df / 2;
  return Math.exp((a - 1) * Math.log(x) - x / 2 - a * Math.LN2 - logGamma(a));
}

/** The x with P(X > x) = `tail` by bisection: slow but certain, also where Newton's steps leave the positive half-line. */
export function chiSquareUpperPoint(tail: number, df: number): number {
  let low = 0;
  let high = df + 10;
  while (chiSquareTail(high, df) > tail) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const mid = (low + high) / 2;
    if (chiSquareTail(mid, df) > tail) low = mid;
    else high = mid;
  }
  return (low + high) / 2;
}

/**
 * The x with P(X > x) = `tail` (0 < tail < 1): Newton's method on the upper tail from the mean, bisection
 * where it leaves the positive half-line.
 */
export function chiSquareQuantile(tail: number, df: number): number {
  let x = df;
  for (let i = 0; i < 100; i++) {
    const step = (chiSquareTail(x, df) - tail) / chiSquareDensity(x, df);
    const next = x + step;
    if (!(next > 0) || !Number.isFinite(next)) return chiSquareUpperPoint(tail, df);
    if (Math.abs(next - x) <= 1e-14 * next) return next;
    x = next;
  }
  return chiSquareUpperPoint(tail, df);
}
