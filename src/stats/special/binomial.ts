import { devianceTerm, stirlingError } from './gamma.ts';

/** Shares of success and failure; both are given, since 1 - p may have lost the digits of a small q. */
export type Odds = { readonly p: number; readonly q: number };

/**
 * ln of the binomial density Γ(n+1) / (Γ(x+1) Γ(n-x+1)) p^x q^(n-x), for real 0 <= x <= n, by Loader's saddle-point
 * expansion (2000): no term of it cancels, so that the density keeps about 14 digits, and its logarithm stays
 * finite where the density itself is below the smallest double.
 */
export function logBinomialDensity(x: number, n: number, { p, q }: Odds): number {
  const rest = n - x;
  if (n === 0) return 0;
  if (x === 0) return logPower(n, p, q);
  if (rest === 0) return logPower(n, q, p);
  const exponent =
    stirlingError(n) -
    stirlingError(x) -
    stirlingError(rest) -
    devianceTerm(x, n * p, p < q ? x - n * p : n * q - rest) -
    devianceTerm(rest, n * q, q <= p ? rest - n * q : n * p - x);
  return exponent + 0.5 * Math.log(n / (2 * Math.PI * x * rest));
}

/** n ln(1 - small), whichever of the two shares is the small one. */
function logPower(n: number, share: number, other: number): number {
  return share < 0.1 ? n * Math.log1p(-share) : n * Math.log(other);
}
