import { describe, expect, it } from 'vitest';
import { shuffledRows, shuffleFront } from '../../../src/stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';

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

  it('takes the value at the drawn place among those that are left, and touches no more than it moves', () => {
    const values = Int32Array.of(10, 11, 12, 13, 14);
    const drawn = [0.7, 0.999];
    shuffleFront(values, 2, () => drawn.shift()!);
    // The fourth of five, then the last of four.
    expect([...values]).toEqual([13, 14, 12, 10, 11]);
  });
});

describe('shuffledRows', () => {
  it('has every row once, or so many of them as are wanted', () => {
    const rows = shuffledRows(50, xoshiro128(1));
    expect([...rows].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect([...rows]).not.toEqual([...rows].sort((a, b) => a - b));
    expect(shuffledRows(50, xoshiro128(1), 7)).toEqual(rows.slice(0, 7));
    expect(shuffledRows(3, xoshiro128(1), 7)).toHaveLength(3);
  });
});
