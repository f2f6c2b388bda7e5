import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { benjaminiHochberg } from '../../../src/stats/verdict/benjamini-hochberg.ts';
import { adjustWeighted, weightOf } from '../../../src/stats/verdict/weights.ts';

describe('weighted p-values', () => {
  it('are the usual ones where all weigh alike, whatever the weight', () => {
    const ps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });
    fc.assert(
      fc.property(ps, fc.integer({ min: 0, max: 8 }), (p, exponent) => {
        const weights = p.map(() => 2 ** exponent);
        expect(adjustWeighted(p, weights, benjaminiHochberg)).toEqual(benjaminiHochberg(p));
      }),
    );
  });

  it('move power to what weighs more and keep the rate', () => {
    const q = adjustWeighted([0.02, 0.02], [3, 1], benjaminiHochberg);
    expect(q[0]).toBeCloseTo((0.02 / 1.5) * 2, 12);
    expect(q[1]).toBeCloseTo(0.04, 12);
    const random = xoshiro128(3);
    let alarms = 0;
    for (let t = 0; t < 4000; t++) {
      const p = Array.from({ length: 10 }, () => random());
      if (adjustWeighted(p, [10, 3, 1, 1, 1, 1, 1, 1, 0.5, 0.1], benjaminiHochberg).some((x) => x < 0.05)) alarms++;
    }
    expect(alarms / 4000).toBeLessThan(0.06);
  });

  it('of weight 0 take nothing from the others, and have a q of their own', () => {
    const q = adjustWeighted([0.01, 0.001, 0.5], [1, 0, 1], benjaminiHochberg);
    expect(q[0]).toBe(benjaminiHochberg([0.01, 0.5])[0]);
    expect(q[1]).toBe(benjaminiHochberg([0.01, 0.001, 0.5])[1]);
    expect(weightOf({ weights: { zip: 0 } }, 'constructor')).toBe(1);
  });
});
