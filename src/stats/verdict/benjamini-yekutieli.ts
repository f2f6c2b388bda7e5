import { benjaminiHochberg } from './benjamini-hochberg.ts';

/**
 * Benjamini and Yekutieli's (2001) adjusted p-values: Benjamini and Hochberg's times 1 + 1/2 + … + 1/K, at most 1. Keeps
 * the false discovery rate whatever the dependence between the tests, at the price of power. Same order as given.
 * Cost O(K log K).
 */
export function benjaminiYekutieli(p: readonly number[]): number[] {
  const factor = harmonic(p.length);
  return benjaminiHochberg(p).map((q) => Math.min(1, q * factor));
}

/** 1 + 1/2 + … + 1/n. */
export function harmonic(n: number): number {
  let sum = 0;
  for (let i = 1; i <= n; i++) sum += 1 / i;
  return sum;
}
