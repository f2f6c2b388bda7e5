import { describe, expect, it } from 'vitest';
import { type Grid, gridOfSorted, keptRanks, STORED_EDGES } from '../../../src/stats/summaries/point-gap-grid.ts';
import { binRanks } from '../../../src/stats/summaries/quantile-bins.ts';
import { describedRanks, describeQuantiles } from '../../../src/stats/summaries/quantiles.ts';

const PLACES = [0, 0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 1];

const gridOf = (...values: number[]): Grid => gridOfSorted(Float64Array.from(values).sort());

describe('the quantiles of a grid', () => {
  it('are linear between neighbours in the order, at stored places', () => {
    const found = describeQuantiles(gridOf(1, 2, 4, 10, 20));
    expect(found).toMatchObject({ method: 'quantiles/linear@1', rankError: 0 });
    const at = (p: number): number => {
      const sorted = [1, 2, 4, 10, 20];
      const floor = Math.floor(4 * p);
      const [low, high] = [sorted[floor]!, sorted[Math.min(4, floor + 1)]!];
      return low + (4 * p - floor) * (high - low);
    };
    expect(found?.values).toEqual(PLACES.map((p) => ({ p, value: expect.closeTo(at(p), 12) })));
  });

  it('are to the last bit those of NumPy, which interpolates from the nearer end', () => {
    // By `numpy.quantile` of 0.1 and 1.3.
    const value = (p: number) => describeQuantiles(gridOf(0.1, 1.3))?.values.find((one) => one.p === p)?.value;
    expect([0.25, 0.5, 0.75].map(value)).toEqual([0.4, 0.7000000000000001, 1]);
    const other = describeQuantiles(gridOf(0.1, 0.9))?.values.filter(({ p }) => p > 0.001 && p < 0.999);
    expect(other?.map((one) => one.value)).toEqual([
      0.10800000000000001, 0.14, 0.30000000000000004, 0.5, 0.7, 0.86, 0.892,
    ]);
  });

  it('are of values that are further apart than the largest double too', () => {
    const values = describeQuantiles(gridOf(-1.5e308, 1.5e308))?.values;
    expect(values?.find(({ p }) => p === 0.5)?.value).toBe(0);
    expect(values?.find(({ p }) => p === 0.25)?.value).toBeCloseTo(-0.75e308, -296);
    expect(values?.every(({ value }) => Number.isFinite(value))).toBe(true);
  });

  it('take the rows of a gap as evenly spread, and say by how many ranks they may be wrong', () => {
    // 100, then four rows before 110, which has two, then none before 120.
    const gapped: Grid = {
      n: 8,
      error: 0.5,
      complete: false,
      edges: Float64Array.of(100, 110, 120),
      before: Float64Array.of(0, 5, 7),
      at: Float64Array.of(1, 2, 1),
    };
    const found = describeQuantiles(gapped);
    expect(found?.rankError).toBe((0.5 + 4) / 8);
    // The rows are taken for 100, 102, 104, 106, 108, 110, 110 and 120.
    const value = (p: number) => found!.values.find((one) => one.p === p)!.value - 100;
    expect(value(0)).toBe(0);
    expect(value(0.25)).toBeCloseTo(2 * 1.75, 12);
    expect(value(0.5)).toBeCloseTo(2 * 3.5, 12);
    expect(value(0.75)).toBeCloseTo(10, 12);
    expect(value(0.95)).toBeCloseTo(10 + 0.65 * 10, 12);
    expect(value(1)).toBe(20);
    expect(describeQuantiles(gapped, true)?.rankError).toBe(0.5 / 8);
    expect(describeQuantiles({ ...gapped, error: 7 })?.rankError).toBe(1);
  });

  it('end at the last edge where the rows before it are too few', () => {
    const short: Grid = { ...gridOf(3, 4, 4), n: 10, error: 5, complete: false };
    expect(describeQuantiles(short)?.values.at(-1)).toEqual({ p: 1, value: 4 });
  });

  it('are none of nothing', () => {
    expect(describeQuantiles(gridOf())).toBeNull();
  });
});

describe('the ranks that a stored profile reads', () => {
  it.each([1, 7, 2000])('are those of its grid, its quantiles and its bins: of %i values', (n) => {
    const ranks = describedRanks(n);
    expect([...ranks]).toEqual([...ranks].sort((a, b) => a - b));
    const neighbours = PLACES.flatMap((p) => [Math.floor(p * (n - 1)), Math.min(n - 1, Math.floor(p * (n - 1)) + 1)]);
    const wanted = [...keptRanks(n, STORED_EDGES), ...neighbours, ...binRanks(n)];
    expect([...ranks]).toEqual(wanted.sort((a, b) => a - b));
  });
});

describe('quantiles in a gap that is wider than a double', () => {
  it('lie in it as evenly as in any other', () => {
    const wide = (end: number): Grid => ({
      n: 6,
      error: 0,
      complete: false,
      edges: Float64Array.of(-end, end),
      before: Float64Array.of(0, 5),
      at: Float64Array.of(1, 1),
    });
    const [far, near] = [1.6e308, 1.6].map((end) => describeQuantiles(wide(end))!.values);
    for (const [i, { p, value }] of far!.entries()) {
      expect(value / 1e308, String(p)).toBeCloseTo(near![i]!.value, 12);
    }
    // A quarter: between the ranks 1 and 2 of four rows that divide the gap into five.
    expect(far!.find(({ p }) => p === 0.25)!.value / 1e308).toBeCloseTo(-0.8, 12);
  });
});
