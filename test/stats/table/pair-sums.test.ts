import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { changedPairs, pairSums, pairsOf, withoutPairs } from '../../../src/stats/table/pair-sums.ts';
import { correlate, type Ranked, rank } from '../../../src/stats/table/rank-correlation.ts';
import { usualLargest } from '../../../src/stats/table/slice-sums.ts';
import { numbers } from '../columns.ts';

/** Columns that go together more and less, the last of them with gaps. */
function ranked(rows: number, seed: number, follow: readonly number[]): Ranked[] {
  const random = xoshiro128(seed);
  const first = Array.from({ length: rows }, () => normalDeviate(random));
  const columns = follow.map((r) => first.map((x) => r * x + Math.sqrt(1 - r * r) * normalDeviate(random)));
  const gaps = first.map((_, i) => (i % 4 === 0 ? null : normalDeviate(random)));
  return [first, ...columns, gaps].map((column) => rank(numbers(column), 1));
}

const ranksOf = (columns: readonly Ranked[]): Float64Array[] => columns.map(({ ranks }) => ranks);
const sumsOf = (columns: readonly Ranked[]) => pairSums(ranksOf(columns), null);

/** Bonett and Wright's squared error, no smaller than at a correlation of 0.9. */
function squaredError(r: number, n: number): number {
  const square = Math.min(r ** 2, 0.81);
  return ((1 - square) ** 2 * (1 + square / 2)) / (n - 1);
}

/** Of each column the change of each of its pairs, in errors. */
function changesOf(before: readonly Ranked[], after: readonly Ranked[]) {
  return before.map((_, i) =>
    before.flatMap((__, k) => {
      if (k === i) return [];
      const [x, y] = [correlate(before[i]!, before[k]!), correlate(after[i]!, after[k]!)];
      if (x === null || y === null) return [];
      const t = Math.abs(y.r - x.r) / Math.sqrt(squaredError(x.r, x.n) + squaredError(y.r, y.n));
      return [{ other: k, t, before: x, after: y }];
    }),
  );
}

const near = ({ r, n }: { readonly r: number; readonly n: number }) => ({ r: expect.closeTo(r, 10), n });

describe('sums of pairs of columns', () => {
  it('are rows, both ranks, their squares and their product, of each pair after the other', () => {
    const [a, b, c] = [Float64Array.of(1, 2, 3, 4), Float64Array.of(5, Number.NaN, 7, 8), Float64Array.of(9, 1, 2, 3)];
    expect([...pairSums([a, b, c], null)]).toEqual([
      ...[3, 1 + 3 + 4, 5 + 7 + 8, 1 + 9 + 16, 25 + 49 + 64, 5 + 21 + 32],
      ...[4, 10, 15, 30, 81 + 1 + 4 + 9, 9 + 2 + 6 + 12],
      ...[3, 20, 14, 138, 81 + 4 + 9, 45 + 14 + 24],
    ]);
    expect([...pairSums([a, b, c], [3, 1])]).toEqual([
      ...[1, 4, 8, 16, 64, 32],
      ...[2, 6, 4, 20, 10, 14],
      ...[1, 8, 3, 64, 9, 24],
    ]);
    expect([1, 2, 5].map(pairsOf)).toEqual([0, 1, 10]);
    expect([...withoutPairs(Float64Array.of(5, 3), Float64Array.of(1, 3))]).toEqual([4, 0]);
  });
});

describe('the pair of a column that changed most', () => {
  it('has the largest change in its error, told in what the largest of its pairs rarely exceeds', () => {
    const [before, after] = [ranked(300, 1, [0.2, 0.97, -0.5]), ranked(120, 2, [0.6, 0.99, 0.1])];
    const changes = changesOf(before, after);
    const found = changedPairs(sumsOf(before), sumsOf(after), before.length);
    expect(found).toHaveLength(5);
    for (const [i, one] of found.entries()) {
      const most = changes[i]!.reduce((a, b) => (b.t > a.t ? b : a));
      expect(one).toEqual({
        column: i,
        other: most.other,
        before: near(most.before),
        after: near(most.after),
        ratio: expect.closeTo(most.t / usualLargest(4), 9),
      });
    }
  });

  it('is looked for among the pairs that both tables have', () => {
    const constant = (rows: number): Ranked => rank(numbers(Array.from({ length: rows }, () => 7)), 1);
    const [[a, b, c], [u, v, w]] = [ranked(200, 3, [0.1]), ranked(90, 4, [0.7])];
    const [before, after] = [
      [a!, constant(200), b!, c!],
      [u!, v!, v!, w!],
    ];
    const found = changedPairs(sumsOf(before), sumsOf(after), 4);
    expect(found.map(({ column, other }) => [column, other])).toEqual([
      [0, 2],
      [2, 0],
      [3, expect.any(Number)],
    ]);
    const [[first]] = changesOf(before, after) as [ReturnType<typeof changesOf>[number], ...unknown[]];
    expect(found[0]?.ratio).toBeCloseTo(first!.t / usualLargest(2), 9);
    // One that is constant in the window alone has no pair either.
    expect(changedPairs(sumsOf(after), sumsOf(before), 4)).toHaveLength(3);
    expect(changedPairs(sumsOf([a!, constant(200)]), sumsOf([u!, v!]), 2)).toEqual([]);
  });

  it('is none of a column that is constant but for what sums without others leave', () => {
    const rows = 4000;
    const random = xoshiro128(6);
    const values = Array.from({ length: rows }, () => normalDeviate(random));
    // The last tenth has one value, at a rank that no double holds exactly.
    const partly = values.map((v, i) => (i < rows - 400 ? v : 0.3));
    const columns = [values, partly].map((column) => rank(numbers(column), 1).ranks);
    const first = Int32Array.from({ length: rows - 400 }, (_, i) => i);
    const [all, some] = [pairSums(columns, null), pairSums(columns, first)];
    expect(changedPairs(some, withoutPairs(all, some), 2)).toEqual([]);
  });

  it('is the first of those that changed alike', () => {
    const same = ranked(100, 5, [0.4, 0.2]);
    const found = changedPairs(sumsOf(same), sumsOf(same), 4);
    expect(found.map(({ column, other, ratio }) => [column, other, ratio])).toEqual([
      [0, 1, 0],
      [1, 0, 0],
      [2, 0, 0],
      [3, 0, 0],
    ]);
  });
});
