import type { PooledValues } from '../summaries/pooled-values.ts';
import { gammaPoint95 } from './relabelling-law.ts';

/**
 * The energy distance √(2 ∫ (F - G)² dz) of two samples of finite values (Székely 2003; SciPy's `energy_distance`), which
 * is √(2 E|X - Y| - E|X - X'| - E|Y - Y'|) without its double sums: in the square root of the values' unit. Cost
 * O(different values).
 */
export function energyDistance({ values, x, y, n, m }: PooledValues): number {
  let i = 0;
  let j = 0;
  let sum = 0;
  for (let k = 0; k + 1 < values.length; k++) {
    i += x[k]!;
    j += y[k]!;
    const difference = i / n - j / m;
    sum += difference * difference * (values[k + 1]! - values[k]!);
  }
  return Math.sqrt(2 * sum);
}

/**
 * Mean (nearly) and 95 % point under no drift, over all ways of dealing the pooled rows: F - G at z has mean 0 and covariance
 * c (H(s) (1 - H(t))), s <= t, with c = (1/n + 1/m) N / (N - 1). So 2 ∫ (F - G)² has the mean 2 c ∫ H (1 - H) and, as
 * for normal variables, the variance 8 c² ∬ (covariance / c)²; both are one walk over the values. The 95 % point is
 * that of the gamma law with these. Cost O(different values).
 */
export function energyNull({ values, x, y, n, m }: PooledValues): { mean: number; point95: number } {
  const rows = n + m;
  const c = ((1 / n + 1 / m) * rows) / Math.max(1, rows - 1);
  let seen = 0;
  let first = 0;
  let second = 0;
  /** ∫ H² over what lies below. */
  let below = 0;
  for (let k = 0; k + 1 < values.length; k++) {
    seen += x[k]! + y[k]!;
    const h = seen / rows;
    const width = values[k + 1]! - values[k]!;
    first += h * (1 - h) * width;
    second += 2 * (1 - h) ** 2 * width * (below + (h * h * width) / 2);
    below += h * h * width;
  }
  const law = { mean: 2 * c * first, variance: 8 * c * c * second };
  return { mean: Math.sqrt(law.mean), point95: Math.sqrt(gammaPoint95(law)) };
}
