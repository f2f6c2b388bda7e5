import { type ChiSquareMixture, mixtureTail } from './chi-square-mixture.ts';

/** κ_j = j (j + 1): with u = (v² - 1) / 4 the determinant is -cos(πv / 2) / (πu), with zeros at odd v = 2j + 1. */
const WEIGHTED_BRIDGE: ChiSquareMixture = {
  zero: (j) => j * (j + 1),
  determinant: ({ u, j, above, below }) => {
    const v = Math.sqrt(1 + 4 * u);
    const distance = above < below ? (4 * above) / (v + 2 * j + 1) : (4 * below) / (v + 2 * j + 3);
    return Math.sin((Math.PI / 2) * distance) / (Math.PI * u);
  },
};

/** Standard deviation of the limit law, whose mean is 1: √(2 Σ 1 / (j (j + 1))²). */
export const ANDERSON_DARLING_DEVIATION = Math.sqrt((2 * (Math.PI ** 2 - 9)) / 3);

/**
 * P(A² > x) for the limit law of the Anderson-Darling statistic of two samples (and of one with a known law),
 * Σ χ²₁ / (j (j + 1)), with its relative accuracy down to 1e-300. Below 0.03 the cdf is less than 1e-14.
 */
export function andersonDarlingTail(x: number): number {
  return x < 0.03 ? 1 : mixtureTail(WEIGHTED_BRIDGE, x);
}
