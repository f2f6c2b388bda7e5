import { describe, expect, it } from 'vitest';
import { sketchedQuantiles } from '../../../src/stats/compat/quantile-sketch.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';

const counting = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('the quantiles of a sketch', () => {
  it('are exact, with the rows that are not above them, of few different values', () => {
    const { values, counts } = sketchedQuantiles(Float64Array.of(7, 1, 3, 3, 9, 3), 6);
    expect([...values]).toEqual([1, 3, 3, 3, 7, 9, 9]);
    expect([...counts]).toEqual([1, 4, 4, 4, 5, 6, 6]);
    // Of rank 2.5 the value with rows 2 to 3 is as near as the next one, which is taken.
    expect([...sketchedQuantiles(Float64Array.of(1, 2, 3, 4, 5), 2).values]).toEqual([1, 3, 5]);
    expect([...sketchedQuantiles(Float64Array.of(1, 2, 3, 4), 2).values]).toEqual([1, 3, 4]);
    expect([...sketchedQuantiles(Float64Array.of(5), 3).counts]).toEqual([1, 1, 1, 1]);
  });

  it('do not depend on the order of the rows, nor on blocks, while all different values have a place', () => {
    const rows = counting(40_000).map((i) => (i * 7919) % 5_000);
    const { values, counts } = sketchedQuantiles(Float64Array.from(rows), 10);
    expect([...values]).toEqual(counting(11).map((k) => Math.min(4_999, k * 500)));
    expect([...counts]).toEqual([...values].map((value) => 8 * (value + 1)));
  });

  it('are within the error of the sketch of many, ends exact', () => {
    const random = xoshiro128(6);
    for (const n of [5_701, 5_702, 11_402, 11_403, 60_000]) {
      const rows = Float64Array.from({ length: n }, () => random());
      const sorted = rows.slice().sort();
      const { values, counts } = sketchedQuantiles(rows, 200);
      expect([values[0], values[200]]).toEqual([sorted[0], sorted[n - 1]]);
      expect(counts[200]).toBe(n);
      const most = n === 5_701 ? 1 : 0.01 * n;
      for (const [k, value] of values.entries()) {
        const rank = sorted.findIndex((v) => v >= value);
        expect(Math.abs(rank - (k * n) / 200), `${n} ${k}`).toBeLessThanOrEqual(most);
        expect(Math.abs(counts[k]! - rank), `${n} ${k}`).toBeLessThanOrEqual(most);
      }
    }
  });
});
