import { type PooledValues, pooledValues } from '../summaries/pooled-values.ts';

/**
 * The first Wasserstein distance ∫ |F - G| between two sorted, non-empty samples of finite values, exact (as
 * SciPy's `wasserstein_distance`): the distribution functions are constant between neighbouring values of the
 * pooled sample. In the unit of the values. Cost O(n + m).
 */
export function wasserstein(x: Float64Array, y: Float64Array): number {
  return wassersteinOf(pooledValues(x, y));
}

/** The same of samples that were put together before. */
export function wassersteinOf({ values, x, y, n, m }: PooledValues): number {
  let i = 0;
  let j = 0;
  let sum = 0;
  let carry = 0;
  for (let k = 0; k + 1 < values.length; k++) {
    i += x[k]!;
    j += y[k]!;
    // Neumaier's compensation: a million small areas would otherwise lose the last four digits.
    const area = Math.abs(i / n - j / m) * (values[k + 1]! - values[k]!);
    const next = sum + area;
    carry += sum >= area ? sum - next + area : area - next + sum;
    sum = next;
  }
  return sum + carry;
}

/** Mean and 95 % point of W1 / σ under no drift, for sizes n and m: measured on normal data, others lie near. */
export function wassersteinNull(n: number, m: number): { mean: number; point95: number } {
  const scale = Math.sqrt(1 / n + 1 / m);
  return { mean: 1.26 * scale, point95: 2.03 * scale };
}
