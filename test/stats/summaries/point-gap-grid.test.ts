import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  edgeAtRank,
  type Grid,
  gapAfter,
  gridOfSorted,
  keptRanks,
  largestGap,
  listsAllValues,
  readGrid,
  storeGrid,
  thin,
} from '../../../src/stats/summaries/point-gap-grid.ts';

const gridOf = (values: readonly number[]): Grid => gridOfSorted(Float64Array.from(values).sort());
const counting = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** 2 at 10, 3 between, 1 at 20, none between, 4 at 30. */
const GAPPED: Grid = {
  n: 10,
  error: 0,
  complete: false,
  edges: Float64Array.of(10, 20, 30),
  before: Float64Array.of(0, 5, 6),
  at: Float64Array.of(2, 1, 4),
};

describe('the grid of a sorted sample', () => {
  it('has each value once, the rows before it and those that have it', () => {
    expect(gridOf([3, 1, 3, 7, 1, 3])).toEqual({
      n: 6,
      error: 0,
      complete: true,
      edges: Float64Array.of(1, 3, 7),
      before: Float64Array.of(0, 2, 5),
      at: Float64Array.of(2, 3, 1),
    });
    expect(gridOf([])).toMatchObject({ n: 0, edges: new Float64Array(0) });
  });
});

describe('what lies between edges', () => {
  it('are the rows that neither has', () => {
    expect([gapAfter(GAPPED, 0), gapAfter(GAPPED, 1)]).toEqual([3, 0]);
    expect(largestGap(GAPPED)).toBe(3);
    // Rounding leaves no fewer than none, and a grid of all values has no gap.
    expect(gapAfter({ ...GAPPED, at: Float64Array.of(6, 1, 4) }, 0)).toBe(0);
    expect(largestGap({ ...GAPPED, complete: true })).toBe(0);
    expect(largestGap({ ...GAPPED, before: Float64Array.of(0, 2, 6) })).toBe(3);
  });
});

describe('the edge at a rank', () => {
  it('is the last that no more rows are below', () => {
    expect([0, 1, 4.9, 5, 5.5, 6, 9].map((rank) => edgeAtRank(GAPPED, rank))).toEqual([0, 0, 0, 1, 1, 2, 2]);
    expect(edgeAtRank(gridOf([4]), 0)).toBe(0);
  });
});

describe('the ranks that are kept', () => {
  it('are even steps from end to end, and towards both ends where there are many', () => {
    expect([...keptRanks(101, 11)]).toEqual(counting(11).map((i) => 10 * i));
    expect(keptRanks(1e6, 287)).toHaveLength(287);
    const even = keptRanks(1e6, 287);
    expect(even[1]! - even[0]!).toBeCloseTo(even[143]! - even[142]!, 3);
    const many = keptRanks(1e6, 288);
    expect(many).toHaveLength(288);
    const steps = 288 - 2 * 36 - 1;
    // Every second rank towards an end is half as far from it.
    for (let k = 1; k <= 36; k++) {
      const far = (1e6 / steps) * 2 ** (-k / 2);
      expect(many.some((rank) => Math.abs(rank - far) < 1e-6)).toBe(true);
      expect(many.some((rank) => Math.abs(rank - (1e6 - 1 - far)) < 1e-6)).toBe(true);
    }
    for (let i = 0; i <= steps; i++) {
      expect(many.some((rank) => Math.abs(rank - (i * (1e6 - 1)) / steps) < 1e-6)).toBe(true);
    }
    expect([...many]).toEqual([...many].sort((a, b) => a - b));
  });
});

describe('a thinned grid', () => {
  it('keeps the edges at those ranks and both ends, and what is known there', () => {
    const whole = gridOf(counting(100).flatMap((v) => (v === 50 ? [50, 50, 50] : [v])));
    const thinned = thin(whole, 12);
    expect(thinned).toMatchObject({ n: 102, error: 0, complete: false });
    const kept = counting(12).map((i) => whole.edges[edgeAtRank(whole, (i * 101) / 11)]!);
    expect([...thinned.edges]).toEqual([...new Set(kept)]);
    for (const [k, edge] of thinned.edges.entries()) {
      const i = whole.edges.indexOf(edge);
      expect([thinned.before[k], thinned.at[k]]).toEqual([whole.before[i], whole.at[i]]);
    }
    expect([thinned.edges[0], thinned.edges[thinned.edges.length - 1]]).toEqual([0, 99]);
    expect(thin({ ...whole, error: 2.5 }, 12).error).toBe(2.5);
    expect([...thin(gridOf(counting(101)), 11).edges]).toEqual(counting(11).map((i) => 10 * i));
    // A value of many rows is at many of the ranks, and kept once.
    const heavy = gridOf([...counting(30), ...counting(90).map(() => 15)]);
    expect([...thin(heavy, 12).edges]).toEqual([0, 10, 15, 18, 29]);
  });

  it('is itself where it is small enough, and ends with its last edge whatever rows that has', () => {
    const grid = gridOf(counting(12));
    expect(thin(grid, 12)).toBe(grid);
    expect(thin(grid, 11).edges.length).toBe(11);
    // What is known of the last edge begins after the last rank.
    const late: Grid = { ...grid, before: Float64Array.from(grid.before, (n, i) => (i === 11 ? 11.5 : n)) };
    const edges = thin(late, 11).edges;
    expect([edges[0], edges[edges.length - 1]]).toEqual([0, 11]);
  });
});

describe('a grid as it is stored', () => {
  it('has whole rows at its edges and between them, none outside, and is what was stored', () => {
    const stored = storeGrid(GAPPED);
    expect(stored).toEqual({
      method: 'point-gap-grid/1024@1',
      rankError: 0,
      n: 10,
      edges: [10, 20, 30],
      at: [2, 1, 4],
      between: [3, 0],
      under: 0,
      over: 0,
    });
    expect(listsAllValues(stored!)).toBe(false);
    expect(readGrid(stored)).toEqual(GAPPED);
    expect(readGrid(storeGrid({ ...GAPPED, error: 0.5 }))).toEqual({ ...GAPPED, error: 0.5 });
  });

  it('lists all values where nothing is between and nothing unsure', () => {
    const sure = storeGrid(gridOf([1, 1, 5]))!;
    expect(listsAllValues(sure)).toBe(true);
    expect(readGrid(sure)).toEqual(gridOf([1, 1, 5]));
    expect(listsAllValues({ ...sure, rankError: 0.1 })).toBe(false);
    expect(readGrid({ ...sure, rankError: 0.5 })).toMatchObject({ complete: false, error: 1.5 });
  });

  it('rounds sums of rows, not rows, so that none is lost', () => {
    const parts = fc.array(fc.double({ min: 0.01, max: 3, noNaN: true }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(parts, (rows) => {
        const edges = Float64Array.from(rows.keys());
        const before = new Float64Array(rows.length);
        for (let i = 1; i < rows.length; i++) before[i] = before[i - 1]! + rows[i - 1]! / 2 + rows[i - 1]!;
        const at = Float64Array.from(rows, (n) => n / 2);
        const n = Math.max(1, Math.round(before.at(-1)! + at.at(-1)!));
        const stored = storeGrid({ n, error: 0, complete: false, edges, before, at })!;
        let seen = 0;
        for (const i of rows.keys()) {
          expect(Number.isInteger(stored.at[i]) && stored.at[i]! >= 0).toBe(true);
          expect(Math.abs(seen - before[i]!)).toBeLessThanOrEqual(0.5 + 1e-9);
          seen += stored.at[i]!;
          expect(Math.abs(seen - before[i]! - at[i]!)).toBeLessThanOrEqual(0.5 + 1e-9);
          seen += stored.between[i] ?? 0;
        }
      }),
    );
  });

  it('has at most 1,024 edges, an error of at most all ranks, and is none of nothing', () => {
    const stored = storeGrid(gridOf(counting(5000)))!;
    expect(stored.edges.length).toBeLessThanOrEqual(1024);
    const rows = [...stored.at, ...stored.between].reduce((sum, count) => sum + count, 0);
    expect(rows).toBe(5000);
    expect(storeGrid({ ...GAPPED, error: 25 })?.rankError).toBe(1);
    expect(storeGrid(gridOf([]))).toBeNull();
    expect(readGrid(null)).toEqual(gridOf([]));
  });
});
