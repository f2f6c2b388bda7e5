import { durbinCdf } from './durbin.ts';
import { pelzGoodCdf } from './pelz-good.ts';
import { smirnovTail } from './smirnov.ts';

/** 1 - (n! / nⁿ) (2 t - 1)ⁿ, exact for t = n d <= 1; below 1/2 none is smaller (Ruben and Gambino 1982). */
function smallestTail(n: number, t: number): number {
  if (t <= 0.5) return 1;
  let cdf = 1;
  for (let i = 1; i <= n; i++) cdf *= (i / n) * (2 * t - 1);
  return 1 - cdf;
}

/**
 * P(D >= d) for the two-sided one-sample Kolmogorov-Smirnov statistic of `n` rows, n a positive integer: the
 * distribution for finite n, not its limit. Which formula serves where follows Simard and L'Ecuyer, "Computing
 * the two-sided Kolmogorov-Smirnov distribution" (2011), with SciPy's cut-offs for n > 140; up to there the
 * Durbin matrix serves the whole middle. Cost O(n) at most, below 0.2 s.
 */
export function kolmogorovTail(n: number, d: number): number {
  if (d >= 1) return 0;
  const t = n * d;
  if (t <= 1) return smallestTail(n, t);
  if (t >= n - 1) return Math.min(1, 2 * (1 - d) ** n);
  if (d >= 0.5) return Math.min(1, 2 * smirnovTail(n, d));
  const z2 = t * d;
  if (n <= 140) return z2 <= 4 ? 1 - durbinCdf(n, d) : Math.min(1, 2 * smirnovTail(n, d));
  if (z2 >= 370) return 0;
  if (z2 >= 2.2) return Math.min(1, 2 * smirnovTail(n, d));
  if (n <= 100_000 && n * d ** 1.5 <= 1.4) return 1 - durbinCdf(n, d);
  return 1 - pelzGoodCdf(n, d);
}
