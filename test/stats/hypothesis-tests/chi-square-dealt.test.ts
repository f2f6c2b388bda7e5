import { describe, expect, it } from 'vitest';
import { chiSquareContingency } from '../../../src/stats/hypothesis-tests/chi-square-contingency.ts';
import { dealtChiSquare } from '../../../src/stats/hypothesis-tests/chi-square-dealt.ts';
import { shuffleFront } from '../../../src/stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';

/** The first `n` of the dealt rows against the others, by cell. */
function dealt(rows: Int32Array, n: number, cells: number): [number[], number[]] {
  const [x, y] = [Array.from({ length: cells }, () => 0), Array.from({ length: cells }, () => 0)];
  rows.forEach((cell, i) => {
    (i < n ? x : y)[cell]!++;
  });
  return [x, y];
}

describe('dealtChiSquare', () => {
  it('has the mean and variance of all ways of dealing a small table', () => {
    const rows = [0, 0, 0, 1, 1, 2, 3, 3];
    const statistics: number[] = [];
    let found: ReturnType<typeof dealtChiSquare> = null;
    for (let mask = 0; mask < 256; mask++) {
      const chosen = rows.filter((_, i) => (mask >> i) & 1);
      if (chosen.length !== 3) continue;
      const [x, y] = dealt(Int32Array.from([...chosen, ...rows.filter((_, i) => !((mask >> i) & 1))]), 3, 4);
      found = dealtChiSquare(x, y);
      statistics.push(found!.statistic);
    }
    expect(statistics).toHaveLength(56);
    const mean = statistics.reduce((a, b) => a + b, 0) / 56;
    expect(found?.mean).toBeCloseTo(mean, 12);
    expect(found?.variance).toBeCloseTo(statistics.reduce((sum, s) => sum + (s - mean) ** 2, 0) / 56, 12);
  });

  it('is the usual test where the cells are well filled', () => {
    const [x, y] = [
      [410, 320, 270],
      [380, 350, 290],
    ];
    const usual = chiSquareContingency(x, y)!;
    const test = dealtChiSquare(x, y)!;
    expect(test.statistic).toBeCloseTo(usual.statistic, 10);
    expect(Math.abs(test.p / usual.p - 1)).toBeLessThan(0.01);
  });

  it('keeps its level on 200 thin cells, where the usual law does not', () => {
    const random = xoshiro128(11);
    const rows = Int32Array.from({ length: 300 }, () => Math.floor(200 * random() ** 2));
    const shares = { usual: 0, test: 0 };
    const trials = 2000;
    for (let t = 0; t < trials; t++) {
      shuffleFront(rows, rows.length, random);
      const [x, y] = dealt(rows, 100, 200);
      if (dealtChiSquare(x, y)!.p < 0.05) shares.test += 1 / trials;
      if (chiSquareContingency(x, y)!.p < 0.05) shares.usual += 1 / trials;
    }
    expect(Math.abs(shares.test - 0.05)).toBeLessThan(0.015);
    expect(shares.usual).toBeLessThan(0.03);
  });

  it('is not made where nothing can differ', () => {
    expect(dealtChiSquare([], [])).toBeNull();
    expect(dealtChiSquare([3], [4])).toBeNull();
    expect(dealtChiSquare([1, 2], [0, 0])).toBeNull();
    expect(dealtChiSquare([10, 20], [0, 0])).toBeNull();
    expect(dealtChiSquare([0, 0], [10, 20])).toBeNull();
    expect(dealtChiSquare([30], [19])).toBeNull();
    for (const table of [
      [[1], [1]],
      [
        [1, 0],
        [0, 1],
      ],
      [
        [1, 1],
        [1, 0],
      ],
      [
        [2, 0],
        [0, 1],
      ],
      [
        [1, 1, 0],
        [0, 0, 1],
      ],
    ] as const) {
      expect(dealtChiSquare(table[0], table[1])).toBeNull();
    }
    const once = Array.from({ length: 1000 }, (_, i) => i % 2);
    expect(
      dealtChiSquare(
        once,
        once.map((count) => 1 - count),
      ),
    ).toBeNull();
    // Of 4 rows, three of one value: each of four dealings gives 4 / 3.
    expect(dealtChiSquare([2, 0], [1, 1])).toBeNull();
    // Two and two: 4 in two dealings of six, else 0.
    expect(dealtChiSquare([1, 1], [1, 1])).toMatchObject({
      mean: expect.closeTo(4 / 3, 12),
      variance: expect.closeTo(32 / 9, 12),
    });
    expect(dealtChiSquare([1, 1, 0, 0], [0, 0, 1, 1])).toBeNull();
  });
});
