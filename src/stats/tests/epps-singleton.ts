import { chiSquareTail } from '../special/chi-square.ts';
import { orderStatistic, quantileOfPooled } from '../summaries/pooled-quantile.ts';
import { symmetricEigen } from '../summaries/symmetric-eigen.ts';

export type EppsSingleton = { readonly statistic: number; readonly df: number; readonly p: number };

/** Points, in units of half the pooled interquartile range, at which the characteristic functions are compared. */
const POINTS = [0.4, 0.8];
const TERMS = 2 * POINTS.length;

/** Eigenvalues of the covariance below this share of its scale (cosines are at most 1) are the noise of rounding. */
const NOISE = 1e-12;

/**
 * Epps and Singleton's (1986) test on two sorted samples of finite values: the empirical characteristic functions at
 * t = 0.4 and 0.8 over half the pooled interquartile range, in the metric of their covariance; chi-square with as
 * many degrees of freedom as that has rank. As SciPy's `epps_singleton_2samp`, with its correction below 25 rows,
 * where the rank is full (4); where few distinct values make it less, SciPy inverts rounding noise, and this
 * leaves it out. Measured from a middle value, which changes nothing but keeps the angles' digits far from zero.
 * Also fit for discrete data, and for spread and shape. Null below 5 rows a side, when the pooled quartiles coincide (no
 * scale), or when neither side varies. Cost O(n + m).
 */
export function eppsSingleton(x: Float64Array, y: Float64Array): EppsSingleton | null {
  const [n, m] = [x.length, y.length];
  if (n < 5 || m < 5) return null;
  const origin = orderStatistic(x, y, (n + m) >> 1);
  const quartile = (probability: number): number => quantileOfPooled(x, y, { probability, origin });
  const scale = (quartile(0.75) - quartile(0.25)) / 2;
  if (!(scale > 0) || !Number.isFinite(scale)) return null;
  const [gx, gy] = [characteristic(x, { origin, scale }), characteristic(y, { origin, scale })];
  const size = n + m;
  const covariance = gx.covariance.map((c, i) => (size / n) * c + (size / m) * gy.covariance[i]!);
  const { values, vectors } = symmetricEigen(covariance, TERMS);
  const least = NOISE * (size / n + size / m);
  let w = 0;
  let df = 0;
  for (const [k, value] of values.entries()) {
    if (value <= least) continue;
    let along = 0;
    for (let i = 0; i < TERMS; i++) along += vectors[i * TERMS + k]! * (gx.mean[i]! - gy.mean[i]!);
    w += (along * along) / value;
    df++;
  }
  if (df === 0) return null;
  const statistic = size * w * (Math.max(n, m) < 25 ? smallSampleFactor(n, m) : 1);
  return { statistic, df, p: chiSquareTail(statistic, df) };
}

function smallSampleFactor(n: number, m: number): number {
  return 1 / (1 + (n + m) ** -0.45 + 10.1 * (n ** -1.7 + m ** -1.7));
}

type Characteristic = { readonly mean: number[]; readonly covariance: number[] };

/** Mean and covariance (over n) of cos and sin at each point, in two passes. */
function characteristic(values: Float64Array, { origin, scale }: { origin: number; scale: number }): Characteristic {
  const term = (v: number, k: number): number => {
    const angle = (POINTS[k % POINTS.length]! / scale) * (v - origin);
    return k < POINTS.length ? Math.cos(angle) : Math.sin(angle);
  };
  const n = values.length;
  const mean = Array.from({ length: TERMS }, () => 0);
  for (let i = 0; i < n; i++) for (let k = 0; k < TERMS; k++) mean[k]! += term(values[i]!, k);
  for (let k = 0; k < TERMS; k++) mean[k]! /= n;
  const covariance = Array.from({ length: TERMS * TERMS }, () => 0);
  const g = new Float64Array(TERMS);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < TERMS; k++) g[k] = term(values[i]!, k) - mean[k]!;
    for (let k = 0; k < TERMS; k++) for (let l = 0; l <= k; l++) covariance[k * TERMS + l]! += g[k]! * g[l]!;
  }
  for (let k = 0; k < TERMS; k++) {
    for (let l = 0; l <= k; l++) {
      covariance[k * TERMS + l]! /= n;
      covariance[l * TERMS + k] = covariance[k * TERMS + l]!;
    }
  }
  return { mean, covariance };
}
