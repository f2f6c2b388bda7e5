import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderStatistic, quantileOfPooled } from '../../../src/stats/summaries/pooled-quantile.ts';

describe('two sorted samples taken together', () => {
  const values = fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 12 });
  const sorted = (list: readonly number[]) => Float64Array.from(list).sort();

  it('have the order statistics of both put together', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [x, y, both] = [sorted(a), sorted(b), sorted([...a, ...b])];
        for (const [rank, value] of both.entries()) expect(orderStatistic(x, y, rank)).toBe(value);
      }),
    );
  });

  it('have quantiles to the last bit of NumPy, which interpolates from the nearer end', () => {
    // By `numpy.quantile` of 0.1 and 1.3, and of 0.1 and 0.9.
    const at = (upper: number, probability: number) =>
      quantileOfPooled(Float64Array.of(0.1), Float64Array.of(upper), { probability, origin: 0 });
    expect([at(1.3, 0.4), at(1.3, 0.5), at(1.3, 0.6), at(0.9, 0.8)]).toEqual([
      0.58, 0.7000000000000001, 0.8200000000000001, 0.74,
    ]);
  });

  it('have quantiles with linear interpolation between neighbours, from the origin', () => {
    const [x, y] = [Float64Array.of(1, 4), Float64Array.of(2, 10, 20)];
    const at = (probability: number, origin = 0) => quantileOfPooled(x, y, { probability, origin });
    // 1, 2, 4, 10, 20.
    expect([0, 0.25, 0.5, 0.75, 1].map((p) => at(p))).toEqual([1, 2, 4, 10, 20]);
    expect([at(0.1), at(0.6), at(0.875), at(0.95)]).toEqual([1.4, 6.4, 15, 18].map((v) => expect.closeTo(v, 12)));
    expect(at(0.6, 3)).toBeCloseTo(3.4, 12);
    expect(at(0.5, 3)).toBe(1);
    // Far from zero only what is left above the origin has the digits.
    const far = 2 ** 53;
    const found = quantileOfPooled(Float64Array.of(far), Float64Array.of(far + 2), { probability: 0.25, origin: far });
    expect(found).toBe(0.5);
    expect(quantileOfPooled(Float64Array.of(far), Float64Array.of(far + 2), { probability: 0.75, origin: far })).toBe(
      1.5,
    );
  });
});
