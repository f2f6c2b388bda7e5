import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import {
  combineMoments,
  describeMoments,
  type MomentSums,
  momentSumsOf,
  momentsOf,
  NO_MOMENTS,
} from '../../../src/stats/summaries/moments.ts';
import { relativeError } from '../samples.ts';

/** Sums of powers of the deviations from the mean, as they are written, of whole numbers without rounding. */
function plainly(values: readonly number[]): MomentSums {
  const n = values.length;
  const mean = values.reduce((sum, v) => sum + v, 0) / n;
  const power = (k: number) => values.reduce((sum, v) => sum + (v - mean) ** k, 0);
  return { n, mean, low: 0, m2: power(2), m3: power(3), m4: power(4) };
}

const of = (...values: number[]) => momentsOf(Float64Array.from(values), values.length);

function expectAlike(found: MomentSums, expected: MomentSums): void {
  expect(found.n).toBe(expected.n);
  expect(found.mean + found.low).toBeCloseTo(expected.mean + expected.low, 10);
  for (const key of ['m2', 'm3', 'm4'] as const) {
    expect(Math.abs(found[key] - expected[key])).toBeLessThan(1e-9 * (1 + expected.m4));
  }
}

describe('moments', () => {
  it('are sums of powers of the deviations from the mean, of as many values as are asked for', () => {
    expectAlike(of(1, 2, 4, 9), plainly([1, 2, 4, 9]));
    expect(momentsOf(Float64Array.of(1, 2, 4, 9, 77), 4)).toEqual(of(1, 2, 4, 9));
    expect(momentsOf(Float64Array.of(1), 0)).toBe(NO_MOMENTS);
  });

  it('keep their digits far from zero, where the mean is two numbers', () => {
    // A sixth from the nearest double.
    const far = 2 ** 52;
    const { mean, low, m2, m3, m4 } = of(far, far, far, far, far, far + 1);
    expect(mean + low).toBe(far);
    expect(mean - far + low).toBeCloseTo(1 / 6, 12);
    const near = plainly([0, 0, 0, 0, 0, 1]);
    expect([m2, m3, m4].map((sum, i) => sum / [near.m2, near.m3, near.m4][i]!)).toEqual(
      [1, 1, 1].map((x) => expect.closeTo(x, 10)),
    );
  });

  it('of parts combine to those of the whole, in any order', () => {
    const values = fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        expectAlike(combineMoments(of(...a), of(...b)), plainly([...a, ...b]));
      }),
    );
    expect(combineMoments(of(1), of(4)).mean).toBe(2.5);
    const some = of(3, 5);
    expect(combineMoments(NO_MOMENTS, some)).toBe(some);
    expect(combineMoments(some, NO_MOMENTS)).toBe(some);
    const far = 2 ** 52;
    const { mean, low, m2 } = combineMoments(of(far, far + 1), of(far, far, far, far));
    expect(mean - far + low).toBeCloseTo(1 / 6, 12);
    expect(m2).toBeCloseTo(5 / 6, 10);
    // The low parts of both means count.
    const thirds = combineMoments(of(far, far, far + 1), of(far + 1, far + 1, far));
    expect(thirds.m2).toBeCloseTo(1.5, 10);
  });
});

describe('moments as they are stored', () => {
  it('have the variance of a sample and of a population, skewness and excess kurtosis', () => {
    const { n, mean, m2, m3, m4 } = of(1, 2, 4, 9);
    const stored = describeMoments({ n, mean, low: 0, m2, m3, m4 });
    // Deviations -3, -2, 0, 5.
    expect(stored).toEqual({
      method: 'central-moments@1',
      n: 4,
      mean: 4,
      m2: 38,
      m3: 90,
      m4: 722,
      variance: expect.closeTo(38 / 3, 12),
      std: expect.closeTo(Math.sqrt(38 / 3), 12),
      populationStd: expect.closeTo(Math.sqrt(9.5), 12),
      skewness: expect.closeTo(22.5 / 9.5 ** 1.5, 12),
      kurtosis: expect.closeTo(180.5 / 9.5 ** 2 - 3, 12),
    });
    expect(momentSumsOf(stored)).toEqual({ n, mean, low: 0, m2, m3, m4 });
  });

  it('keep what the mean has beyond a double, where that is not nothing beside the spread', () => {
    const far = 2 ** 50;
    const sums = of(far, far + 1, far + 1);
    const stored = describeMoments(sums)!;
    expect(stored).toMatchObject({ method: 'central-moments@2', mean: sums.mean, low: sums.low });
    expect(sums.mean - far + sums.low).toBeCloseTo(2 / 3, 12);
    expect(momentSumsOf(stored)).toEqual(sums);
    // Beside a spread of 1e12 times its size it is nothing.
    const of2 = (low: number) => describeMoments({ n: 2, mean: 3, low, m2: 2, m3: 0, m4: 2 });
    expect(of2(1.1e-12)).toMatchObject({ method: 'central-moments@2', low: 1.1e-12 });
    expect(of2(-1.1e-12)).toMatchObject({ low: -1.1e-12 });
    expect(describeMoments({ ...of(3, 3), low: 1e-17 })).not.toHaveProperty('low');
    // Of whatever spread.
    const spread = (std: number, low: number) =>
      describeMoments({ n: 2, mean: 3, low, m2: 2 * std ** 2, m3: 0, m4: 2 * std ** 4 })?.method;
    expect([spread(1000, 0.9e-9), spread(1000, 1.1e-9)]).toEqual(['central-moments@1', 'central-moments@2']);
    expect([spread(0.001, 0.9e-15), spread(0.001, 1.1e-15)]).toEqual(['central-moments@1', 'central-moments@2']);
    for (const low of [0, 0.9e-12, -0.9e-12, 1e-12, Number.NaN]) {
      expect(of2(low)).toMatchObject({ method: 'central-moments@1' });
      expect(of2(low)).not.toHaveProperty('low');
    }
  });

  it('are null where there are none, where one value has no variance, and where a constant has no shape', () => {
    expect(describeMoments(NO_MOMENTS)).toBeNull();
    expect(momentSumsOf(null)).toBe(NO_MOMENTS);
    expect(describeMoments(of(5))).toMatchObject({
      variance: null,
      std: null,
      populationStd: 0,
      skewness: null,
      kurtosis: null,
    });
    expect(describeMoments(of(0.1, 0.1, 0.1))).toMatchObject({ skewness: null, kurtosis: null });
    // The rounding of its mean is no spread, a little more than that is.
    const spread = (std: number) =>
      describeMoments({ n: 4, mean: 1e9, low: 0, m2: 4 * std ** 2, m3: 0, m4: 4 * std ** 4 });
    expect(spread(0.99e-6)).toMatchObject({ skewness: null, kurtosis: null });
    expect(spread(1.01e-6)).toMatchObject({ skewness: 0, kurtosis: expect.closeTo(-2, 9) });
    expect(describeMoments({ ...of(1, 2), mean: -1e9 })).toMatchObject({ skewness: expect.any(Number) });
  });

  it('have no number that JSON lacks, and come back as what is beyond a double', () => {
    const stored = describeMoments(of(-1e200, 1e200));
    expect(stored).toMatchObject({ mean: 0, m2: null, m4: null, variance: null, populationStd: null, kurtosis: null });
    expect(momentSumsOf(stored)).toMatchObject({ n: 2, mean: 0, m2: Number.NaN, m4: Number.NaN });
    const lost = { ...stored!, mean: null, m3: null };
    expect(momentSumsOf(lost)).toMatchObject({ mean: Number.NaN, m3: Number.NaN });
  });
});

/** Sums of powers of deviations from the mean, of whole numbers of eighths, exactly. */
function exactSums(values: readonly number[]): readonly number[] {
  const n = BigInt(values.length);
  const eighths = values.map((value) => BigInt(8 * value));
  const sum = eighths.reduce((total, value) => total + value, 0n);
  return [2n, 3n, 4n].map((power) => {
    const total = eighths.reduce((all, value) => all + (n * value - sum) ** power, 0n);
    return Number((total * 10n ** 15n) / (8n * n) ** power) / 1e15;
  });
}

describe('moments that are merged as they are stored', () => {
  it.each([
    [1e15, 1],
    [1e15, 40],
    [-1e15, 5_000],
    [1e12, 1],
    [1e9, 1],
    [1e5, 1e3],
    [0, 1],
  ])('are the exact ones about %d with a spread of %d, in whatever order', (about, spread) => {
    const random = xoshiro128(7);
    const parts = Array.from({ length: 12 }, (_, part) =>
      Array.from({ length: 60 + 31 * part }, () => {
        const u = random() + random() - 1;
        return Math.round(8 * (about + spread * (u + u * u))) / 8;
      }),
    );
    const [m2, m3, m4] = exactSums(parts.flat());
    const n = parts.flat().length;
    const stored = parts.map((part) => describeMoments(momentsOf(Float64Array.from(part), part.length)));
    const sums = stored.map(momentSumsOf);
    const pairwise = (some: readonly MomentSums[]): MomentSums =>
      some.length < 2
        ? (some[0] ?? NO_MOMENTS)
        : combineMoments(pairwise(some.slice(0, some.length >> 1)), pairwise(some.slice(some.length >> 1)));
    const again = (list: readonly MomentSums[]): MomentSums =>
      list.reduce((all, one) => momentSumsOf(describeMoments(combineMoments(all, one))), NO_MOMENTS);
    for (const merged of [sums.reduce(combineMoments, NO_MOMENTS), pairwise(sums), again(sums.toReversed())]) {
      expect(merged.n).toBe(n);
      expect(relativeError(merged.m2, m2!)).toBeLessThan(1e-9);
      // The third may cancel: in its own unit.
      expect(Math.abs(merged.m3 - m3!)).toBeLessThan(1e-9 * n * (m2! / n) ** 1.5);
      expect(relativeError(merged.m4, m4!)).toBeLessThan(1e-9);
    }
  });
});
