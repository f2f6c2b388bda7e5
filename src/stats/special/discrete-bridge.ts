import { mixtureTail } from './chi-square-mixture.ts';

/** A Brownian bridge looked at where the masses end; the last point is its end, whose weight does not matter. */
export type DiscreteBridge = {
  /** Mass of each distinct value, Σ h = 1. */
  readonly masses: Float64Array;
  /** What the square of the bridge behind each of them counts. */
  readonly weights: Float64Array;
};

/**
 * P(Σ w_k B(H_k)² > x) for a Brownian bridge B at the sums H_k of the masses h_k. The determinant of this mixture of
 * chi-squares is the last member of the recurrence y_k = y_(k-1) + h_k s_k, s_(k+1) = s_k - u w_k y_k (y_0 = 0,
 * s_1 = 1); its zeros are found by counting sign changes. Cost O(K) a determinant, some 1,000 of them.
 */
export function discreteBridgeTail(bridge: DiscreteBridge, x: number): number {
  const { masses } = bridge;
  if (masses.length < 2) return 1;
  const zeros: number[] = [];
  return mixtureTail(
    {
      zero: (j) => {
        if (j >= masses.length) return undefined;
        zeros[j] ??= zeroOf(bridge, j, zeros[j - 1] ?? 0);
        return zeros[j];
      },
      determinant: ({ u }) => Math.abs(shoot(bridge, u).last),
    },
    x,
  );
}

function shoot({ masses, weights }: DiscreteBridge, u: number): { last: number; changes: number } {
  let y = 0;
  let slope = 1;
  let changes = 0;
  for (let k = 0; k < masses.length; k++) {
    const next = y + masses[k]! * slope;
    if (next < 0 !== y < 0) changes++;
    y = next;
    slope -= u * weights[k]! * y;
  }
  return { last: y, changes };
}

/** The j-th zero lies where the j-th sign change appears; above `below`, the one before it. */
function zeroOf(bridge: DiscreteBridge, j: number, below: number): number {
  let low = below;
  let high = Math.max(2 * below, (j * Math.PI) ** 2);
  while (shoot(bridge, high).changes < j) high *= 2;
  for (let mid = (low + high) / 2; mid > low && mid < high; mid = (low + high) / 2) {
    if (shoot(bridge, mid).changes < j) low = mid;
    else high = mid;
  }
  return (low + high) / 2;
}
