import { logBinomialDensity } from './binomial.ts';

const TINY = 1e-300;
const away = (v: number): number => (Math.abs(v) < TINY ? TINY : v);

/** The continued fraction of I_x(a, b) (DLMF 8.17.22) in Lentz's form; converges fast for x < (a + 1) / (a + b + 2). */
function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m < 10_000_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const delta = d * c;
    h *= delta;
    if (Math.abs(delta - 1) < 1e-16) break;
  }
  return h;
}

function directTail(a: number, b: number, { x, y }: Parts): number {
  const density = Math.exp(logBinomialDensity(a, a + b, { p: x, q: y }));
  return ((density * b) / (a + b)) * betaFraction(a, b, x);
}

/** A point of the unit interval and what is left of it, y = 1 - x, which a subtraction might have lost. */
export type Parts = { readonly x: number; readonly y: number };

/**
 * Regularised incomplete beta function I_x(a, b) for a, b > 0. Small values are computed themselves, never as a
 * difference from 1, and keep their relative accuracy (about 1e-12) down to the smallest doubles. Cost O(√max(a, b)).
 */
export function betaI(a: number, b: number, parts: Parts): number {
  const { x, y } = parts;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  if (x < (a + 1) / (a + b + 2)) return Math.min(1, directTail(a, b, parts));
  return Math.max(0, 1 - directTail(b, a, { x: y, y: x }));
}
