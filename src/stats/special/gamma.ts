import { gammaln } from 'simple-statistics';

const LOG_SQRT_2PI = 0.9189385332046728;

/** ln Γ(x) for x > 0, to about 15 digits (Lanczos; simple-statistics). */
export function logGamma(x: number): number {
  return gammaln(x);
}

/**
 * Stirling's error: ln Γ(n + 1) - [(n + 1/2) ln n - n + ln √(2π)], for n > 0. Keeps the digits that a
 * difference of large logarithms of factorials would lose. Loader, "Fast and accurate computation of
 * binomial probabilities" (2000).
 */
export function stirlingError(n: number): number {
  if (n < 16) return logGamma(n + 1) - (n + 0.5) * Math.log(n) + n - LOG_SQRT_2PI;
  const r = 1 / (n * n);
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - (1 / 1188) * r) * r) * r) * r) / n;
}

/**
 * Loader's deviance term x ln(x / m) + m - x, for x >= 0 and m > 0. `difference` is x - m, given apart
 * because callers often know it exactly.
 */
export function devianceTerm(x: number, m: number, difference: number): number {
  if (x === 0) return m;
  if (Math.abs(difference) >= 0.1 * (x + m)) return x * Math.log(x / m) - difference;
  const v = difference / (x + m);
  const v2 = v * v;
  let sum = difference * v;
  let power = 2 * x * v;
  for (let k = 3; k < 1000; k += 2) {
    power *= v2;
    const next = sum + power / k;
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/** x^a e^-x / Γ(a + 1), without overflow. */
function gammaPrefactor(a: number, x: number): number {
  return Math.exp(-stirlingError(a) - devianceTerm(a, x, a - x)) / Math.sqrt(2 * Math.PI * a);
}

/** P(a, x) by its power series (Abramowitz and Stegun 6.5.29); converges fast for x < a + 1. */
function lowerSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; n < 1_000_000; n++) {
    term *= x / (a + n);
    sum += term;
    if (term < sum * 1e-17) break;
  }
  return sum * gammaPrefactor(a, x);
}

/** Q(a, x) by its continued fraction (6.5.31) in Lentz's form; for x >= a + 1. */
function upperFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 1_000_000; i++) {
    const an = -i * (i - a);
    b += 2;
    d = an * d + b;
    if (Math.abs(d) < tiny) d = tiny;
    c = b + an / c;
    if (Math.abs(c) < tiny) c = tiny;
    d = 1 / d;
    const delta = d * c;
    h *= delta;
    if (Math.abs(delta - 1) < 1e-16) break;
  }
  return h * a * gammaPrefactor(a, x);
}

/**
 * Regularised upper incomplete gamma function Q(a, x) = Γ(a, x) / Γ(a), for a > 0 and x >= 0. The tail itself
 * is computed, so it keeps its relative accuracy down to the smallest doubles. Cost O(√a).
 */
export function gammaQ(a: number, x: number): number {
  if (Number.isNaN(a) || Number.isNaN(x)) return Number.NaN;
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  if (x < a + 1) return Math.max(0, 1 - lowerSeries(a, x));
  return upperFraction(a, x);
}
