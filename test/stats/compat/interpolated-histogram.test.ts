import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpolatedHistogram } from '../../../src/stats/compat/interpolated-histogram.ts';

const of = (...values: number[]) => interpolatedHistogram(Float64Array.from(values));
const total = (buckets: readonly { readonly count: number }[]): number =>
  buckets.reduce((sum, { count }) => sum + count, 0);

describe('a histogram between quantiles', () => {
  it('has ten equal buckets from end to end, and all rows in them', () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(values, (given) => {
        const [min, max] = [Math.min(...given), Math.max(...given)];
        fc.pre(min < max);
        const found = of(...given);
        expect(found).toHaveLength(10);
        for (const [i, { low, high }] of found.entries()) {
          expect(low).toBeCloseTo(min + (i * (max - min)) / 10, 9);
          expect(high).toBeCloseTo(min + ((i + 1) * (max - min)) / 10, 9);
        }
        expect(found[9]!.high).toBe(max);
        expect(total(found)).toBeCloseTo(given.length, 9);
      }),
    );
  });

  it('has what lies between two quantiles evenly spread between them, points below an edge', () => {
    // Of a thousand steps 500 end at 0 and 500 at 10, one of which begins at 0: its part of one row is spread.
    const found = of(10, 0);
    const part = 1 / 501;
    expect(found[0]!.count).toBeCloseTo(1 + part / 10, 9);
    for (const { count } of found.slice(1, 9)) expect(count).toBeCloseTo(part / 10, 9);
    expect(found[9]!.count).toBeCloseTo(1 - part + part / 10, 9);
    // A row at the upper edge of a bucket is in it, but for what is spread on the way to it.
    const edge = of(0, 1, 10);
    expect(edge[0]!.count).toBeGreaterThan(1.99);
    expect(edge[1]!.count).toBeLessThan(0.01);
  });

  it('has the least value in the first interval alone, however many end where that does', () => {
    // Of a thousand intervals that end at 10 the first begins at 0; 1,999 rows are in equal parts of them.
    const found = of(0, ...Array.from({ length: 1999 }, () => 10));
    const first = 1 + 1999 / 1000;
    expect(found[0]!.count).toBeCloseTo(first / 10, 9);
    expect(found[9]!.count).toBeCloseTo(1999 - 1999 / 1000 + first / 10, 9);
  });

  it('is one point where all finite values are the same', () => {
    expect(of(2.5, 2.5, 2.5)).toEqual([{ low: 2.5, high: 2.5, count: expect.closeTo(3, 9) }]);
  });

  it('has infinities apart, however many', () => {
    const inf = Number.POSITIVE_INFINITY;
    const found = of(inf, 0, -inf, 10, -inf, 0, 10, inf, inf);
    expect([found[0], found.at(-1)]).toEqual([
      { low: -inf, high: -inf, count: 2 },
      { low: inf, high: inf, count: 3 },
    ]);
    const finite = found.slice(1, -1);
    expect(finite).toHaveLength(10);
    expect(total(finite)).toBeCloseTo(4, 9);
    expect([finite[0]!.low, finite[9]!.high]).toEqual([0, 10]);
    expect(of(-inf, 1, 2)[0]).toEqual({ low: -inf, high: -inf, count: 1 });
    expect(of(1, 2, inf).at(-1)).toEqual({ low: inf, high: inf, count: 1 });
    expect(of(1, 2, inf)).toHaveLength(11);
    expect(total(of(-inf, -inf))).toBe(2);
    expect(of(-inf, 3)).toEqual([
      { low: -inf, high: -inf, count: 1 },
      { low: 3, high: 3, count: expect.closeTo(1, 9) },
    ]);
  });

  it('is none where the values span more than a double holds', () => {
    expect(of(-1.5e308, 1.5e308)).toEqual([]);
  });
});
