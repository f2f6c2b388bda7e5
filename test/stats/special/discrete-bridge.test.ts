import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mixtureTail } from '../../../src/stats/special/chi-square-mixture.ts';
import { type DiscreteBridge, discreteBridgeTail } from '../../../src/stats/special/discrete-bridge.ts';
import { MEASURE_VALUES } from '../measure-values.ts';
import { relativeError } from '../samples.ts';

/** The recurrence as it is written down, at one place. */
function shoot({ masses, weights }: DiscreteBridge, u: number): { last: number; changes: number } {
  let [y, slope, changes] = [0, 1, 0];
  for (const [k, mass] of masses.entries()) {
    const next = y + mass * slope;
    if (next < 0 !== y < 0) changes++;
    y = next;
    slope -= u * (weights[k] ?? 0) * y;
  }
  return { last: y, changes };
}

/** Each zero by plain bisection, each determinant by itself. */
function plainTail(bridge: DiscreteBridge, x: number): number {
  const zeros: number[] = [0];
  const zero = (j: number): number => {
    let low = zeros[j - 1] ?? 0;
    let high = Math.max(2 * low, (j * Math.PI) ** 2);
    while (shoot(bridge, high).changes < j) high *= 2;
    for (let mid = (low + high) / 2; mid > low && mid < high; mid = (low + high) / 2) {
      if (shoot(bridge, mid).changes < j) low = mid;
      else high = mid;
    }
    zeros[j] = (low + high) / 2;
    return zeros[j];
  };
  return mixtureTail(
    {
      zero: (j) => (j >= bridge.masses.length ? undefined : (zeros[j] ?? zero(j))),
      determinant: ({ u }) => Math.abs(shoot(bridge, u).last),
    },
    x,
  );
}

describe('discreteBridgeTail', () => {
  it('is what the recurrence tells place by place', () => {
    const masses = fc.array(fc.double({ min: 1e-3, max: 1, noNaN: true }), { minLength: 2, maxLength: 40 });
    const fractions = fc.double({ min: 0.05, max: 3, noNaN: true });
    fc.assert(
      fc.property(masses, fractions, (given, x) => {
        const sum = given.reduce((whole, mass) => whole + mass, 0);
        const bridge = {
          masses: Float64Array.from(given, (mass) => mass / sum),
          weights: Float64Array.from(given, (_, k) => (k + 1 < given.length ? 1 / (k + 1) : 0)),
        };
        const plain = plainTail(bridge, x);
        // A far tail has the digits that its exponent has, which are fewer the further it is.
        const digits = 1e-13 * (1 - Math.log(Math.max(plain, Number.MIN_VALUE)));
        expect(Math.abs(discreteBridgeTail(bridge, x) - plain)).toBeLessThanOrEqual(digits * plain);
      }),
      // Two masses of which one is next to nothing.
      { numRuns: 60, examples: [[[0.001, 0.8264977212589515], 1.4056613976080936]] },
    );
  });

  it('is that of two chi-squares, also where one is a millionth of the other', () => {
    const { bridges } = MEASURE_VALUES.tails;
    expect(Math.min(...bridges.map(([, , , p]) => p))).toBeLessThan(1e-100);
    for (const [masses, weights, x, p] of bridges) {
      const tail = discreteBridgeTail(
        { masses: Float64Array.from(masses), weights: Float64Array.of(...weights, 0) },
        x,
      );
      // What is rare is the difference of a sum near 1, which has lost its last digits before.
      expect(relativeError(tail, p), `${masses.join(' ')}, ${weights.join(' ')}, ${x}`).toBeLessThan(1e-8);
    }
  });

  it('is the tail of one chi-square where the bridge is looked at once', () => {
    // B(1/2)² / (1/4) has one degree of freedom: P(χ²₁ > 3.841458820694124) = 0.05.
    const once = { masses: Float64Array.of(0.5, 0.5), weights: Float64Array.of(4, 0) };
    expect(discreteBridgeTail(once, 3.841458820694124)).toBeCloseTo(0.05, 12);
  });
});
