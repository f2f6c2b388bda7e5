import { describe, expect, it } from 'vitest';
import { gridOfSorted, thin } from '../../../src/stats/summaries/point-gap-grid.ts';
import { quantileBins } from '../../../src/stats/summaries/quantile-bins.ts';
import { describedRanks, describeQuantiles } from '../../../src/stats/summaries/quantiles.ts';
import { selectRanks } from '../../../src/stats/summaries/rank-selection.ts';
import { sample } from '../samples.ts';

const N = 100_000;
const uniform = sample({ n: N });
const of = (f: (u: number, i: number) => number): Float64Array => Float64Array.from(uniform, (u, i) => f(u, i) + 0);

describe('selectRanks', () => {
  it.each([
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
  ])('finds what sorting finds: %s', (_, values) => {
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
    for (let i = 0; i < whole.edges.length; i++) {
      if (!seen.has(whole.edges[i]!)) expect(whole.at[i]).toBeLessThanOrEqual(unseen);
    }
  });

  it('gathers a small part of a spread-out sample', () => {
    expect(selectRanks([uniform], describedRanks(N)).grid.edges.length).toBeLessThan(N / 10);
  });
});
