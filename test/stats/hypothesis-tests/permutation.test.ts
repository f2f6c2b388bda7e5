import { describe, expect, it } from 'vitest';
import { permutationTest } from '../../../src/stats/hypothesis-tests/permutation.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
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

  it('counts the deals that reach the statistic but for rounding, and has their mean and 95 % point', () => {
    // The observed value, then one for each of twenty deals, in no order.
    const deals = [3, 1, 20, 7, 16, 11, 2, 19, 5, 14, 9, 8, 18, 4, 12, 6, 17, 10, 15, 13];
    const run = (observed: number, values: readonly number[]) => {
      const given = [observed, ...values];
      return permutationTest({ x: Float64Array.of(1, 2), y: Float64Array.of(3) }, () => given.shift()!, {
        permutations: values.length,
        random: xoshiro128(1),
      });
    };
    expect(run(18, deals)).toEqual({ statistic: 18, p: 4 / 21, permutations: 20, nullMean: 10.5, null95: 19 });
    const near = [1e-3, 1e-3 - 1e-16, 1e-3 - 1e-12, 1e-3 + 1e-12];
    expect(run(1e-3, near).p).toBe(4 / 5);
    expect(run(1e3, [1e3 - 1e-10, 1e3 - 1e-8]).p).toBe(2 / 3);
    expect(run(-5, [-5, -6]).p).toBe(2 / 3);
  });
});
