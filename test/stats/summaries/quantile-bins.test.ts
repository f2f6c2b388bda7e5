import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Grid, gridOfSorted } from '../../../src/stats/summaries/point-gap-grid.ts';
import { binEdges, binRanks, quantileBins } from '../../../src/stats/summaries/quantile-bins.ts';

const gridOf = (values: readonly number[]): Grid => gridOfSorted(Float64Array.from(values).sort());
const counting = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('bins of nearly equal mass', () => {
  it('are closed by the smallest value that so many twentieths of the rows do not exceed', () => {
    const bins = quantileBins(gridOf(counting(50)));
    // Of 50 rows a twentieth is two and a half: 3, 5, 8, 10 … do not exceed as many of them.
    const closing = Array.from({ length: 20 }, (_, i) => Math.ceil(2.5 * (i + 1)));
    expect(bins).toEqual({
      method: 'quantile-bins/20@1',
      edges: [1, ...closing],
      counts: closing.map((edge, i) => edge - (closing[i - 1] ?? 0)),
    });
  });

  it('are one for each of up to twenty values, and twenty of more', () => {
    const rows = counting(20).flatMap((v) => Array.from({ length: v }, () => v));
    expect(quantileBins(gridOf(rows))).toMatchObject({ edges: [1, ...counting(20)], counts: counting(20) });
    const more = quantileBins(gridOf([...rows, 21]));
    expect(more?.counts.length).toBeLessThan(20);
    expect(more?.counts.reduce((sum, count) => sum + count, 0)).toBe(211);
  });

  it('have one for a value of many rows, and none twice', () => {
    const bins = quantileBins(gridOf([...Array.from({ length: 60 }, () => 5), ...counting(40).map((v) => 10 + v)]));
    // Of a hundred rows 60 are 5; each fifth of the others closes a bin.
    expect(bins).toMatchObject({
      edges: [5, 5, ...[5, 10, 15, 20, 25, 30, 35, 40].map((v) => 10 + v)],
      counts: [60, 5, 5, 5, 5, 5, 5, 5, 5],
    });
  });

  it('have whole rows where a grid has none, and all of them', () => {
    // Three edges of a grid with gaps: 10 rows, of which 0.4 and 5.6 are before them.
    const gapped: Grid = {
      n: 10,
      error: 1,
      complete: false,
      edges: Float64Array.of(1, 2, 3),
      before: Float64Array.of(0, 1.4, 6.6),
      at: Float64Array.of(0.4, 1, 2),
    };
    expect(quantileBins(gapped)).toEqual({
      method: 'quantile-bins/20@1',
      edges: [1, 2, 3],
      counts: [2, 8],
    });
  });

  it('are none of nothing', () => {
    expect(quantileBins(gridOf([]))).toBeNull();
  });
});

describe('the ranks of the values that close them', () => {
  it.each([50, 40, 19, 1000])('are those of the bins of %i values', (n) => {
    const sorted = counting(n);
    const closing = binRanks(n).map((rank) => sorted[rank]!);
    expect(closing).toHaveLength(19);
    if (n > 20) expect(new Set([1, ...closing, n])).toEqual(new Set(quantileBins(gridOf(sorted))!.edges));
    for (const [i, value] of closing.entries()) {
      // The smallest of which enough are not above.
      expect(value / n).toBeGreaterThanOrEqual((i + 1) / 20 - 1e-12);
      expect((value - 1) / n).toBeLessThan((i + 1) / 20);
    }
  });
});

describe('edges of a sorted sample', () => {
  it('are those of its bins, however many of its values are alike', () => {
    const value = fc.integer({ min: 1, max: 30 }).chain((most) => {
      return fc.array(fc.integer({ min: -most, max: most }), { maxLength: 200, size: 'max' });
    });
    fc.assert(
      fc.property(value, (values) => {
        const sorted = Float64Array.from(values).sort();
        expect(binEdges(sorted)).toEqual(quantileBins(gridOfSorted(sorted))?.edges ?? []);
      }),
    );
  });

  it('are its values where these are twenty, and ranks where they are one more', () => {
    const rows = counting(20).flatMap((v) => Array.from({ length: v === 1 ? 30 : 1 }, () => v));
    expect(binEdges(Float64Array.from(rows))).toEqual([1, ...counting(20)]);
    // Of 50 rows a twentieth is two and a half, and twelve of these are 1.
    const more = binEdges(Float64Array.from([...rows, 21]));
    expect(more).toEqual(quantileBins(gridOf([...rows, 21]))?.edges);
    expect(more.length).toBeLessThan(12);
    expect(binEdges(new Float64Array(0))).toEqual([]);
  });
});
