import { describe, expect, it } from 'vitest';
import { eppsSingleton } from '../../../src/stats/hypothesis-tests/epps-singleton.ts';
import { pairsWith, sorted } from '../measure-values.ts';
import { filled, relativeError, sample, setA } from '../samples.ts';

describe('eppsSingleton', () => {
  it('is SciPy’s test wherever the covariance has full rank', () => {
    let compared = 0;
    for (const { x, y, name, expected } of pairsWith('eppsSingleton')) {
      const test = eppsSingleton(x, y);
      if (test === null || test.df < 4) continue;
      compared++;
      expect(relativeError(test.statistic, expected[0]), name).toBeLessThan(1e-8);
      expect(relativeError(test.p, expected[1]), name).toBeLessThan(1e-7);
    }
    expect(compared).toBeGreaterThan(30);
  });

  it('has the published values of set A and of counts', () => {
    const { reference, current } = setA();
    const test = eppsSingleton(reference.sort(), current.sort())!;
    expect(relativeError(test.statistic, 15.997403960790288)).toBeLessThan(1e-9);
    expect(relativeError(test.p, 0.00302264913)).toBeLessThan(1e-7);
    const deal = (counts: number[]) => sorted(counts.flatMap((count, i) => filled(count, i + 1)));
    const counts = eppsSingleton(deal([16, 18, 16, 14, 12, 12]), deal([16, 16, 16, 16, 16, 8]))!;
    expect(counts.p).toBeCloseTo(0.81, 2);
  });

  it('is SciPy’s test of few rows, corrected below 25 of the larger side', () => {
    const x = (n: number) => Float64Array.from({ length: n }, (_, i) => i ** 1.5);
    const y = (m: number) => Float64Array.from({ length: m }, (_, i) => 1.7 * i + 0.3);
    for (const [n, m, statistic, p] of [
      [24, 24, 16.57147128459074, 0.0023408147615532155],
      [24, 7, 28.825440181663787, 8.482316761878965e-6],
      [25, 10, 42.823204228184174, 1.1259840969782853e-8],
      [10, 25, 9.951319773838541, 0.04125572640592566],
      [5, 5, 0.7274613868125518, 0.94789969211532],
      [5, 9, 2.217161858963234, 0.6958885550501255],
    ] as const) {
      const test = eppsSingleton(x(n), y(m))!;
      expect(relativeError(test.statistic, statistic), `${n} ${m}`).toBeLessThan(1e-8);
      expect(relativeError(test.p, p), `${n} ${m}`).toBeLessThan(1e-8);
    }
  });

  it('has as many degrees of freedom as few values leave, instead of inverting noise', () => {
    const deal = (zeros: number) => sorted([...filled(zeros, 0), ...filled(100, 1), ...filled(100, 2)]);
    const test = eppsSingleton(deal(100), deal(160))!;
    expect(test.df).toBe(2);
    expect(test.statistic).toBeGreaterThan(0);
    expect(test.p).toBeGreaterThan(1e-4);
    expect(test.p).toBeLessThan(0.1);
  });

  it('cannot be had for few rows, constants or values without a finite spread', () => {
    const x = sample({ n: 50 }).sort();
    expect(eppsSingleton(x.subarray(0, 4), x)).toBeNull();
    expect(eppsSingleton(x, x.subarray(0, 4))).toBeNull();
    expect(eppsSingleton(new Float64Array(9), new Float64Array(9))).toBeNull();
    expect(eppsSingleton(new Float64Array(9), new Float64Array(9).fill(1))).toBeNull();
    const huge = Float64Array.from(filled(50, 1.7e308), (v, i) => (i < 25 ? -v : v));
    expect(eppsSingleton(huge, huge)).toBeNull();
  });

  it('does not depend on the origin or the unit', () => {
    const [x, y] = [sample({ n: 60 }).sort(), sample({ n: 40, plastic: true, scale: 1.4 }).sort()];
    const test = eppsSingleton(x, y)!;
    const moved = eppsSingleton(
      x.map((v) => 1000 + 8 * v),
      y.map((v) => 1000 + 8 * v),
    )!;
    expect(relativeError(moved.statistic, test.statistic)).toBeLessThan(1e-10);
  });
});
