import {
  CRAMER_VON_MISES_MEAN,
  CRAMER_VON_MISES_VARIANCE,
  cramerVonMisesTail,
  tiedCramerVonMisesTail,
} from '../special/cramer-von-mises.ts';
import { type PooledValues, pooledValues } from '../summaries/pooled-values.ts';
import { exactCramerVonMises } from './cramer-von-mises-exact.ts';
import { tiedMasses } from './tied-masses.ts';

export type CramerVonMises = {
  readonly statistic: number;
  readonly p: number;
  /** The statistic's mean over all ways of dealing the pooled rows to the two sides. */
  readonly mean: number;
  readonly mode: 'exact' | 'asymptotic' | 'asymptotic-tied';
};

/** Up to this size on both sides the p-value is counted exactly (SciPy's rule). */
const LARGEST_EXACT = 20;
/** Ties that shift the law by less than this share of its mean are not looked at. */
const TIES_THAT_MATTER = 1e-6;

/**
 * The two-sample Cramér-von Mises test of Anderson (1962) on two sorted samples without NaN:
 * T = n m / N · ∫ (F - G)² dH, H the pooled distribution function. Without ties it is SciPy's
 * `cramervonmises_2samp` to the last digits. With ties it stays that integral (SciPy's midrank formula does not,
 * see `midrankCramerVonMises`), and its law is that of a Brownian bridge looked at where the tied values end, so
 * that the test keeps its level on zero-inflated and rounded columns. Up to 20 rows a side all ways of dealing the
 * pooled rows are counted. Null when a side has fewer than 2 rows. Cost O(n + m).
 */
export function cramerVonMises(x: Float64Array, y: Float64Array): CramerVonMises | null {
  if (x.length < 2 || y.length < 2) return null;
  const pooled = pooledValues(x, y);
  const { n, m } = pooled;
  const { statistic, mean, ties } = integral(pooled);
  if (Math.max(n, m) <= LARGEST_EXACT) {
    return { statistic, mean, p: exactCramerVonMises(pooled), mode: 'exact' };
  }
  if (ties * CRAMER_VON_MISES_MEAN > TIES_THAT_MATTER) {
    // The covariance of F - G under random dealing is the bridge's times N / (N - 1).
    const p = tiedCramerVonMisesTail(tiedMasses(x, y), (statistic * (n + m - 1)) / (n + m));
    return { statistic, mean, p, mode: 'asymptotic-tied' };
  }
  return { statistic, mean, p: untiedTail(statistic, n, m), mode: 'asymptotic' };
}

type Integral = { readonly statistic: number; readonly mean: number; readonly ties: number };

/** The statistic, its mean Σ t_k T_k (N - T_k) / (N² (N - 1)), and Σ (t³ - t) / N³ over the tied values. */
function integral({ x, y, n, m }: PooledValues): Integral {
  const size = n + m;
  let i = 0;
  let j = 0;
  let sum = 0;
  let mean = 0;
  let ties = 0;
  for (let k = 0; k < x.length; k++) {
    i += x[k]!;
    j += y[k]!;
    const rows = x[k]! + y[k]!;
    const difference = i / n - j / m;
    sum += rows * difference * difference;
    mean += (rows / size) * ((i + j) / size) * ((size - i - j) / (size - 1));
    ties += (rows * rows * rows - rows) / size ** 3;
  }
  return { statistic: ((n * m) / size / size) * sum, mean, ties };
}

/** Anderson's mean and variance of the untied statistic bring it to the limit law's, as SciPy does. */
function untiedTail(statistic: number, n: number, m: number): number {
  const size = n + m;
  const k = n * m;
  const mean = (1 + 1 / size) / 6;
  const variance = ((size + 1) * (4 * k * size - 3 * (n * n + m * m) - 2 * k)) / (45 * size * size * 4 * k);
  return cramerVonMisesTail(
    CRAMER_VON_MISES_MEAN + (statistic - mean) * Math.sqrt(CRAMER_VON_MISES_VARIANCE / variance),
  );
}

/**
 * SciPy's statistic (1.17.1), for comparison with it: U / (n m N) - (4 n m - 1) / (6 N) from midranks, which with
 * ties is not the integral (a column with many equal values reads hundreds), and SciPy's p-value by the untied law.
 * Its exact p for at most 20 rows a side is for whole U only. Cost O(n + m).
 */
export function midrankCramerVonMises(x: Float64Array, y: Float64Array): { statistic: number; p: number } | null {
  if (x.length < 2 || y.length < 2) return null;
  const pooled = pooledValues(x, y);
  const { n, m } = pooled;
  let i = 0;
  let j = 0;
  let u = 0;
  for (let k = 0; k < pooled.values.length; k++) {
    const [a, b] = [pooled.x[k]!, pooled.y[k]!];
    const rank = i + j + (a + b + 1) / 2;
    u += n * squaresFrom(rank - i, a) + m * squaresFrom(rank - j, b);
    i += a;
    j += b;
  }
  const size = n + m;
  const statistic = u / (n * m * size) - (4 * n * m - 1) / (6 * size);
  return { statistic, p: untiedTail(statistic, n, m) };
}

/** Σ (from - l)² for l = 1 … count. */
function squaresFrom(from: number, count: number): number {
  const sum = (count * (count + 1)) / 2;
  return count * from * from - 2 * from * sum + (sum * (2 * count + 1)) / 3;
}
