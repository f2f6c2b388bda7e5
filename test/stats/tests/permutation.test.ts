import { describe, expect, it } from 'vitest';
import { drawHypergeometric } from '../../../src/stats/sampling/draw-hypergeometric.ts';
import { shuffleFront } from '../../../src/stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { logHypergeometric } from '../../../src/stats/special/hypergeometric.ts';
import { permutationTest } from '../../../src/stats/tests/permutation.ts';
import { sample } from '../samples.ts';

const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;
const difference = (x: Float64Array, y: Float64Array): number => Math.abs(mean(x) - mean(y));

describe('permutationTest', () => {
  it('comes near the share of all ways of dealing, which it counts itself among', () => {
    const x = Float64Array.of(1, 2, 4, 9);
    const y = Float64Array.of(3, 7, 8, 11, 12);
    const pooled = [...x, ...y];
    let hits = 0;
    for (let mask = 0; mask < 512; mask++) {
      const a = pooled.filter((_, i) => (mask >> i) & 1);
      if (a.length !== 4) continue;
      const b = pooled.filter((_, i) => !((mask >> i) & 1));
      if (difference(Float64Array.from(a), Float64Array.from(b)) >= difference(x, y) - 1e-12) hits++;
    }
    const test = permutationTest({ x, y }, difference, { permutations: 20_000, random: xoshiro128(1) });
    expect(Math.abs(test.p - hits / 126)).toBeLessThan(0.01);
    expect(test.nullMean).toBeGreaterThan(0);
    expect(test.null95).toBeGreaterThan(test.nullMean);
  });

  it('is never 0, repeatable from its seed, and leaves the samples as they were', () => {
    const x = sample({ n: 40 });
    const y = sample({ n: 30, plastic: true, shift: 5 });
    const copies = [x.slice(), y.slice()];
    const run = () => permutationTest({ x, y }, difference, { permutations: 99, random: xoshiro128(9) });
    expect(run().p).toBe(0.01);
    expect(run()).toEqual(run());
    expect([x, y]).toEqual(copies);
  });

  it('is 1 where nothing can differ', () => {
    const x = new Float64Array(9).fill(0.1);
    expect(permutationTest({ x, y: x }, difference, { permutations: 50, random: xoshiro128(9) }).p).toBe(1);
  });
});

describe('xoshiro128', () => {
  it('has the mean, variance and serial independence of uniform numbers', () => {
    const random = xoshiro128(42);
    const values = Array.from({ length: 100_000 }, random);
    const average = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((sum, v) => sum + (v - 0.5) ** 2, 0) / values.length;
    const serial = values.reduce((sum, v, i) => sum + (v - 0.5) * ((values[i - 1] ?? 0.5) - 0.5), 0) / values.length;
    expect(Math.abs(average - 0.5)).toBeLessThan(0.004);
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.002);
    expect(Math.abs(serial)).toBeLessThan(0.001);
    expect(Math.min(...values.slice(0, 9999))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values.slice(0, 9999))).toBeLessThan(1);
    expect(xoshiro128(42)()).toBe(values[0]);
    expect(xoshiro128(43)()).not.toBe(values[0]);
  });

  it('goes through the published steps of its state', () => {
    // xoshiro128++ from the state 1, 2, 3, 4 begins with 641, 1573767, 3222811527 (reference implementation).
    const random = xoshiro128({ state: [1, 2, 3, 4] });
    const first = random();
    expect(first).toBe(((641 >>> 5) * 67_108_864 + (1_573_767 >>> 6)) / 9_007_199_254_740_992);
  });
});

describe('drawHypergeometric', () => {
  it('draws each number as often as the law says', () => {
    const urn = { total: 30, marked: 12, drawn: 9 };
    const random = xoshiro128(7);
    const counts = new Float64Array(10);
    for (let i = 0; i < 50_000; i++) counts[drawHypergeometric(urn, random)]!++;
    let chi = 0;
    let cells = 0;
    for (let k = 0; k <= 9; k++) {
      const expected = 50_000 * Math.exp(logHypergeometric(k, urn));
      if (expected < 5) continue;
      chi += (counts[k]! - expected) ** 2 / expected;
      cells++;
    }
    // The 99.9 % point of chi-square with 8 degrees of freedom is 26.1.
    expect(cells).toBeGreaterThan(6);
    expect(chi).toBeLessThan(26.1);
    expect(drawHypergeometric({ total: 5, marked: 5, drawn: 3 }, random)).toBe(3);
  });
});

describe('shuffleFront', () => {
  it('chooses every row equally often and loses none', () => {
    const random = xoshiro128(3);
    const counts = new Float64Array(6);
    for (let i = 0; i < 12_000; i++) {
      const values = Float64Array.of(0, 1, 2, 3, 4, 5);
      shuffleFront(values, 2, random);
      for (const v of values.subarray(0, 2)) counts[v]!++;
      expect(values.toSorted()).toEqual(Float64Array.of(0, 1, 2, 3, 4, 5));
    }
    for (const count of counts) expect(Math.abs(count - 4000)).toBeLessThan(220);
  });
});
