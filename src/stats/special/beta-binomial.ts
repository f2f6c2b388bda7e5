import { logBinomialDensity } from './binomial.ts';

/** Successes of `m` draws whose chance is itself drawn from a beta law of `a` and `b`, both at least 1. */
export type BetaBinomial = { readonly m: number; readonly a: number; readonly b: number };

/** A term that adds less than this to its sum ends it. */
const NEGLIGIBLE = 1e-18;

/**
 * C(m, k) B(k + a, m - k + b) / B(a, b) for whole 0 <= k <= m, as a ratio of binomial densities at one chance, of which
 * no term cancels (Loader 2000): about 12 digits.
 */
export function betaBinomialDensity(k: number, { m, a, b }: BetaBinomial): number {
  const [before, after] = [a - 1, b - 1];
  const all = m + before + after;
  const odds = { p: (k + before) / all, q: (m - k + after) / all };
  const log =
    logBinomialDensity(k, m, odds) +
    logBinomialDensity(before, before + after, odds) -
    logBinomialDensity(k + before, all, odds);
  return (Math.exp(log) * (before + after + 1)) / (all + 1);
}

/** The density of k + 1 over that of k. */
const step = (k: number, { m, a, b }: BetaBinomial): number => ((m - k) * (k + a)) / ((k + 1) * (m - k - 1 + b));

/** Chance of at least `k`. The smaller of the two tails is added up, so that far ones keep their digits. Cost O(terms that count). */
export function betaBinomialTail(k: number, law: BetaBinomial): number {
  const { m, a, b } = law;
  if (k <= 0) return 1;
  if (k > m) return 0;
  const upper = k > (m * a) / (a + b);
  let at = upper ? k : k - 1;
  let term = betaBinomialDensity(at, law);
  let sum = term;
  while (term > NEGLIGIBLE * sum && (upper ? at < m : at > 0)) {
    term = upper ? term * step(at, law) : term / step(at - 1, law);
    at += upper ? 1 : -1;
    sum += term;
  }
  return upper ? Math.min(1, sum) : Math.max(0, 1 - sum);
}

/** The least k that is exceeded with a chance of at most `tail`. */
export function betaBinomialPoint(tail: number, law: BetaBinomial): number {
  const { m, a, b } = law;
  const mean = a / (a + b);
  const deviation = Math.sqrt((m * mean * (1 - mean) * (a + b + m)) / (a + b + 1));
  let k = Math.min(m, Math.round(m * mean + 1.6 * deviation));
  let above = betaBinomialTail(k + 1, law);
  let density = betaBinomialDensity(k, law);
  while (above > tail && k < m) {
    density *= step(k, law);
    above -= density;
    k++;
  }
  while (k > 0 && above + density <= tail) {
    above += density;
    k--;
    density /= step(k, law);
  }
  return k;
}
