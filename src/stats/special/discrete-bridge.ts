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
 * s_1 = 1); its zeros are found by counting sign changes and Newton's method. Cost O(K) a determinant, some 200 of them.
 */
export function discreteBridgeTail(bridge: DiscreteBridge, x: number): number {
  const { masses } = bridge;
  if (masses.length < 2) return 1;
  /** From the first on; at 0 that none has. */
  const zeros: number[] = [0];
  return mixtureTail(
    {
      zero: (j) => {
        if (j >= masses.length) return undefined;
        zeros[j] ??= zeroOf(bridge, j, zeros);
        return zeros[j];
      },
      determinant: ({ u }) => shootAll(bridge, Float64Array.of(u))[0]!,
      determinants: (us) => shootAll(bridge, us),
    },
    x,
  );
}

/** The recurrence at u: its last member, how fast that grows with u, and how often the members change their sign. */
function shoot({ masses, weights }: DiscreteBridge, u: number): { last: number; growth: number; changes: number } {
  let [y, slope] = [0, 1];
  let [yGrowth, slopeGrowth] = [0, 0];
  let changes = 0;
  for (let k = 0; k < masses.length; k++) {
    const mass = masses[k]!;
    const weight = weights[k]!;
    const next = y + mass * slope;
    if (next < 0 !== y < 0) changes++;
    y = next;
    yGrowth += mass * slopeGrowth;
    slope -= u * weight * y;
    slopeGrowth -= weight * (y + u * yGrowth);
  }
  return { last: y, growth: yGrowth, changes };
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

/** Newton's method ends where a step is so small a part of the zero. */
const STEADY = 1e-15;
const STEPS = 300;

/**
 * The j-th zero lies where the j-th sign change appears. Sign changes bracket it, Newton's method finds it, and where
 * that would leave the bracket this is halved instead.
 * @param zeros those before it; of a bridge that is looked at closely they lie at c · j (j + 1) or c · j², and a
 *   parabola through the last three comes near.
 */
function zeroOf(bridge: DiscreteBridge, j: number, zeros: readonly number[]): number {
  const [last = 0, before = 0, first = 0] = [zeros[j - 1], zeros[j - 2], zeros[j - 3]];
  let low = last;
  let high = Number.POSITIVE_INFINITY;
  const guess = 3 * last - 3 * before + first;
  let u = guess > low ? guess : Math.max(2 * low, 1);
  for (let step = 0; step < STEPS; step++) {
    const { last: value, growth, changes } = shoot(bridge, u);
    if (changes < j) low = u;
    else high = u;
    // Elsewhere Newton's method would tell of another zero.
    const near = changes === j || changes === j - 1 ? u - value / growth : Number.NaN;
    if (Math.abs(near - u) <= STEADY * u) return near;
    const halfway = high === Number.POSITIVE_INFINITY ? 2 * low : (low + high) / 2;
    u = near > low && near < high ? near : halfway;
    if (u <= low || u >= high) break;
  }
  return u;
}
