import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kolmogorovSmirnov, kolmogorovSmirnovTail } from '../../../src/stats/hypothesis-tests/kolmogorov-smirnov.ts';
import { kolmogorovSmirnovBounds } from '../../../src/stats/hypothesis-tests/kolmogorov-smirnov-bounds.ts';
import type { NumberProfile } from '../../../src/stats/profile.ts';
import { kolmogorovTail } from '../../../src/stats/special/kolmogorov.ts';
import { cumulativeBounds } from '../../../src/stats/summaries/cumulative-bounds.ts';
import { numbers, profileOf } from '../columns.ts';
import { between, cumulativeSteps, known } from '../cumulative-steps.ts';
import { relativeError, sample } from '../samples.ts';

const profile = (values: ArrayLike<number>): NumberProfile => {
  const [column] = profileOf({ x: numbers(Array.from(values)) }).columns;
  if (column?.kind !== 'number') throw new Error('not numbers');
  return column;
};

describe('kolmogorovSmirnovBounds', () => {
  it('is the distance itself of profiles that hold every value', () => {
    const values = fc.array(
      fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(values, values, (a, b) => {
        const found = kolmogorovSmirnovBounds(cumulativeBounds(profile(a)), cumulativeBounds(profile(b)))!;
        const { d } = kolmogorovSmirnov(Float64Array.from(a).sort(), Float64Array.from(b).sort());
        for (const bound of [found.d.lower, found.d.value, found.d.upper]) expect(bound).toBeCloseTo(d, 12);
      }),
    );
  });

  it('has the distance of thinned profiles between its bounds', () => {
    for (const power of [1, 1.02, 2]) {
      const x = sample({ n: 9000 }).sort();
      const y = sample({ n: 7000, plastic: true })
        .map((v) => v ** power)
        .sort();
      const found = kolmogorovSmirnovBounds(cumulativeBounds(profile(x)), cumulativeBounds(profile(y)))!;
      const { d } = kolmogorovSmirnov(x, y);
      expect(found.d.lower).toBeLessThanOrEqual(d);
      expect(found.d.upper).toBeGreaterThanOrEqual(d);
      expect(found.d.upper - found.d.lower).toBeLessThan(0.02);
      expect(found.d.upper).toBeGreaterThan(found.d.lower);
    }
  });

  it('leaves at each edge what the bounds leave, and between two edges the rise of both', () => {
    const x = cumulativeSteps(20, { 0: [known(0), between(0.1, 0.2, 0.3)], 1: [between(0.4, 0.5, 0.5), known(1)] });
    const y = cumulativeSteps(30, { 0: [known(0), between(0.5, 0.6, 0.6)], 1: [between(0.8, 0.9, 0.9), known(1)] });
    const found = kolmogorovSmirnovBounds(x, y)!;
    // Below 1: 0.8 - 0.5, 0.9 - 0.5; from 0 on G may be at 0.9 before F has left 0.1.
    expect(found.d.lower).toBeCloseTo(0.3, 12);
    expect(found.d.value).toBeCloseTo(0.4, 12);
    expect(found.d.upper).toBeCloseTo(0.8, 12);
    const back = kolmogorovSmirnovBounds(y, x)!;
    expect(back.d).toEqual(found.d);
    // Counted with whole numbers, of all ways to order 20 and 30 rows.
    expect(relativeError(found.p.lower, 4.2663815163973794e-8)).toBeLessThan(1e-9);
    expect(relativeError(found.p.value, 0.034520320441861464)).toBeLessThan(1e-10);
    expect(relativeError(found.p.upper, 0.20235672077103803)).toBeLessThan(1e-10);
  });

  it('has the tail of many rows where counting would cost too much, and near it the counted one', () => {
    const sizes = [
      [2000, 2000],
      [2000, 2001],
    ] as const;
    const [counted, beyond] = sizes.map(([n, m]) => kolmogorovSmirnovTail(0.04, { n, m }));
    // SciPy: ks_2samp's exact p of 2000 and 2000 rows at 0.04; kstwo.sf(0.04, 1000).
    expect(relativeError(counted!, 0.08151459289877339)).toBeLessThan(1e-9);
    expect(relativeError(beyond!, 0.07933956059000224)).toBeLessThan(1e-9);
    // Rows that are too many for SciPy to count, few as their pairs may be.
    expect(kolmogorovSmirnovTail(1, { n: 1, m: 10_001 })).toBeCloseTo(kolmogorovTail(1, 1), 12);
    expect(kolmogorovSmirnovTail(0, { n: 7, m: 9 })).toBe(1);
  });

  it('compares at one point what has no finite value', () => {
    const infinite = cumulativeBounds(profile([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]));
    const positive = cumulativeBounds(profile([Number.POSITIVE_INFINITY]));
    expect(kolmogorovSmirnovBounds(infinite, positive)).toMatchObject({ d: known(0.5), p: known(1) });
    expect(kolmogorovSmirnovBounds(positive, positive)).toMatchObject({ d: known(0), p: known(1) });
  });

  it('is null where a side has no numbers', () => {
    const none = cumulativeBounds(profile([Number.NaN]));
    const one = cumulativeBounds(profile([1]));
    expect(kolmogorovSmirnovBounds(none, one)).toBeNull();
    expect(kolmogorovSmirnovBounds(one, none)).toBeNull();
  });
});
