import { shuffleFront } from '../sampling/shuffle.ts';
import type { Uniform } from '../sampling/xoshiro128.ts';

/** What is compared: any number of two samples that must not depend on their order. */
export type TwoSampleStatistic = (x: Float64Array, y: Float64Array) => number;

export type PermutationTest = {
  readonly statistic: number;
  readonly p: number;
  readonly permutations: number;
  /** Mean and 95 % point of the statistic over the permutations. */
  readonly nullMean: number;
  readonly null95: number;
};

export type PermutationOptions = { readonly permutations: number; readonly random: Uniform };

/**
 * The permutation test of any statistic that is large where samples differ: the pooled rows are dealt anew to sides of the
 * same sizes, and p = (1 + hits) / (1 + B), hits being the deals whose statistic is at least the observed one
 * (Phipson and Smyth 2010: the observed deal is one of them, so p is never 0 and the test keeps its level). Exact on
 * tied and discrete data too. Give |difference| for a two-sided test. Cost O(B (n + m + statistic)).
 */
export function permutationTest(
  samples: { readonly x: Float64Array; readonly y: Float64Array },
  of: TwoSampleStatistic,
  options: PermutationOptions,
): PermutationTest {
  const { x, y } = samples;
  const { permutations, random } = options;
  const statistic = of(x, y);
  const pooled = new Float64Array(x.length + y.length);
  pooled.set(x);
  pooled.set(y, x.length);
  const values = new Float64Array(permutations);
  let hits = 0;
  for (let b = 0; b < permutations; b++) {
    shuffleFront(pooled, x.length, random);
    const value = of(pooled.subarray(0, x.length), pooled.subarray(x.length));
    values[b] = value;
    // A deal that is the observed one again may differ by the order of summation.
    if (value >= statistic - 1e-12 * Math.abs(statistic)) hits++;
  }
  values.sort();
  return {
    statistic,
    p: (1 + hits) / (1 + permutations),
    permutations,
    nullMean: values.reduce((sum, v) => sum + v, 0) / permutations,
    null95: values[Math.ceil(0.95 * permutations) - 1] ?? Number.NaN,
  };
}
