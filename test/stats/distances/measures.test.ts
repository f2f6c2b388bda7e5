import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { energyDistance } from '../../../src/stats/distances/energy.ts';
import { hellinger } from '../../../src/stats/distances/hellinger.ts';
import { jensenShannonDistance } from '../../../src/stats/distances/jensen-shannon.ts';
import { kullbackLeibler } from '../../../src/stats/distances/kullback-leibler.ts';
import { lInfinity } from '../../../src/stats/distances/l-infinity.ts';
import { normalisedAbsoluteDifference } from '../../../src/stats/distances/normalised-absolute-difference.ts';
import { psi } from '../../../src/stats/distances/psi.ts';
import { totalVariation } from '../../../src/stats/distances/total-variation.ts';
import { wasserstein } from '../../../src/stats/distances/wasserstein.ts';
import { describeMoments, momentsOf } from '../../../src/stats/summaries/moments.ts';
import { pooledValues } from '../../../src/stats/summaries/pooled-values.ts';
import { MEASURE_VALUES, pairsWith, sorted } from '../measure-values.ts';
import { relativeError, setA } from '../samples.ts';

const SET_B = [
  [420, 310, 180, 70, 20, 0],
  [300, 270, 140, 60, 0, 30],
] as const;

/** Within 1e-9 of a value, or of 1e-13 where it is nearly 0. */
function near(actual: number | null, expected: number, what: string): void {
  expect(Math.abs((actual ?? Number.NaN) - expected), what).toBeLessThan(1e-9 * Math.abs(expected) + 1e-13);
}

describe('distances between counts', () => {
  it('have the values of their formulas in NumPy and SciPy', () => {
    const pairs = pairsWith('cells');
    expect(pairs.length).toBeGreaterThan(40);
    for (const { expected, name } of pairs) {
      const { r, c } = expected;
      near(hellinger(r, c), expected.hellinger, name);
      near(kullbackLeibler(r, c), expected.kl, name);
      near(totalVariation(r, c), expected.tvd, name);
      near(normalisedAbsoluteDifference(r, c)!.value, expected.nad, name);
      near(psi(r, c), expected.psi, name);
      near(lInfinity(r, c)!.value, expected.linf, name);
      // A divergence near 0 is a sum of terms of 0.1: its root keeps eight digits less.
      const divergence = jensenShannonDistance(r, c)! ** 2 * Math.LN2;
      expect(Math.abs(divergence - expected.jsNat ** 2), name).toBeLessThan(1e-15 + 1e-9 * expected.jsNat ** 2);
    }
  });

  it('have the published values of set B', () => {
    near(hellinger(...SET_B), 0.1724533163602788, 'Hellinger');
    near(totalVariation(...SET_B), 0.07, 'TVD');
    near(lInfinity(...SET_B)!.value, 0.045, 'L-infinity');
    expect(normalisedAbsoluteDifference(...SET_B)!.value).toBeCloseTo(0.0666667, 7);
    near(jensenShannonDistance(...SET_B)! * Math.sqrt(Math.LN2), 0.1446302487309808, 'JS, natural');
    expect(normalisedAbsoluteDifference([1, 5], [10, 50])).toEqual({ value: expect.closeTo(0.68181818, 8), index: 1 });
    near(lInfinity([1, 9], [3, 7])!.value, 0.2, 'hello, world');
  });

  it('have the published values of set A on pooled and on Doane’s bins', () => {
    const { pooledSturges, doane } = MEASURE_VALUES.setA;
    expect(pooledSturges[0].length).toBe(12);
    near(hellinger(...pooledSturges), 0.06013088184669721, 'Hellinger, Sturges');
    near(jensenShannonDistance(...pooledSturges)! * Math.sqrt(Math.LN2), 0.06003738409563901, 'JS, Sturges');
    near(jensenShannonDistance(...pooledSturges), 0.07211224740219122, 'JS base 2, Sturges');
    // Sixteen bins of Doane's, and one for what lies outside the reference.
    expect(doane[0].length).toBe(17);
    near(jensenShannonDistance(...doane), 0.0789868351749567, 'JS, Doane');
    near(hellinger(...doane), 0.06727262036201365, 'Hellinger, Doane');
  });

  it('are 0 for equal shares, 1 for disjoint ones where bounded, and symmetric but for Kullback-Leibler', () => {
    const counts = fc.array(fc.nat(50), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(counts, counts, fc.integer({ min: 1, max: 5 }), (a, b, times) => {
        const k = Math.min(a.length, b.length);
        const [x, y] = [
          [1, ...a.slice(0, k)],
          [1, ...b.slice(0, k)],
        ];
        for (const distance of [hellinger, totalVariation, jensenShannonDistance]) {
          const value = distance(x, y)!;
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
          expect(distance(y, x)).toBeCloseTo(value, 10);
          expect(
            distance(
              x,
              x.map((count) => count * times),
            ),
          ).toBeCloseTo(0, 7);
        }
        expect(kullbackLeibler(x, y)!).toBeGreaterThanOrEqual(0);
        // Pinsker, where no zero had to be lifted for the logarithm; and the order of the two in between.
        if (x.every((count, i) => count === 0 || y[i] !== 0)) {
          expect(2 * totalVariation(x, y)! ** 2).toBeLessThanOrEqual(kullbackLeibler(x, y)! + 1e-12);
        }
        expect(hellinger(x, y)! ** 2).toBeLessThanOrEqual(totalVariation(x, y)! + 1e-12);
        expect(psi(x, y)!).toBeGreaterThanOrEqual(-1e-12);
      }),
    );
    for (const distance of [hellinger, totalVariation, jensenShannonDistance]) expect(distance([3, 0], [0, 9])).toBe(1);
    expect(normalisedAbsoluteDifference([0], [0])).toBeNull();
  });

  it('stay finite where the window has an empty bin, and have no cliff there', () => {
    const [empty, one] = [
      kullbackLeibler([500, 500, 9], [500, 500, 0])!,
      kullbackLeibler([500, 500, 9], [500, 500, 1])!,
    ];
    expect(empty).toBeGreaterThan(one);
    expect(empty).toBeLessThan(2 * one);
    expect(kullbackLeibler([500, 500, 0], [500, 500, 9])!).toBeCloseTo(Math.log(1009 / 1000), 12);
  });
});

describe('distances between numbers', () => {
  it('agree with SciPy, also beyond 2^53', () => {
    for (const key of ['energy', 'wasserstein'] as const) {
      for (const { x, y, name, expected } of pairsWith(key)) {
        const value = key === 'energy' ? energyDistance(pooledValues(x, y)) : wasserstein(x, y);
        expect(relativeError(value, expected), `${key} ${name}`).toBeLessThan(1e-9);
      }
    }
  });

  it('are divided by a deviation that has all its digits, also far from zero', () => {
    const pairs = pairsWith('deviation');
    expect(pairs.length).toBeGreaterThan(40);
    for (const { x, name, expected } of pairs) {
      const { populationStd } = describeMoments(momentsOf(x, x.length))!;
      expect(Math.abs((populationStd ?? Number.NaN) - expected), name).toBeLessThan(1e-9 * expected + 1e-300);
    }
  });

  it('have the published values of set A', () => {
    const { reference, current } = setA();
    const [x, y] = [reference.sort(), current.sort()];
    near(energyDistance(pooledValues(x, y)), 0.13614282262633376, 'energy');
    near(momentsOf(x, 1000).mean, 1.0003073635074249, 'mean of R');
    near(momentsOf(y, 800).mean, 1.1887013904713757, 'mean of C');
    expect(energyDistance(pooledValues(Float64Array.of(0, 1, 2), Float64Array.of(1, 2, 3)))).toBeCloseTo(
      Math.sqrt(2 / 3),
      14,
    );
    const shifted = sorted([38.7, 41.5, 43.8, 44.5, 45.5, 46, 47.7, 58]);
    expect(
      energyDistance(
        pooledValues(
          shifted,
          shifted.map((v) => v + 5),
        ),
      ),
    ).toBeCloseTo(1.9, 1);
  });

  it('do not move with the origin, grow with the unit, and keep the triangle inequality', () => {
    const values = fc.array(fc.integer({ min: -60, max: 60 }), { minLength: 1, maxLength: 30 });
    const energy = (x: Float64Array, y: Float64Array) => energyDistance(pooledValues(x, y));
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const [x, y, z] = [sorted(a), sorted(b), sorted(c)];
        for (const [distance, power] of [
          [energy, 0.5],
          [wasserstein, 1],
        ] as const) {
          const d = distance(x, y);
          expect(distance(y, x)).toBeCloseTo(d, 9);
          expect(
            distance(
              x.map((v) => 16 * v + 7),
              y.map((v) => 16 * v + 7),
            ),
          ).toBeCloseTo(d * 16 ** power, 7);
          expect(d).toBeLessThanOrEqual(distance(x, z) + distance(z, y) + 1e-9);
        }
      }),
    );
  });
});
