/** A p-value near 1 weighs like minus infinity; beyond this it says no more than that nothing was seen. */
const LARGEST = 0.99;

export type WeightedP = { readonly p: number; readonly weight: number };

/**
 * One p-value of several on the same data, by Liu and Xie's (2020) Cauchy combination: Σ w tan((1/2 - p) π) follows a
 * Cauchy law whose tail hardly depends on how the tests depend on each other. A test that alone sees something costs a
 * factor of 1 / w, tests that see the same thing cost nothing. Weights are taken relative to their sum. 1 for none.
 */
export function cauchyCombination(tests: readonly WeightedP[]): number {
  const total = tests.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return 1;
  let statistic = 0;
  for (const { p, weight } of tests) {
    // The cotangent keeps its digits where p is tiny; below the smallest inverse that a double holds p is that.
    statistic += weight / total / Math.tan(Math.PI * Math.min(LARGEST, Math.max(p, 1e-300)));
  }
  return statistic > 1 ? Math.atan(1 / statistic) / Math.PI : 0.5 - Math.atan(statistic) / Math.PI;
}
