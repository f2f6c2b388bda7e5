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

/** Rows that are added up by themselves: one long sum would lose the digits that the covariance's inverse magnifies. */
const BLOCK = 512;

/** Mean and covariance (over n) of cos and sin at each point, in two passes. */
function characteristic(values: Float64Array, { origin, scale }: { origin: number; scale: number }): Characteristic {
  const term = (v: number, k: number): number => {
    const angle = (POINTS[k % POINTS.length]! / scale) * (v - origin);
    return k < POINTS.length ? Math.cos(angle) : Math.sin(angle);
  };
  const mean = meanInBlocks(values, TERMS, (v, into) => {
    for (let k = 0; k < TERMS; k++) into[k]! += term(v, k);
  });
  const g = new Float64Array(TERMS);
  const covariance = meanInBlocks(values, TERMS * TERMS, (v, into) => {
    for (let k = 0; k < TERMS; k++) g[k] = term(v, k) - mean[k]!;
    for (let k = 0; k < TERMS; k++) for (let l = 0; l <= k; l++) into[k * TERMS + l]! += g[k]! * g[l]!;
  });
  for (let k = 0; k < TERMS; k++) for (let l = 0; l < k; l++) covariance[l * TERMS + k] = covariance[k * TERMS + l]!;
  return { mean, covariance };
}

/** The mean over the values of what `add` adds to `width` sums. */
function meanInBlocks(values: Float64Array, width: number, add: (value: number, into: Float64Array) => void): number[] {
  const total = Array.from({ length: width }, () => 0);
  const block = new Float64Array(width);
  for (let from = 0; from < values.length; from += BLOCK) {
    block.fill(0);
    const end = Math.min(from + BLOCK, values.length);
    for (let i = from; i < end; i++) add(values[i]!, block);
    for (let k = 0; k < width; k++) total[k]! += block[k]!;
  }
  return total.map((sum) => sum / values.length);
}
