/** Mean, sum of squared deviations and range of every component of vectors of one length. */
export type VectorMoments = {
  readonly n: number;
  readonly mean: Float64Array;
  readonly m2: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
};

/** What rounding makes of means and spreads that are equal or nothing is no larger than this share of the means' size. */
export const ROUNDING = 1e-14;

export function noVectorMoments(dimension: number): VectorMoments {
  return {
    n: 0,
    mean: new Float64Array(dimension),
    m2: new Float64Array(dimension),
    min: new Float64Array(dimension).fill(Number.POSITIVE_INFINITY),
    max: new Float64Array(dimension).fill(Number.NEGATIVE_INFINITY),
  };
}

/** Of the first `n` vectors, all of whose components are finite, in two passes. Cost O(n dimension). */
export function vectorMomentsOf(values: Float64Array, n: number, dimension: number): VectorMoments {
  const moments = noVectorMoments(dimension);
  if (n === 0) return moments;
  const { mean, m2, min, max } = moments;
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = 0; j < dimension; j++, at++) {
      const value = values[at]!;
      mean[j]! += value;
      if (value < min[j]!) min[j] = value;
      if (value > max[j]!) max[j] = value;
    }
  }
  for (let j = 0; j < dimension; j++) mean[j]! /= n;
  // What rounding left of the sum of deviations corrects the squares (Chan, Golub and LeVeque 1983).
  const rest = new Float64Array(dimension);
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = 0; j < dimension; j++, at++) {
      const d = values[at]! - mean[j]!;
      rest[j]! += d;
      m2[j]! += d * d;
    }
  }
  for (let j = 0; j < dimension; j++) {
    const shift = rest[j]! / n;
    mean[j]! += shift;
    m2[j] = Math.max(0, m2[j]! - n * shift * shift);
  }
  return { ...moments, n };
}

/** Moments of the union of two disjoint parts, by the formulas of Chan, Golub and LeVeque (1979). Cost O(dimension). */
export function combineVectorMoments(a: VectorMoments, b: VectorMoments): VectorMoments {
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  const n = a.n + b.n;
  const difference = b.mean.map((value, j) => value - a.mean[j]!);
  return {
    n,
    mean: a.mean.map((value, j) => value + (difference[j]! * b.n) / n),
    m2: a.m2.map((value, j) => value + b.m2[j]! + (difference[j]! * difference[j]! * a.n * b.n) / n),
    min: a.min.map((value, j) => Math.min(value, b.min[j]!)),
    max: a.max.map((value, j) => Math.max(value, b.max[j]!)),
  };
}

/**
 * The root of the sum of the components' population variances: the root mean square distance from the centroid. 0 where
 * it is but rounding.
 */
export function spreadAbout({ n, mean, m2 }: VectorMoments): number {
  const spread = Math.sqrt(m2.reduce((sum, value) => sum + value, 0) / n);
  return spread <= ROUNDING * Math.hypot(...mean) ? 0 : spread;
}
