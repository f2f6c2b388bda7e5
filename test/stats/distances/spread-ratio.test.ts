import { describe, expect, it } from 'vitest';
import { spreadRatio } from '../../../src/stats/distances/spread-ratio.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';

const sorted = (values: Iterable<number>): Float64Array => Float64Array.from(values).sort();

describe('spreadRatio', () => {
  it('is the logarithm of the ratio of the mean distances from the median', () => {
    // Distances 2, 1, 0, 1, 2 and 4, 2, 0, 2, 4.
    const found = spreadRatio(sorted([1, 2, 3, 4, 5]), sorted([-4, -2, 0, 2, 4]));
    expect(found?.value).toBeCloseTo(Math.log(2), 14);
    // The variance of the distances is 0.56, their mean 1.2.
    expect(found?.null95).toBeCloseTo(1.959963984540054 * Math.sqrt((2 * 0.56) / 1.44 / 5), 12);
  });

  it('takes the distances from the median, which a far value does not move', () => {
    // Distances 0, 0, 0, 1, 9 from 0.
    expect(spreadRatio(sorted([0, 0, 0, 1, 9]), sorted([1, 2, 3, 4, 5]))?.value).toBeCloseTo(Math.log(1.2 / 2), 14);
  });

  it('does not look at where the values lie, nor at their unit', () => {
    const [a, b] = [sorted([1, 2, 4, 8, 9]), sorted([0, 5, 6, 7, 20])];
    const moved = spreadRatio(
      a.map((v) => 1000 + 3 * v),
      b.map((v) => -50 + 3 * v),
    );
    expect(moved?.value).toBeCloseTo(spreadRatio(a, b)?.value ?? Number.NaN, 12);
    expect(spreadRatio(b, a)?.value).toBeCloseTo(-(spreadRatio(a, b)?.value ?? Number.NaN), 14);
  });

  it.each([
    [400, 100],
    [2000, 1000],
  ])('exceeds its point in one of twenty pairs of %i and %i rows', (n, m) => {
    const random = xoshiro128(n);
    const draw = (size: number) => sorted(Array.from({ length: size }, () => normalDeviate(random)));
    let beyond = 0;
    for (let i = 0; i < 1000; i++) {
      const found = spreadRatio(draw(n), draw(m));
      if (found !== null && Math.abs(found.value) > found.null95) beyond++;
    }
    expect(beyond).toBeGreaterThan(30);
    expect(beyond).toBeLessThan(75);
  });

  it('is not there for values that do not vary, or are none', () => {
    const some = sorted([1, 2, 3]);
    expect(spreadRatio(sorted([]), some)).toBeNull();
    expect(spreadRatio(some, sorted([7, 7, 7]))).toBeNull();
    expect(spreadRatio(sorted([-1e308, 1e308]), some)?.value).toSatisfy(
      (v: unknown) => v === undefined || Number.isFinite(v),
    );
  });
});
