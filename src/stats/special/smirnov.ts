import { devianceTerm, stirlingError } from './gamma.ts';

/** Above this size Smirnov's sum costs more than its own correction term errs; SciPy switches there too. */
const LARGEST_SUM = 1_000_000;

/**
 * P(D+ >= d) for the one-sided Kolmogorov-Smirnov statistic of `n` rows: Smirnov's sum (1944)
 * d Σ_j C(n, j) (d + j/n)^(j-1) (1 - d - j/n)^(n-j) over j = 0 … ⌊n (1 - d)⌋, each binomial term by Loader's
 * saddle-point expansion, so that nothing cancels. Above a million rows Maag's closed form
 * exp(-(6 n d + 1)² / (18 n)). Cost O(n).
 */
export function smirnovTail(n: number, d: number): number {
  if (d <= 0) return 1;
  if (d >= 1) return 0;
  if (n > LARGEST_SUM) return Math.exp(-((6 * n * d + 1) ** 2) / (18 * n));
  const t = n * d;
  const last = Math.min(Math.floor(n - t), n - 1);
  const errorOfN = stirlingError(n);
  let sum = 0;
  for (let j = 1; j <= last; j++) {
    const rest = n - j;
    const below = rest - t;
    if (below <= 0) break;
    const exponent =
      errorOfN - stirlingError(j) - stirlingError(rest) - devianceTerm(j, j + t, -t) - devianceTerm(rest, below, t);
    sum += (Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * j * rest)) * n) / (j + t);
  }
  return Math.min(1, Math.exp(n * Math.log1p(-d)) + d * sum);
}
