import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  jensenShannonDistance,
  jensenShannonDivergence,
  jensenShannonNull,
} from '../../../src/stats/distances/jensen-shannon.ts';
import { lInfinity, lInfinityPoint95 } from '../../../src/stats/distances/l-infinity.ts';
import { psi, psiNull } from '../../../src/stats/distances/psi.ts';
import { wasserstein, wassersteinNull } from '../../../src/stats/distances/wasserstein.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { gridOfSorted } from '../../../src/stats/summaries/point-gap-grid.ts';
import { quantileBins } from '../../../src/stats/summaries/quantile-bins.ts';
import { filled, REFERENCE, relativeError, sample, setA } from '../samples.ts';

describe('wasserstein', () => {
  it('agrees with SciPy', () => {
    for (const { x, y, wasserstein: expected } of REFERENCE.pairs) {
      expect(relativeError(wasserstein(sample(x).sort(), sample(y).sort()), expected)).toBeLessThan(1e-11);
    }
    const { reference, current } = setA();
    const distance = wasserstein(reference.sort(), current.sort());
    expect(relativeError(distance, 0.18857204331647773)).toBeLessThan(1e-12);
    expect(relativeError(distance / REFERENCE.setA.populationStd, 0.18844926401334133)).toBeLessThan(1e-12);
  });

  it('keeps the small areas beside a large one, whichever comes first', () => {
    const [a, b] = [1.5 * 2 ** 53 + 2, 1.5 * 2 ** 53];
    // A quarter of a row apart all the way; the areas beside the large one are half of its last digit each.
    const [x, y] = [Float64Array.of(-a, -b, b, b), Float64Array.of(-b, b, b, a)];
    expect(wasserstein(x, y)).toBe(1.5 * 2 ** 52 + 1);
  });

  it('ends with a block that is full', () => {
    const rising = Float64Array.from({ length: 1023 }, (_, i) => i);
    expect(wasserstein(rising, Float64Array.of(1023))).toBeCloseTo(512, 9);
  });

  it('has the mean and the 95 % point of normal samples, in their deviation', () => {
    const random = xoshiro128(6);
    const normal = (n: number) => Float64Array.from({ length: n }, () => normalDeviate(random)).sort();
    const [n, m] = [90, 40];
    const distances = Float64Array.from({ length: 2000 }, () => wasserstein(normal(n), normal(m))).sort();
    const { mean, point95 } = wassersteinNull(n, m);
    expect(relativeError(mean, distances.reduce((sum, d) => sum + d, 0) / 2000)).toBeLessThan(0.03);
    expect(relativeError(point95, distances[1900]!)).toBeLessThan(0.05);
  });

  it('is the shift of a shifted sample', () => {
    expect(wasserstein(Float64Array.of(0, 1, 2), Float64Array.of(1, 2, 3))).toBeCloseTo(1, 14);
  });

  it('is symmetric and 0 only for equal samples', () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const x = Float64Array.from(a).sort();
        const y = Float64Array.from(b).sort();
        expect(wasserstein(x, y)).toBeCloseTo(wasserstein(y, x), 12);
        expect(wasserstein(x, x)).toBe(0);
      }),
    );
  });
});

describe('psi', () => {
  it('is the plain index where no bin is empty, and half a row where one is', () => {
    for (const { deciles, window, psi: expected } of REFERENCE.pairs) {
      expect(Math.abs((psi(deciles, window) ?? 0) - expected)).toBeLessThan(1e-13 * Math.max(1, expected));
    }
    for (const { x, y, psi: expected } of REFERENCE.tables)
      expect(relativeError(psi(x, y) ?? 0, expected)).toBeLessThan(1e-12);
  });

  it('has the published value of set A on the reference’s deciles', () => {
    const { reference, current } = setA();
    reference.sort();
    const edges = Array.from({ length: 9 }, (_, i) => {
      const h = ((i + 1) / 10) * 999;
      const low = Math.floor(h);
      return reference[low]! + (h - low) * (reference[low + 1]! - reference[low]!);
    });
    const count = (values: Float64Array): number[] => {
      const counts = filled(10, 0);
      for (const v of values) counts[edges.filter((edge) => edge < v).length]!++;
      return counts;
    };
    expect(psi(count(reference), count(current))).toBeCloseTo(0.057534053050301875, 12);
  });

  it('has no cliff when a single row appears in an empty bin', () => {
    const empty = psi([500, 500, 0], [500, 500, 5]) ?? 0;
    const one = psi([500, 500, 1], [500, 500, 5]) ?? 0;
    expect(empty).toBeGreaterThan(one);
    expect(empty).toBeLessThan(3 * one);
    expect(psi([1, 2], [0, 0])).toBeNull();
  });

  it('has the null expectation of its size', () => {
    expect(psiNull(10, 1000, 1000)).toEqual({
      mean: 9 * 0.002,
      point95: expect.closeTo(16.918977604620448 * 0.002, 10),
    });
    expect(psiNull(1, 10, 10)).toEqual({ mean: 0, point95: 0 });
  });
});

describe('Jensen-Shannon', () => {
  it('agrees with SciPy in base 2', () => {
    for (const { x, y, js2 } of REFERENCE.tables) {
      expect(relativeError(jensenShannonDistance(x, y) ?? 0, js2)).toBeLessThan(1e-9);
    }
    for (const { deciles, window, js2 } of REFERENCE.pairs) {
      expect(Math.abs((jensenShannonDistance(deciles, window) ?? 0) - js2)).toBeLessThan(1e-8);
    }
  });

  it('has the published values of set B', () => {
    const x = [420, 310, 180, 70, 20, 0];
    const y = [300, 270, 140, 60, 0, 30];
    expect(jensenShannonDistance(x, y)).toBeCloseTo(0.173718632739139, 12);
    expect(jensenShannonDivergence(x, y)).toBeCloseTo(0.03017816336075586, 13);
  });

  it('lies between 0 for equal and 1 for disjoint shares', () => {
    expect(jensenShannonDistance([1, 2, 3], [2, 4, 6])).toBe(0);
    expect(jensenShannonDistance([1, 0], [0, 5])).toBe(1);
    expect(jensenShannonDistance([0], [5])).toBeNull();
  });

  it('has the null expectation of its size, the base-2 root of (k - 1)(1/n + 1/m) / 8', () => {
    const cells = filled(50, 2000);
    const { mean, point95 } = jensenShannonNull(cells, cells)!;
    expect(mean).toBeCloseTo(Math.sqrt((49 * (2 / 100_000)) / 8 / Math.LN2), 12);
    expect(point95).toBeCloseTo(Math.sqrt((66.33864886296881 * (2 / 100_000)) / 8 / Math.LN2), 10);
    expect(jensenShannonNull([0], [1])).toBeNull();
  });

  it('has the mean and spread of random relabelling for sparse cells', () => {
    // Every one of 300 texts occurs twice among 200 + 400 rows: dealt 2,000 times in a fixed pseudo-random way.
    let a = 99;
    const random = (): number => {
      a = (Math.imul(a, 1664525) + 1013904223) | 0;
      return (a >>> 0) / 4294967296;
    };
    const rows = Array.from({ length: 600 }, (_, i) => i >> 1);
    const distances: number[] = [];
    for (let trial = 0; trial < 2000; trial++) {
      const [x, y] = [filled(300, 0), filled(300, 0)];
      for (let i = 599; i > 0; i--) {
        const j = Math.floor(random() * (i + 1));
        [rows[i], rows[j]] = [rows[j]!, rows[i]!];
      }
      for (let i = 0; i < 600; i++) (i < 200 ? x : y)[rows[i]!]!++;
      distances.push(jensenShannonDistance(x, y)!);
    }
    distances.sort((p, q) => p - q);
    const twos = (share: number): number[] => filled(300, 2 * share);
    const { mean, point95 } = jensenShannonNull(twos(1 / 3), twos(2 / 3))!;
    expect(relativeError(mean, distances.reduce((sum, d) => sum + d, 0) / 2000)).toBeLessThan(0.005);
    expect(relativeError(point95, distances[1900]!)).toBeLessThan(0.02);
  });
});

describe('lInfinity', () => {
  it('is the largest change of a share, and where', () => {
    for (const { x, y, lInfinity: expected } of REFERENCE.tables) {
      expect(relativeError(lInfinity(x, y)?.value ?? 0, expected)).toBeLessThan(1e-12);
    }
    expect(lInfinity([4, 1, 5], [5, 3, 2])).toEqual({ value: expect.closeTo(0.3, 12), index: 2 });
    expect(lInfinity([0], [1])).toBeNull();
  });

  it('has a 95 % point that shrinks with the rows', () => {
    const small = lInfinityPoint95([50, 50], [50, 50]);
    expect(lInfinityPoint95([5000, 5000], [5000, 5000])).toBeCloseTo(small / 10, 10);
  });
});

describe('quantileBins', () => {
  it('has nearly equal bins on continuous data, all rows in one', () => {
    const bins = quantileBins(gridOfSorted(sample({ n: 1000 }).sort()));
    expect(bins?.counts).toEqual(filled(20, 50));
    expect(bins?.edges.length).toBe(21);
  });

  it('gives a heavy value a bin that it dominates', () => {
    const values = Float64Array.from(sample({ n: 1000 }), (u) => (u < 0.4 ? 0 : u)).sort();
    const bins = quantileBins(gridOfSorted(values));
    expect(bins?.edges.slice(0, 2)).toEqual([0, 0]);
    expect(bins?.counts[0]).toBe(values.filter((v) => v === 0).length);
  });

  it('has one bin a value for few values', () => {
    const bins = quantileBins(gridOfSorted(Float64Array.of(1, 1, 1, 2, 5, 5)));
    expect(bins).toMatchObject({ edges: [1, 1, 2, 5], counts: [3, 1, 2] });
  });
});
