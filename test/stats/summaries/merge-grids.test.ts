import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { mergeGrids, mergeStoredGrids } from '../../../src/stats/summaries/merge-grids.ts';
import {
  edgeAtRank,
  type Grid,
  gridOfSorted,
  keptRanks,
  readGrid,
  storeGrid,
  thin,
} from '../../../src/stats/summaries/point-gap-grid.ts';

/** Values of one part: whole numbers below `distinct`, so that parts share some. */
function drawPart(rows: number, distinct: number, seed: number): Float64Array {
  const random = xoshiro128(seed);
  return Float64Array.from({ length: rows }, () => Math.floor(random() * distinct) - distinct / 4);
}

const gridOf = (values: Float64Array): Grid => gridOfSorted(values.slice().sort());

function drawParts(rows: number, distinct: number): { readonly parts: Float64Array[]; readonly all: Grid } {
  const parts = [1, 2, 3, 4, 5].map((seed) => drawPart(rows + seed, distinct, seed));
  return { parts, all: gridOf(Float64Array.from(parts.flatMap((part) => [...part]))) };
}

/** Rows of one grid before a value and at it, and by how many rows that may be wrong. */
function readAt({ n, error, edges, before, at }: Grid, value: number) {
  const next = edges.findIndex((edge) => edge >= value);
  if (next === -1) return { before: n, at: 0, error };
  if (edges[next] === value) return { before: before[next]!, at: at[next]!, error };
  if (next === 0) return { before: 0, at: 0, error };
  const gap = before[next]! - before[next - 1]! - at[next - 1]!;
  const share = (value - edges[next - 1]!) / (edges[next]! - edges[next - 1]!);
  return {
    before: before[next - 1]! + at[next - 1]! + share * gap,
    at: 0,
    error: error + gap * Math.max(share, 1 - share),
  };
}

/** Nearly all different, some rows a value, many rows a value, and one value. */
const KINDS = [
  [700, 100_000],
  [700, 300],
  [2000, 5],
  [50, 1],
] as const;

describe('mergeGrids', () => {
  it.each(KINDS)('counts what parts without gaps hold: %i rows of %i values each', (rows, distinct) => {
    const { parts, all } = drawParts(rows, distinct);
    expect(mergeGrids(parts.map(gridOf))).toEqual(all);
    // Merging does not write over what it made before.
    const [first, second] = [mergeGrids(parts.slice(0, 2).map(gridOf)), mergeGrids(parts.slice(2).map(gridOf))];
    expect(mergeGrids([first, second])).toEqual(all);
  });

  it('counts what parts of many rows a value hold, wherever each begins and ends', () => {
    const part = (from: number, to: number, rows: number): Float64Array =>
      Float64Array.from({ length: rows * (to - from) }, (_, i) => from + Math.floor(i / rows));
    const shapes = [
      [part(0, 5, 40), part(3, 9, 30)],
      [part(3, 9, 30), part(0, 5, 40)],
      [part(0, 9, 20), part(3, 5, 50)],
      [part(3, 5, 50), part(0, 9, 20)],
      [part(0, 3, 50), part(6, 9, 50)],
      [part(6, 9, 50), part(0, 3, 50), part(2, 7, 9)],
      [part(0, 3, 50), new Float64Array(0), part(1, 4, 50)],
      [part(4, 5, 90)],
    ];
    for (const parts of shapes) {
      const before = structuredClone(parts.map(gridOf));
      const grids = parts.map(gridOf);
      expect(mergeGrids(grids)).toEqual(gridOf(Float64Array.from(parts.flatMap((values) => [...values]))));
      expect(grids).toEqual(before);
    }
    // What is merged is the merge's own.
    const one = gridOf(part(4, 5, 90));
    const own = mergeGrids([one]);
    own.edges[0] = own.at[0] = 7;
    expect(one).toEqual(gridOf(part(4, 5, 90)));
  });

  it('splits the rows of gaps in proportion, and says by how many rows that may be wrong', () => {
    const gapped: Grid = { ...gridOf(Float64Array.of(0, 10)), n: 12, complete: false };
    gapped.before[1] = 11;
    const merged = mergeGrids([gapped, gridOf(Float64Array.of(4))]);
    expect([...merged.edges]).toEqual([0, 4, 10]);
    expect([...merged.before]).toEqual([0, 1 + 0.4 * 10, 12]);
    expect(merged).toMatchObject({ n: 13, error: 6, complete: false });
  });

  it('has at every edge what each part has there, or what its gap has in proportion', () => {
    const [a, b, c] = [1, 2, 3].map((seed) => thin(gridOf(drawPart(900 * seed, 1e9, seed)), 40 + seed));
    const few = gridOf(drawPart(60, 1e9, 4));
    const unsure = { ...b!, error: 2.5 };
    for (const parts of [
      [a!, unsure],
      [c!, few, unsure],
      [few, c!],
      [a!, a!],
    ]) {
      const merged = mergeGrids(parts);
      const edges = [...new Set(parts.flatMap((grid) => [...grid.edges]))].sort((x, y) => x - y);
      expect([...merged.edges]).toEqual(edges);
      let worst = 0;
      for (const [k, edge] of edges.entries()) {
        const read = parts.map((grid) => readAt(grid, edge));
        const sum = (of: (one: ReturnType<typeof readAt>) => number) => read.reduce((all, one) => all + of(one), 0);
        expect(merged.before[k]).toBeCloseTo(
          sum(({ before }) => before),
          9,
        );
        expect(merged.at[k]).toBe(sum(({ at }) => at));
        worst = Math.max(
          worst,
          sum(({ error }) => error),
        );
      }
      expect(merged.error).toBeCloseTo(worst, 9);
      expect(merged).toMatchObject({ complete: false, n: parts.reduce((all, { n }) => all + n, 0) });
      expect([merged.before.length, merged.at.length]).toEqual([edges.length, edges.length]);
    }
  });

  it('merges nothing to nothing', () => {
    expect(mergeGrids([])).toEqual(gridOf(new Float64Array(0)));
  });
});

describe('mergeStoredGrids', () => {
  it.each(KINDS)('is the merge of the grids that were stored: %i rows of %i values each', (rows, distinct) => {
    const { parts, all } = drawParts(rows, distinct);
    expect(mergeStoredGrids([...parts.map((part) => storeGrid(gridOf(part))), null])).toEqual(all);
  });

  it('takes thinned grids as the grids that they are', () => {
    const thinned = [1, 2].map((seed) => storeGrid(thin(gridOf(drawPart(5000, 1e9, seed)), 64)));
    const merged = mergeStoredGrids(thinned);
    expect(merged.complete).toBe(false);
    expect(merged.n).toBe(10_000);
    expect(merged.error).toBeGreaterThan(0);
    // One that lists all its values among others that do not.
    const mixed = [storeGrid(gridOf(drawPart(300, 1e9, 3))), storeGrid(thin(gridOf(drawPart(200, 1e9, 4)), 128))];
    for (const stored of [mixed, mixed.toReversed()]) {
      expect(mergeStoredGrids(stored)).toEqual(mergeGrids(stored.map(readGrid)));
      expect(mergeStoredGrids(stored)).toMatchObject({ n: 500, complete: false });
    }
  });
});

describe('thin', () => {
  it.each([300, 2048])('keeps the edges at %i ranks', (limit) => {
    const grid = gridOf(drawPart(6000, 1e9, 7));
    const wanted = new Set([...keptRanks(grid.n, limit)].map((rank) => grid.edges[edgeAtRank(grid, rank)]!));
    expect([...thin(grid, limit).edges]).toEqual([...wanted]);
    expect(thin(grid, grid.edges.length)).toBe(grid);
  });
});
