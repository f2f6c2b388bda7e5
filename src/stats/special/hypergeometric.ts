import { logBinomialDensity } from './binomial.ts';

/** `drawn` rows of `total`, of which `marked` are marked: how many of the drawn ones are? */
export type Urn = { readonly total: number; readonly marked: number; readonly drawn: number };

export function smallestDraw({ total, marked, drawn }: Urn): number {
  return Math.max(0, drawn + marked - total);
}

export function largestDraw({ marked, drawn }: Urn): number {
  return Math.min(marked, drawn);
}

/** The most probable number of marked rows. */
export function modeOfDraw({ total, marked, drawn }: Urn): number {
  return Math.floor(((drawn + 1) * (marked + 1)) / (total + 2));
}

/** ln P(X = k), as the quotient of three binomial densities that share their odds (Loader 2000). Cost O(1). */
export function logHypergeometric(k: number, urn: Urn): number {
  const { total, marked, drawn } = urn;
  if (k < smallestDraw(urn) || k > largestDraw(urn)) return Number.NEGATIVE_INFINITY;
  const odds = { p: drawn / total, q: (total - drawn) / total };
  return (
    logBinomialDensity(k, marked, odds) +
    logBinomialDensity(drawn - k, total - marked, odds) -
    logBinomialDensity(drawn, total, odds)
  );
}

/** P(X = k + 1) / P(X = k). */
export function stepRatio(k: number, { total, marked, drawn }: Urn): number {
  return ((marked - k) / (k + 1)) * ((drawn - k) / (total - marked - drawn + k + 1));
}

/** P(X <= k): the terms downwards from k, which only shrink where k lies below the mode. Cost O(standard deviation). */
export function hypergeometricLower(k: number, urn: Urn): number {
  if (k >= largestDraw(urn)) return 1;
  if (k > modeOfDraw(urn)) return 1 - hypergeometricUpper(k + 1, urn);
  let term = Math.exp(logHypergeometric(k, urn));
  let sum = 0;
  // Of fewer than can be drawn it is 0.
  for (let i = k; term > sum * 1e-18; i--) {
    sum += term;
    term /= stepRatio(i - 1, urn);
  }
  return Math.min(1, sum);
}

/** P(X >= k), likewise upwards. */
export function hypergeometricUpper(k: number, urn: Urn): number {
  if (k <= modeOfDraw(urn)) return 1 - hypergeometricLower(k - 1, urn);
  let term = Math.exp(logHypergeometric(k, urn));
  let sum = 0;
  for (let i = k; term > sum * 1e-18; i++) {
    sum += term;
    term *= stepRatio(i, urn);
  }
  return Math.min(1, sum);
}
