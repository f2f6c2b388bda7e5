import { describe, expect, it } from 'vitest';
import { gridOfSorted, thin } from '../../../src/stats/summaries/point-gap-grid.ts';
import { quantileBins } from '../../../src/stats/summaries/quantile-bins.ts';
import { describedRanks, describeQuantiles } from '../../../src/stats/summaries/quantiles.ts';
import { selectRanks, selectThinned } from '../../../src/stats/summaries/rank-selection.ts';
import { sample } from '../samples.ts';

const N = 20_000;
const uniform = sample({ n: N });
const of = (f: (u: number, i: number) => number): Float64Array => Float64Array.from(uniform, (u, i) => f(u, i) + 0);

const VALUES: [string, Float64Array][] = [
  ['uniform', of((u) => u)],
  ['a heavy tail', of((u) => (u + 1e-9) ** -3)],
  ['both tails', of((u) => Math.tan(Math.PI * (u - 0.5)))],
  ['far from zero', of((u) => 1e6 + u)],
  ['the largest doubles', of((u) => (u - 0.5) * Number.MAX_VALUE * 1.9)],
  ['the smallest doubles', of((u) => Math.floor(u * 1e6) * 5e-324)],
  ['integers', of((u) => Math.floor(u * 50_000) - 25_000)],
  ['decimals with ties', of((u) => Math.round(u * 1e4) / 100)],
  ['mass on zero', of((u, i) => (i % 5 < 2 ? 0 : u - 0.3))],
  ['ascending', of((_, i) => i)],
  ['one outlier', of((u, i) => (i === 7 ? 1e300 : u))],
  ['a constant', of(() => 0.1)],
];

describe('selectRanks', () => {
  it.each(VALUES)('finds what sorting finds: %s', (_, values) => {
    const whole = gridOfSorted(values.slice().sort());
    const { grid, unseen } = selectRanks([values.subarray(0, 300), values.subarray(300)], describedRanks(N));
    const stored = thin(grid, 1024);
    const places = new Map(Array.from(stored.edges, (edge, i) => [edge, [stored.before[i], stored.at[i]]]));
    const wanted = thin(whole, 1024);
    expect(Array.from(wanted.edges, (edge) => places.get(edge))).toEqual(
      Array.from(wanted.edges, (_edge, i) => [wanted.before[i], wanted.at[i]]),
    );
    expect(describeQuantiles(grid, true)).toEqual(describeQuantiles(whole));
    expect(quantileBins(grid)).toEqual(quantileBins(whole));
    const seen = new Set(grid.edges);
    const others = Array.from(whole.at).filter((_rows, i) => !seen.has(whole.edges[i]!));
    expect(Math.max(0, ...others)).toBeLessThanOrEqual(unseen);
  });

  it.each(VALUES)('has the edges, few as they are, that thinning the sorted values leaves: %s', (_, values) => {
    const thinned = thin(gridOfSorted(values.slice().sort()), 500);
    const { edges, before, at } = selectThinned([values.subarray(0, 300), values.subarray(300)], 500);
    const places = new Map(Array.from(edges, (edge, i) => [edge, [before[i], at[i]]]));
    expect(edges.length).toBeLessThanOrEqual(500);
    expect(Array.from(thinned.edges, (edge) => places.get(edge))).toEqual(
      Array.from(thinned.edges, (_edge, i) => [thinned.before[i], thinned.at[i]]),
    );
  });

  it('gathers a small part of a spread-out sample', () => {
    const { grid } = selectRanks([uniform], describedRanks(N));
    expect(grid.complete).toBe(false);
    expect(grid.edges.length).toBeLessThan(N / 4);
  });

  it('has all values of the cells with the most rows, and says how many rows one of the others may have', () => {
    // A cell each: the first and the last are wanted, 64 of the others are looked into, those with the most rows.
    const rows = Array.from({ length: 200 }, (_, k) => (k === 0 || k === 199 ? 1 : 1 + ((k * 7) % 101)));
    const values = Float64Array.from(rows.flatMap((count, k) => Array.from({ length: count }, () => k)));
    const { grid, unseen } = selectRanks([values], Float64Array.of(0, values.length - 1));
    expect(grid.edges).toHaveLength(66);
    const seen = new Set(grid.edges);
    const hidden = rows.filter((_, k) => !seen.has(k));
    expect(Math.max(...hidden)).toBe(unseen);
    expect(Math.min(...rows.filter((_, k) => k > 0 && k < 199 && seen.has(k)))).toBeGreaterThanOrEqual(unseen);
    expect([grid.n, grid.error, grid.complete]).toEqual([values.length, 0, false]);
    for (const [i, edge] of grid.edges.entries()) {
      expect([grid.before[i], grid.at[i]]).toEqual([values.indexOf(edge), rows[edge]]);
    }
  });

  it('looks into as many cells besides where those that are wanted have the most rows', () => {
    const rows = Array.from({ length: 200 }, (_, k) => (k === 50 ? 500 : 1 + ((k * 7) % 101)));
    const values = Float64Array.from(rows.flatMap((count, k) => Array.from({ length: count }, () => k)));
    const { grid } = selectRanks([values], Float64Array.of(0, values.indexOf(50)));
    expect(grid.edges).toHaveLength(66);
    expect([...grid.edges]).toContain(50);
  });

  it('finds the extremes by itself, and gives grids that later calls leave alone', () => {
    const values = of((u) => u - 0.5);
    const known = { min: Math.min(...values), max: Math.max(...values) };
    const found = selectRanks([values], describedRanks(N));
    const kept = structuredClone(found);
    expect(selectRanks([values], describedRanks(N), known)).toEqual(kept);
    const thinned = [selectThinned([values], 500), selectThinned([values.subarray(0, 400)], 500)];
    const keptThinned = structuredClone(thinned);
    selectRanks([of((u) => Math.round(-1e3 * u))], describedRanks(N));
    expect([found, thinned]).toEqual([kept, keptThinned]);
    expect(selectThinned([values], 500, { min: -3, max: 4 })).toEqual(thinned[0]);
    const few = Float64Array.of(4, -2, 4);
    expect(selectRanks([few.subarray(0, 1), few.subarray(1)], Float64Array.of(0, 1, 2))).toEqual({
      grid: gridOfSorted(few.slice().sort()),
      unseen: 0,
    });
  });
});
