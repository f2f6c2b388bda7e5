import { describe, expect, it } from 'vitest';
import { chiSquareContingency } from '../../../src/stats/hypothesis-tests/chi-square-contingency.ts';
import type { SliceColumn } from '../../../src/stats/table/slice-columns.ts';
import { SliceCounts } from '../../../src/stats/table/slice-counts.ts';

const target = (bins: number, ...codes: number[]): SliceColumn => {
  return { name: 'x', bins, codes: Uint8Array.from(codes), windowOnly: false, runs: [] };
};

/** Rows 0 to 5 are the reference's, 6 to 9 the window's. */
const TARGETS = [target(3, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1), target(4, 3, 3, 2, 2, 0, 0, 3, 0, 0, 0)];

function counted(...rows: number[]): SliceCounts {
  const counts = SliceCounts.empty(TARGETS);
  for (const row of rows) counts.add(row, row < 6 ? 0 : 1);
  return counts;
}

const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** X² less its mean, over n m / (n + m). */
const excess = (r: number[], w: number[], n: number, m: number) => {
  const filled = r.filter((count, k) => count + w[k]! > 0).length;
  let statistic = 0;
  r.forEach((count, k) => {
    const [p, q] = [count / n, w[k]! / m];
    if (count + w[k]! > 0) statistic += (p - q) ** 2 / ((count + w[k]!) / (n + m));
  });
  return statistic - (filled - 1) * (1 / n + 1 / m);
};

describe('counts of rows by the bins of every target', () => {
  it('drift by what chi-square exceeds its mean', () => {
    const all = counted(...ALL);
    expect([all.n, all.m]).toEqual([6, 4]);
    // The first target hardly differs.
    expect(all.drift(0)).toBe(0);
    expect(all.drift(1)).toBeCloseTo(excess([2, 0, 2, 2], [3, 0, 0, 1], 6, 4), 12);
    expect(all.drift(1)).toBeGreaterThan(0);
    const three = chiSquareContingency([2, 2, 2], [3, 0, 1])!;
    expect(all.drift(1) / (1 / 6 + 1 / 4)).toBeCloseTo(three.statistic - three.df, 12);
  });

  it('sum what the rows of a side pull, of so much a bin', () => {
    const all = counted(...ALL);
    const pulls = Float64Array.of(1, 10, 100, 1000);
    // Of the second target: 2, 0, 2 and 2 rows of the reference, 3, 0, 0 and 1 of the window; of the first 3 and 3, 1 and 3.
    expect([all.pulled(1, 0, pulls), all.pulled(1, 1, pulls)]).toEqual([2202, 1003]);
    const first = pulls.subarray(0, 3);
    expect([all.pulled(0, 0, first), all.pulled(0, 1, first)]).toEqual([33, 31]);
  });

  it('know the bins that have rows, and how the drift grows with the rows of each', () => {
    const all = counted(...ALL);
    expect([all.filled(0), all.filled(1)]).toEqual([2, 3]);
    expect(counted(4, 5).filled(1)).toBe(1);
    // Of the second target: 2, 0, 2 and 2 of the six rows of the reference, 3, 0, 0 and 1 of the four of the window.
    const [p, q] = [
      [2 / 6, 0, 2 / 6, 2 / 6],
      [3 / 4, 0, 0, 1 / 4],
    ];
    const distance = (a: number, b: number): number => (a - b) ** 2 / ((6 * a + 4 * b) / 10);
    const step = 1e-6;
    const [ofReference, ofWindow] = all.pulls(1);
    for (const bin of [0, 2, 3]) {
      const [a, b] = [p![bin]!, q![bin]!];
      expect(ofReference[bin]).toBeCloseTo((distance(a + step, b) - distance(a - step, b)) / (2 * step), 6);
      const after = b === 0 ? distance(a, step) - distance(a, 0) : (distance(a, b + step) - distance(a, b - step)) / 2;
      expect(ofWindow[bin]).toBeCloseTo(after / step, 4);
    }
    // A bin of the first has as many rows of both, which are other shares of them.
    const [alike] = all.pulls(0);
    expect(alike[1]).toBeCloseTo((distance(1 / 2 + step, 3 / 4) - distance(1 / 2 - step, 3 / 4)) / (2 * step), 6);
    expect([ofReference[1], ofWindow[1], ofReference.length, ofWindow.length]).toEqual([0, -0, 4, 4]);
  });

  it('drift only beyond so many standard deviations of that', () => {
    const all = counted(...ALL);
    const deviations = all.drift(1) / (1 / 6 + 1 / 4) / Math.sqrt(2 * 2);
    expect(all.drift(1, deviations * 1.001)).toBe(0);
    expect(all.drift(1, deviations * 0.999)).toBe(all.drift(1));
  });

  it('do not drift where a side is empty, or nothing differs', () => {
    for (const rows of [[0, 1, 3], [6, 9], []]) expect(counted(...rows).drift(1)).toBe(0);
    expect(counted(0, 1, 6).drift(1)).toBe(0);
  });

  it('are added and taken away, side by side', () => {
    const [a, b] = [counted(0, 1, 2, 6, 7), counted(3, 4, 5, 8, 9)];
    const sum = SliceCounts.sumOf([a, b]);
    expect([sum.n, sum.m, sum.drift(0), sum.drift(1)]).toEqual([6, 4, ...[0, 1].map((t) => counted(...ALL).drift(t))]);
    const rest = sum.without(b);
    expect([rest.n, rest.m, rest.drift(0), rest.drift(1)]).toEqual([3, 2, a.drift(0), a.drift(1)]);
    expect(SliceCounts.sumOf([a])).toBe(a);
    expect(() => SliceCounts.sumOf([])).toThrow('no counts to sum');
  });
});
