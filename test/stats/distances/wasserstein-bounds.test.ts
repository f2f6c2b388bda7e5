import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wasserstein } from '../../../src/stats/distances/wasserstein.ts';
import { wassersteinBounds } from '../../../src/stats/distances/wasserstein-bounds.ts';
import type { NumberProfile } from '../../../src/stats/profile.ts';
import { type Bounded, cumulativeBounds } from '../../../src/stats/summaries/cumulative-bounds.ts';
import { numbers, profileOf } from '../columns.ts';
import { between, cumulativeSteps, known } from '../cumulative-steps.ts';
import { sample } from '../samples.ts';

const bounds = (values: ArrayLike<number>) => {
  const [column] = profileOf({ x: numbers(Array.from(values)) }).columns;
  return cumulativeBounds(column as NumberProfile);
};

describe('wassersteinBounds', () => {
  it('is the distance itself of profiles that hold every value', () => {
    const values = fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const found = wassersteinBounds(bounds(a), bounds(b))!;
        const distance = wasserstein(Float64Array.from(a).sort(), Float64Array.from(b).sort());
        for (const bound of [found.lower, found.value, found.upper]) expect(bound).toBeCloseTo(distance, 9);
      }),
    );
  });

  it('has the distance of thinned profiles between its bounds, and is near it', () => {
    const x = sample({ n: 9000 }).sort();
    const y = sample({ n: 7000, plastic: true, scale: 1.4 }).sort();
    const distance = wasserstein(x, y);
    const { lower, value, upper } = wassersteinBounds(bounds(x), bounds(y))!;
    expect(lower).toBeLessThanOrEqual(distance);
    expect(upper).toBeGreaterThanOrEqual(distance);
    expect(Math.abs(value / distance - 1)).toBeLessThan(1e-3);
    expect(upper - lower).toBeLessThan(0.01);
  });

  it('adds over each width the least and the most that the ends leave, and lines between the middles', () => {
    const x = cumulativeSteps(10, {
      0: [known(0), between(0.1, 0.2, 0.3)],
      2: [between(0.3, 0.4, 0.5), between(0.4, 0.5, 0.5)],
      3.5: [between(0.8, 0.9, 0.9), known(1)],
    });
    const y = cumulativeSteps(10, {
      0: [known(0), between(0.7, 0.8, 0.8)],
      2: [between(0.8, 0.85, 0.9), between(0.8, 0.85, 0.9)],
      3.5: [between(0.7, 0.8, 0.8), known(1)],
    });
    const found = wassersteinBounds(x, y)!;
    // Up to 2, F is at most 0.5 and G at least 0.7; beyond it they may meet.
    expect(found.lower).toBeCloseTo(2 * 0.2, 12);
    // From -0.6 to -0.45 over a width of 2, then from -0.35 to 0.1 over one of 1.5, which crosses zero.
    expect(found.value).toBeCloseTo(1.05 + (1.5 * (0.35 ** 2 + 0.1 ** 2)) / (2 * 0.45), 12);
    // G may reach 0.9 before F leaves 0.1, and 0.8 before it leaves 0.4.
    expect(found.upper).toBeCloseTo(2 * 0.8 + 1.5 * 0.4, 12);
    expect(wassersteinBounds(y, x)).toEqual(found);
    const level = (share: Bounded) => cumulativeSteps(10, { 0: [known(0), share], 4: [share, known(1)] });
    const even = wassersteinBounds(level(between(0.1, 0.3, 0.5)), level(between(0, 0.1, 0.3)))!;
    expect(even).toEqual({ lower: 0, value: expect.closeTo(0.8, 12), upper: expect.closeTo(2, 12) });
  });

  it('is null where a side has no numbers, and 0 for one value', () => {
    expect(wassersteinBounds(bounds([Number.NaN]), bounds([1]))).toBeNull();
    expect(wassersteinBounds(bounds([1]), bounds([Number.NaN]))).toBeNull();
    expect(wassersteinBounds(bounds([4]), bounds([4, 4]))).toEqual({ lower: 0, value: 0, upper: 0 });
  });
});
