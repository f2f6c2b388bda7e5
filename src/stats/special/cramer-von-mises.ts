import { type ChiSquareMixture, mixtureTail } from './chi-square-mixture.ts';
import { discreteBridgeTail } from './discrete-bridge.ts';

/** λ_j = 1 / (jπ)²: the Brownian bridge, whose determinant is sin √u / √u. */
const BRIDGE: ChiSquareMixture = {
  zero: (j) => (j * Math.PI) ** 2,
  determinant: ({ u, j, above, below }) => {
    const root = Math.sqrt(u);
    // √u - jπ from the exact distance: the sine of √u itself would have lost it.
    const distance = above < below ? above / (root + j * Math.PI) : below / (root + (j + 1) * Math.PI);
    return Math.sin(distance) / root;
  },
};

/** Mean and variance of the limit law of the Cramér-von Mises statistic. */
export const CRAMER_VON_MISES_MEAN = 1 / 6;
export const CRAMER_VON_MISES_VARIANCE = 1 / 45;

/**
 * P(W² > x) for the limit law of the Cramér-von Mises statistic, ∫ of a squared Brownian bridge, with its
 * relative accuracy down to 1e-300. Below 0.004 the cdf is less than 1e-12.
 */
export function cramerVonMisesTail(x: number): number {
  return x < 0.004 ? 1 : mixtureTail(BRIDGE, x);
}

/**
 * The same for a bridge that is only looked at where tied values end: P(Σ h_k B(H_k)² > x) for the masses `h_k` of
 * the distinct values, Σ h = 1.
 */
export function tiedCramerVonMisesTail(masses: Float64Array, x: number): number {
  return discreteBridgeTail({ masses, weights: masses }, x);
}
