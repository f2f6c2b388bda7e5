import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cramerVonMises, midrankCramerVonMises } from '../../../src/stats/hypothesis-tests/cramer-von-mises.ts';
import { permutationTest } from '../../../src/stats/hypothesis-tests/permutation.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { chiSquareTail } from '../../../src/stats/special/chi-square.ts';
import { MEASURE_VALUES, pairsWith, sorted } from '../measure-values.ts';
import { filled, relativeError, sample, setA } from '../samples.ts';

/** n m / N² Σ (F - G)² over all rows, as it is written. */
function integral(x: Float64Array, y: Float64Array): number {
  const [n, m] = [x.length, y.length];
  const rows = [...Array.from(x, (v) => [v, 1 / n] as const), ...Array.from(y, (v) => [v, -1 / m] as const)];
  rows.sort(([a], [b]) => a - b);
  let sum = 0;
  let difference = 0;
  for (let from = 0, to = 0; from < rows.length; from = to) {
    for (; to < rows.length && rows[to]![0] === rows[from]![0]; to++) difference += rows[to]![1];
    sum += (to - from) * difference * difference;
  }
  return (n * m * sum) / (n + m) ** 2;
}

describe('cramerVonMises', () => {
  it('is SciPy’s test on untied samples, exact and asymptotic, and the integral on all', () => {
    const modes = new Set<string>();
    for (const { x, y, name, expected } of pairsWith('cvm')) {
      const test = cramerVonMises(x, y)!;
      expect(relativeError(test.statistic, expected.integral), name).toBeLessThan(1e-12);
      if (expected.p === undefined) continue;
      modes.add(test.mode);
      expect(relativeError(test.statistic, expected.midrank), name).toBeLessThan(1e-9);
      expect(relativeError(test.p, expected.p), name).toBeLessThan(1e-9);
    }
    expect(modes).toEqual(new Set(['exact', 'asymptotic']));
  });

  it('gives SciPy’s own number where ties make it another one', () => {
    let different = 0;
    for (const { x, y, expected } of pairsWith('cvm')) {
      const { statistic } = midrankCramerVonMises(x, y)!;
      // SciPy subtracts two numbers of the size n m / 6 N.
      const size = (x.length * y.length) / (x.length + y.length);
      expect(Math.abs(statistic - expected.midrank)).toBeLessThan(1e-13 * size + 1e-9 * expected.midrank);
      if (relativeError(expected.integral, expected.midrank) > 0.1) different++;
    }
    expect(different).toBeGreaterThan(5);
  });

  it('has the published values: set A, and the exact tables of Anderson', () => {
    const { reference, current } = setA();
    const test = cramerVonMises(reference.sort(), current.sort())!;
    expect(relativeError(test.statistic, 1.515785324074045)).toBeLessThan(1e-12);
    expect(relativeError(test.p, 0.00015872162)).toBeLessThan(1e-6);
    expect(relativeError(midrankCramerVonMises(reference, current)!.p, MEASURE_VALUES.setA.cvm[1])).toBeLessThan(1e-7);
    expect(cramerVonMises(Float64Array.of(1), Float64Array.of(1, 2))).toBeNull();
  });

  it('counts up to 20 rows a side, as SciPy', () => {
    const x = (n: number) => Float64Array.from({ length: n }, (_, i) => i ** 1.5 + 0.01);
    const y = (m: number) => Float64Array.from({ length: m }, (_, i) => 1.7 * i + 0.3);
    for (const [n, m, mode, statistic, p] of [
      [20, 20, 'exact', 0.5175, 0.03666516263604816],
      [20, 21, 'asymptotic', 0.482694541231127, 0.044083294659444716],
      [21, 3, 'asymptotic', 0.6041666666666667, 0.016686359907082893],
    ] as const) {
      const test = cramerVonMises(x(n), y(m))!;
      expect(test.mode).toBe(mode);
      expect(relativeError(test.statistic, statistic)).toBeLessThan(1e-10);
      expect(relativeError(test.p, p)).toBeLessThan(1e-9);
    }
    const [one, two] = [Float64Array.of(1), Float64Array.of(1, 2)];
    for (const test of [cramerVonMises, midrankCramerVonMises]) {
      expect(test(one, two)).toBeNull();
      expect(test(two, one)).toBeNull();
      expect(test(two, two)).not.toBeNull();
    }
  });

  it('counts exactly what all ways of dealing give, with ties too', () => {
    const pooled = [1, 1, 1, 2, 3, 3, 4, 5];
    const deals: number[] = [];
    let observed = 0;
    for (let mask = 0; mask < 256; mask++) {
      const x = pooled.filter((_, i) => (mask >> i) & 1);
      if (x.length !== 3) continue;
      const y = pooled.filter((_, i) => !((mask >> i) & 1));
      deals.push(cramerVonMises(sorted(x), sorted(y))!.statistic);
      if (mask === 0b111) observed = deals.at(-1)!;
    }
    expect(deals.length).toBe(56);
    const test = cramerVonMises(Float64Array.of(1, 1, 1), Float64Array.of(2, 3, 3, 4, 5))!;
    expect(test).toMatchObject({ mode: 'exact', statistic: observed });
    expect(test.p).toBeCloseTo(deals.filter((d) => d >= observed - 1e-12).length / 56, 14);
    expect(test.mean).toBeCloseTo(deals.reduce((a, b) => a + b, 0) / 56, 12);
  });

  it('keeps the law of random dealing on tied samples, where the untied law is wrong', () => {
    const x = sample({ n: 400, zeros: 0.8 }).sort();
    const y = sample({ n: 300, plastic: true, zeros: 0.74 }).sort();
    const test = cramerVonMises(x, y)!;
    expect(test.mode).toBe('asymptotic-tied');
    const dealt = permutationTest({ x, y }, integral, { permutations: 4000, random: xoshiro128(5) });
    expect(dealt.statistic).toBeCloseTo(test.statistic, 12);
    // Standard error of the permutation p: 0.004.
    expect(Math.abs(test.p - dealt.p)).toBeLessThan(0.016);
    expect(relativeError(test.mean, dealt.nullMean)).toBeLessThan(0.06);
  });

  it('has the law of one chi-square where there are two values', () => {
    const of = (zeros: number, ones: number) => Float64Array.from([...filled(zeros, 0), ...filled(ones, 1)]);
    const test = cramerVonMises(of(40, 20), of(30, 35))!;
    expect(test.mode).toBe('asymptotic-tied');
    // The bridge at H counts H; F - G has its variance times N / (N - 1).
    const h = 70 / 125;
    expect(relativeError(test.p, chiSquareTail((test.statistic * 124) / 125 / (h * h * (1 - h)), 1))).toBeLessThan(
      1e-9,
    );
  });

  it('has the law of untied samples where ties shift its mean by a millionth at most', () => {
    // One tie of two rows among N: 6 / N³ of a mean of a sixth.
    const mode = (side: number): string => {
      const x = Float64Array.from({ length: side }, (_, i) => i);
      return cramerVonMises(
        x,
        x.map((v) => (v === 3 ? v : v + 0.5)),
      )!.mode;
    };
    expect([49, 50].map(mode)).toEqual(['asymptotic-tied', 'asymptotic']);
  });

  it('is symmetric, unmoved by any rising map, and 0 for equal samples', () => {
    const values = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [x, y] = [sorted(a), sorted(b)];
        const test = cramerVonMises(x, y)!;
        const swapped = cramerVonMises(y, x)!;
        expect(swapped.statistic).toBeCloseTo(test.statistic, 10);
        expect(swapped.p).toBeCloseTo(test.p, 9);
        expect(cramerVonMises(x.map(Math.exp), y.map(Math.exp))).toEqual(test);
        expect(cramerVonMises(x, x)).toMatchObject({ statistic: 0, p: 1 });
        expect(test.p).toBeGreaterThanOrEqual(0);
        expect(test.p).toBeLessThanOrEqual(1);
      }),
    );
  });
});
