import { type ChiSquareMixture, mixtureTail } from './chi-square-mixture.ts';

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
 * the distinct values, Σ h = 1. Its determinant is the last member of the recurrence
 * y_k = y_(k-1) + h_k s_k, s_(k+1) = s_k - u h_k y_k (y_0 = 0, s_1 = 1), its zeros are found by counting sign changes.
 * Cost O(K) a determinant, some 1,000 of them.
 */
export function tiedCramerVonMisesTail(masses: Float64Array, x: number): number {
  if (x <= 0 || masses.length < 2) return 1;
  const zeros: number[] = [];
  return mixtureTail(
    {
      zero: (j) => {
        if (j >= masses.length) return undefined;
        zeros[j] ??= zeroOf(masses, j, zeros[j - 1] ?? 0);
        return zeros[j];
      },
      determinant: ({ u }) => Math.abs(shoot(masses, u).last),
    },
    x,
  );
}

function shoot(masses: Float64Array, u: number): { last: number; changes: number } {
  let y = 0;
  let slope = 1;
  let changes = 0;
  for (let k = 0; k < masses.length; k++) {
    const h = masses[k]!;
    const next = y + h * slope;
    if (k > 0 && next < 0 !== y < 0) changes++;
    y = next;
    slope -= u * h * y;
  }
  return { last: y, changes };
}

/** The j-th zero lies where the j-th sign change appears; above `below`, the one before it. */
function zeroOf(masses: Float64Array, j: number, below: number): number {
  let low = below;
  let high = Math.max(2 * below, (j * Math.PI) ** 2);
  while (shoot(masses, high).changes < j) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-16 * high; i++) {
    const mid = (low + high) / 2;
    if (mid <= low || mid >= high) break;
    if (shoot(masses, mid).changes < j) low = mid;
    else high = mid;
  }
  return (low + high) / 2;
}
