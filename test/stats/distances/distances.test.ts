import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jensenShannonNull } from '../../../src/stats/distances/jensen-shannon.ts';
import { lInfinityPoint95 } from '../../../src/stats/distances/l-infinity.ts';
import { psiNull } from '../../../src/stats/distances/psi.ts';
import {
  jensenShannonDistance,
  jensenShannonDivergence,
  lInfinity,
  psi,
  wasserstein,
} from '../../../src/stats/index.ts';
import { gridOfSorted } from '../../../src/stats/summaries/point-gap-grid.ts';
import { quantileBins } from '../../../src/stats/summaries/quantile-bins.ts';
import { REFERENCE, relativeError, sample, setA } from '../samples.ts';

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
      const counts = new Array<number>(10).fill(0);
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
    expect(jensenShannonNull(50, 1000, 1000).mean).toBeCloseTo(Math.sqrt((49 * 0.002) / 8 / Math.LN2), 12);
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
    expect(bins?.counts).toEqual(new Array(20).fill(50));
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
