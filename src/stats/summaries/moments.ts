import type { Moments } from '../profile.ts';

/**
 * Count, mean and sums of powers of deviations from the mean, which is `mean + low`: far from zero a double alone
 * is too coarse a mean to measure small spreads from.
 */
export type MomentSums = {
  readonly n: number;
  readonly mean: number;
  readonly low: number;
  readonly m2: number;
  readonly m3: number;
  readonly m4: number;
};

export const NO_MOMENTS: MomentSums = { n: 0, mean: 0, low: 0, m2: 0, m3: 0, m4: 0 };

/** Moments of the first `n` finite values, in two passes over a chunk that stays in cache. Cost O(n). */
export function momentsOf(values: Float64Array, n: number): MomentSums {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i]!;
  return momentsAbout(values, n, sum);
}

/** The same where their sum is known, in that order. Cost O(n). */
export function momentsAbout(values: Float64Array, n: number, sum: number): MomentSums {
  if (n === 0) return NO_MOMENTS;
  const mean = sum / n;
  let s1 = 0;
  let m2 = 0;
  let m3 = 0;
  let m4 = 0;
  for (let i = 0; i < n; i++) {
    const d = values[i]! - mean;
    const d2 = d * d;
    s1 += d;
    m2 += d2;
    m3 += d2 * d;
    m4 += d2 * d2;
  }
  return momentsFrom(mean, n, { s1, m2, m3, m4 });
}

/** The moments of `n` values, of which these are the sums of powers of deviations from about their mean. */
export function momentsFrom(
  mean: number,
  n: number,
  { s1, m2, m3, m4 }: { readonly s1: number } & Pick<MomentSums, 'm2' | 'm3' | 'm4'>,
): MomentSums {
  return recentred({ n, mean, low: 0, m2, m3, m4 }, s1 / n);
}

/** The sum of two numbers and what its rounding lost (Knuth). */
function twoSum(a: number, b: number): { mean: number; low: number } {
  const mean = a + b;
  const part = mean - a;
  return { mean, low: a - (mean - part) + (b - part) };
}

/** Moves sums about a slightly wrong mean to the mean that lies `shift` further: the rounding of `sum` undone. */
function recentred(sums: MomentSums, shift: number): MomentSums {
  const { n, mean, m2, m3, m4 } = sums;
  const s2 = shift * shift;
  return {
    n,
    ...twoSum(mean, shift),
    m2: Math.max(0, m2 - n * s2),
    m3: m3 - 3 * shift * m2 + 2 * n * s2 * shift,
    m4: m4 - 4 * shift * m3 + 6 * s2 * m2 - 3 * n * s2 * s2,
  };
}

/**
 * Moments of the union of two disjoint parts, by the pairwise formulas of Chan, Golub and LeVeque (1979) and
 * Pébay (2008). They use the difference of the means, which stays exact for data far from zero, where weighting
 * the means themselves would lose digits. Cost O(1).
 */
export function combineMoments(a: MomentSums, b: MomentSums): MomentSums {
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  const n = a.n + b.n;
  const d = b.mean - a.mean + (b.low - a.low);
  const dn = d / n;
  const d2 = d * dn;
  const ab = a.n * b.n;
  return {
    n,
    ...twoSum(a.mean, a.low + b.n * dn),
    m2: a.m2 + b.m2 + d2 * ab,
    m3: a.m3 + b.m3 + d2 * dn * ab * (a.n - b.n) + 3 * dn * (a.n * b.m2 - b.n * a.m2),
    m4:
      a.m4 +
      b.m4 +
      d2 * dn * dn * ab * (a.n * a.n - ab + b.n * b.n) +
      6 * dn * dn * (a.n * a.n * b.m2 + b.n * b.n * a.m2) +
      4 * dn * (a.n * b.m3 - b.n * a.m3),
  };
}

function finiteOrNull(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}

/** The part of a deviation beside which what a mean lacks is nothing: merged sums of powers would lose some such parts. */
const LEAST_LOW = 1e-12;

/** The moments as they are stored; null for a column without finite values. */
export function describeMoments(sums: MomentSums): Moments | null {
  const { n, mean, low, m2, m3, m4 } = sums;
  if (n === 0) return null;
  const variance = n > 1 ? m2 / (n - 1) : Number.NaN;
  // Rounding leaves a constant column a spread of a few units in the last place of its mean: no shape to speak of.
  const spread = m2 / n > (Math.abs(mean) * 1e-15) ** 2;
  const far = m2 > 0 && Math.abs(low) > LEAST_LOW * Math.sqrt(m2 / n);
  return {
    method: far ? 'central-moments@2' : 'central-moments@1',
    n,
    mean: finiteOrNull(mean),
    ...(far && { low }),
    m2: finiteOrNull(m2),
    m3: finiteOrNull(m3),
    m4: finiteOrNull(m4),
    variance: finiteOrNull(variance),
    std: finiteOrNull(Math.sqrt(variance)),
    populationStd: finiteOrNull(Math.sqrt(m2 / n)),
    skewness: spread ? finiteOrNull((Math.sqrt(n) * m3) / m2 ** 1.5) : null,
    kurtosis: spread ? finiteOrNull((n * m4) / (m2 * m2) - 3) : null,
  };
}

/** The sums back from their stored form; what was beyond a double stays so. */
export function momentSumsOf(moments: Moments | null): MomentSums {
  if (moments === null) return NO_MOMENTS;
  const { n, mean, low = 0, m2, m3, m4 } = moments;
  return {
    n,
    mean: mean ?? Number.NaN,
    low,
    m2: m2 ?? Number.NaN,
    m3: m3 ?? Number.NaN,
    m4: m4 ?? Number.NaN,
  };
}
