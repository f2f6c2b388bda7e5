import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { correlationShifts } from '../../../src/stats/table/correlation-shifts.ts';
import { changedPairs, pairSums, pairsOf, withoutPairs } from '../../../src/stats/table/pair-sums.ts';
import { correlate, rank } from '../../../src/stats/table/rank-correlation.ts';
import { numbers, texts } from '../columns.ts';

/** Columns a, b and c, of which b follows a with that correlation. */
function table(rows: number, correlation: number, seed: number, missing = 0) {
  const random = xoshiro128(seed);
  const a = Array.from({ length: rows }, () => normalDeviate(random));
  const b = a.map((x) => correlation * x + Math.sqrt(1 - correlation ** 2) * normalDeviate(random));
  const c = a.map((_, i) => (i % 10 < missing ? null : normalDeviate(random)));
  return [numbers(a), numbers(b), numbers(c)];
}

const NAMES = ['a', 'b', 'c'];

function shifts(reference: ReturnType<typeof table>, window: typeof reference, most = 40) {
  const pair = NAMES.map((name, i) => ({ name, reference: reference[i]!, window: window[i]! }));
  return correlationShifts(pair, most);
}

describe('columns of numbers that go together otherwise', () => {
  it('are told by the pair of each that changed most, with the correlations of both tables', () => {
    const [reference, window] = [table(2000, 0, 1), table(800, 0.6, 2)];
    const found = shifts(reference, window);
    expect(found.map(({ column, other }) => [column, other])).toMatchObject([
      ['a', 'b'],
      ['b', 'a'],
      ['c', expect.any(String)],
    ]);
    const spearman = ([a, b]: ReturnType<typeof table>) => correlate(rank(a!, 1), rank(b!, 1))?.r;
    expect(found[0]?.before).toBeCloseTo(spearman(reference)!, 12);
    expect(found[0]?.after).toBeCloseTo(spearman(window)!, 12);
    expect(found[0]).toMatchObject({ n: 2000, m: 800, pairs: 3, width: 3, ratio: found[1]?.ratio });
    expect(found[0]?.p).toBeLessThan(1e-30);
    expect(found[0]?.ratio).toBeGreaterThan(4);
    expect(found[2]?.ratio).toBeLessThan(1.5);
  });

  it('are as rare without a change as their ratio and p say', () => {
    let [beyond, rare] = [0, 0];
    const trials = 400;
    for (let i = 0; i < trials; i++) {
      const found = shifts(table(400, 0.5, 10 + i, 2), table(200, 0.5, 5000 + i, 2));
      if (found.some(({ ratio }) => ratio > 1)) beyond++;
      if (found.some(({ p }) => p < 0.05)) rare++;
    }
    // Of three columns any may be beyond what each rarely exceeds.
    expect(beyond / trials).toBeLessThan(0.13);
    expect(rare / trials).toBeLessThan(0.09);
  });

  it('are not looked for beyond so many columns, among texts, or where nothing varies', () => {
    const [reference, window] = [table(300, 0, 1), table(300, 0.9, 2)];
    expect(shifts(reference, window, 2)).toHaveLength(2);
    expect(shifts(reference, window, 1)).toEqual([]);
    const constant = numbers(Array.from({ length: 300 }, () => 7));
    expect(shifts([reference[0]!, constant, constant], [window[0]!, window[1]!, window[2]!])).toEqual([]);
    const words = texts(Array.from({ length: 300 }, (_, i) => `w${i % 3}`));
    expect(correlationShifts([{ name: 'x', reference: words, window: words }], 40)).toEqual([]);
    expect(shifts(table(29, 0, 1), table(29, 0.9, 2))).toEqual([]);
  });

  it('change little where they are near to each other all the time', () => {
    const found = shifts(table(5000, 0.999, 1), table(5000, 0.99, 2));
    expect(found[0]?.ratio).toBeLessThan(1.5);
  });
});

describe('sums of pairs', () => {
  const ranks = table(500, 0.4, 3, 3).map((column) => rank(column, 1).ranks);

  it('of all rows are those of some and of the others', () => {
    const [even, odd] = [0, 1].map((first) => Int32Array.from({ length: 250 }, (_, i) => 2 * i + first));
    const all = pairSums(ranks, null);
    const rest = withoutPairs(all, pairSums(ranks, even!));
    expect([...rest].map((x) => x.toFixed(9))).toEqual([...pairSums(ranks, odd!)].map((x) => x.toFixed(9)));
    expect(pairsOf(3)).toBe(3);
    // Three of ten rows lack the third column.
    expect([all[0], all[6], all[12]]).toEqual([500, 350, 350]);
  });

  it('show no change of what stays', () => {
    const all = pairSums(ranks, null);
    expect(changedPairs(all, all, 3).map(({ ratio }) => ratio)).toEqual([0, 0, 0]);
  });
});
