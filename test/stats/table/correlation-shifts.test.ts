import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { correlationShifts } from '../../../src/stats/table/correlation-shifts.ts';
import { correlate, rank, surpriseOf, withVariance } from '../../../src/stats/table/rank-correlation.ts';
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

  it('have the p of the influence functions of both tables, times the pairs', () => {
    const [reference, window] = [table(200, 0.3, 5), table(150, 0.5, 6)];
    const pOf = (i: number, k: number): number => {
      const [x, y] = [reference, window].map((columns) => {
        const [a, b] = [rank(columns[i]!, 1), rank(columns[k]!, 1)];
        return withVariance(correlate(a, b)!, a, b);
      });
      return surpriseOf(x!, y!).p;
    };
    for (const { column, other, p } of shifts(reference, window)) {
      expect(p).toBeCloseTo(Math.min(1, 3 * pOf(NAMES.indexOf(column), NAMES.indexOf(other))), 12);
    }
    const [first] = shifts(reference, window);
    expect(first!.p).toBeGreaterThan(1e-3);
    expect(first!.p).toBeLessThan(1);
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
