import { chiSquareUpperPoint } from './chi-square.ts';
import { gammaQ } from './gamma.ts';

/** P(|Z| > |z|) for a standard normal variable: the chi-square tail with one degree of freedom. */
export function normalTwoSidedTail(z: number): number {
  return gammaQ(0.5, (z * z) / 2);
}

/** P(Z > z). The tail itself is computed: 6.2e-16 at 8, and its relative digits stay down to 1e-300 at 37. */
export function normalTail(z: number): number {
  const tail = normalTwoSidedTail(z) / 2;
  return z >= 0 ? tail : 1 - tail;
}

/** The z with P(|Z| > z) = `tail`. */
export function normalTwoSidedQuantile(tail: number): number {
  return Math.sqrt(chiSquareUpperPoint(tail, 1));
}
