import {
  hypergeometricLower,
  hypergeometricUpper,
  largestDraw,
  logHypergeometric,
  modeOfDraw,
  smallestDraw,
  type Urn,
} from '../special/hypergeometric.ts';

export type Alternative = 'two-sided' | 'less' | 'greater';

/** Two tables whose probabilities differ by less than this share are equally probable: their rounding differs. */
const ALIKE = 1e-7;

/**
 * Fisher's exact test on the 2 x 2 table [[a, b], [c, d]] of counts, its margins given. Two-sided: all tables that are
 * no more probable than the observed one, as R's `fisher.test` and SciPy's `fisher_exact` (which takes 1e-14 for
 * equal, so that a mirrored table now and then counts as less probable for its rounding alone). `less` and
 * `greater`: a at most, at least, the observed. p is 1 when a margin is empty, since there is no other table then. Cost
 * O(standard deviation of a).
 */
export function fisherExact(
  table: readonly [readonly [number, number], readonly [number, number]],
  alternative: Alternative = 'two-sided',
): { oddsRatio: number | null; p: number } {
  const [[a, b], [c, d]] = table;
  const urn: Urn = { total: a + b + c + d, marked: a + b, drawn: a + c };
  const oddsRatio = b > 0 && c > 0 ? (a * d) / (b * c) : null;
  if (alternative === 'less') return { oddsRatio, p: hypergeometricLower(a, urn) };
  if (alternative === 'greater') return { oddsRatio, p: hypergeometricUpper(a, urn) };
  return { oddsRatio, p: twoSided(a, urn) };
}

function twoSided(a: number, urn: Urn): number {
  const observed = logHypergeometric(a, urn) + ALIKE;
  const mode = modeOfDraw(urn);
  if (observed >= logHypergeometric(mode, urn)) return 1;
  const own = a < mode ? hypergeometricLower(a, urn) : hypergeometricUpper(a, urn);
  const other = a < mode ? firstAbove(observed, urn, mode) : lastBelow(observed, urn, mode);
  const far = a < mode ? hypergeometricUpper(other, urn) : hypergeometricLower(other, urn);
  return Math.min(1, own + far);
}

/** The smallest k above the mode that is no more probable than `limit`: probabilities fall there. */
function firstAbove(limit: number, urn: Urn, mode: number): number {
  let low = mode;
  let high = largestDraw(urn) + 1;
  while (high - low > 1) {
    const k = (low + high) >> 1;
    if (logHypergeometric(k, urn) <= limit) high = k;
    else low = k;
  }
  return high;
}

function lastBelow(limit: number, urn: Urn, mode: number): number {
  let low = smallestDraw(urn) - 1;
  let high = mode;
  while (high - low > 1) {
    const k = (low + high) >> 1;
    if (logHypergeometric(k, urn) <= limit) low = k;
    else high = k;
  }
  return low;
}
