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
      determinants: (us) => shootAll(bridge, us),
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

/**
 * |D(u)| of each u. Each step of the recurrence waits for the one before it, so four that know nothing of each other
 * go through the masses together: they take little more time than one.
 */
function shootAll({ masses, weights }: DiscreteBridge, us: Float64Array): Float64Array {
  const found = new Float64Array(us.length);
  for (let i = 0; i < us.length; i += 4) {
    const [u0, u1, u2, u3] = [us[i]!, us[i + 1] ?? 0, us[i + 2] ?? 0, us[i + 3] ?? 0];
    let [y0, y1, y2, y3] = [0, 0, 0, 0];
    let [s0, s1, s2, s3] = [1, 1, 1, 1];
    for (let k = 0; k < masses.length; k++) {
      const mass = masses[k]!;
      const weight = weights[k]!;
      y0 += mass * s0;
      y1 += mass * s1;
      y2 += mass * s2;
      y3 += mass * s3;
      s0 -= u0 * weight * y0;
      s1 -= u1 * weight * y1;
      s2 -= u2 * weight * y2;
      s3 -= u3 * weight * y3;
    }
    found.set([Math.abs(y0), Math.abs(y1), Math.abs(y2), Math.abs(y3)].slice(0, us.length - i), i);
  }
  return found;
}

/**
 * The j-th zero lies where the j-th sign change appears; above `below`, the one before it. Of each two steps of the
 * bisection both places where the second may have to look are gone to with the first.
 */
function zeroOf(bridge: DiscreteBridge, j: number, below: number): number {
  let low = below;
  let high = Math.max(2 * below, (j * Math.PI) ** 2);
  while (shoot(bridge, high).changes < j) high *= 2;
  for (let mid = (low + high) / 2; mid > low && mid < high; mid = (low + high) / 2) {
    const [first, lower, upper] = changesAt(bridge, mid, (low + mid) / 2, (mid + high) / 2);
    const next = first < j ? (mid + high) / 2 : (low + mid) / 2;
    if (first < j) low = mid;
    else high = mid;
    if (next <= low || next >= high) break;
    if ((first < j ? upper : lower) < j) low = next;
    else high = next;
  }
  return (low + high) / 2;
}

/** Sign changes of the recurrence at three places, which take little more time than one. */
function changesAt({ masses, weights }: DiscreteBridge, u0: number, u1: number, u2: number): [number, number, number] {
  let [y0, y1, y2] = [0, 0, 0];
  let [s0, s1, s2] = [1, 1, 1];
  let [c0, c1, c2] = [0, 0, 0];
  for (let k = 0; k < masses.length; k++) {
    const mass = masses[k]!;
    const weight = weights[k]!;
    const n0 = y0 + mass * s0;
    const n1 = y1 + mass * s1;
    const n2 = y2 + mass * s2;
    if (n0 < 0 !== y0 < 0) c0++;
    if (n1 < 0 !== y1 < 0) c1++;
    if (n2 < 0 !== y2 < 0) c2++;
    s0 -= u0 * weight * n0;
    s1 -= u1 * weight * n1;
    s2 -= u2 * weight * n2;
    y0 = n0;
    y1 = n1;
    y2 = n2;
  }
  return [c0, c1, c2];
}
