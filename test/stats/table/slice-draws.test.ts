import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { SliceDraws } from '../../../src/stats/table/slice-draws.ts';
import { ranksIn, sliceShifts, sortedOf } from '../../../src/stats/table/slice-shift.ts';
import { movedOf, sumsOf, totalsOf, usualLargest, without } from '../../../src/stats/table/slice-sums.ts';
import { numbers, texts, times } from '../columns.ts';

const MOST = { numbers: 50, texts: 20 };
const DAYS = 28;
const A_DAY = 200;
const ROWS = DAYS * A_DAY;

/** Four weeks of prices in two markets; `together`: by how much those of one market move alike within each day. */
function makeDraws(seed: number, together: number): SliceDraws {
  const random = xoshiro128(seed);
  const market = Array.from({ length: ROWS }, () => (random() < 0.3 ? 'a' : 'b'));
  const ofDay = Array.from({ length: DAYS }, () => together * normalDeviate(random));
  const price = market.map(
    (name, row) => normalDeviate(random) + (name === 'a' ? (ofDay[Math.floor(row / A_DAY)] ?? 0) : 0),
  );
  const draws = new SliceDraws(MOST);
  draws.add('market', texts(market));
  draws.add('price', numbers(price));
  return draws;
}

const dayRows = (day: number): Int32Array => Int32Array.from({ length: A_DAY }, (_, i) => day * A_DAY + i);
const allRows = Int32Array.from({ length: ROWS }, (_, row) => row);

/** The mean effect of days, as they are and as if they had `times` as many rows. */
function effectOf(draws: SliceDraws, times: number): number {
  const whole = draws.sums(allRows);
  const windows = Array.from({ length: DAYS }, (_, day) => {
    const own = draws.sums(dayRows(day));
    return draws.moved(draws.without(whole, own), own);
  });
  const effects = draws.effects(
    windows,
    DAYS,
    windows.map(() => times),
  );
  return effects.flat().reduce((sum, { ratio }) => sum + ratio, 0) / DAYS;
}

describe('slices of drawn windows', () => {
  it('are those of two tables, where all rows are the reference', () => {
    const random = xoshiro128(5);
    const market = Array.from({ length: 900 }, () => (random() < 0.3 ? 'a' : 'b'));
    const price = market.map((name, row) => normalDeviate(random) + (row >= 600 && name === 'a' ? 1 : 0));
    const draws = new SliceDraws(MOST);
    for (const [name, column] of [['market', texts(market)] as const, ['price', numbers(price)] as const]) {
      draws.add(name, column);
    }
    const [before, after] = [
      Int32Array.from({ length: 600 }, (_, i) => i),
      Int32Array.from({ length: 300 }, (_, i) => 600 + i),
    ];
    const [[drawn] = []] = draws.effects([draws.moved(draws.sums(before), draws.sums(after))], 1, [1]);
    const side = (from: number, to: number) => ({
      market: texts(market.slice(from, to)),
      price: numbers(price.slice(from, to)),
    });
    const [reference, window] = [side(0, 600), side(600, 900)];
    const [found] = sliceShifts(
      [
        { name: 'market', reference: reference.market, window: window.market },
        { name: 'price', reference: reference.price, window: window.price },
      ],
      MOST,
    );
    expect(drawn?.column).toBe('price');
    // Ranks among all rows instead of those before.
    expect((drawn?.ratio ?? 0) / (found?.ratio ?? 1)).toBeCloseTo(1, 1);
    expect(found?.moved).toBe('price');
    expect(found?.shares.window).toBeCloseTo(found?.value === 'a' ? 0.3 : 0.7, 1);
    expect((found?.means.window ?? 0) - (found?.means.reference ?? 0)).toBeCloseTo(found?.value === 'a' ? 1 : 0, 0);
  });

  it('are as large as chance makes them where rows are independent, however many there will be', () => {
    const draws = makeDraws(1, 0);
    expect(effectOf(draws, 1)).toBeLessThan(1);
    expect(effectOf(draws, 4) / effectOf(draws, 1)).toBeLessThan(1.5);
  });

  it('are larger where the rows of a day hang together, and the more so the more rows there will be', () => {
    const draws = makeDraws(2, 0.7);
    expect(effectOf(draws, 1)).toBeGreaterThan(1);
    expect(effectOf(draws, 4) / effectOf(draws, 1)).toBeGreaterThan(1.6);
  });

  it('are none of columns beyond those that are looked at, nor without a text', () => {
    const draws = new SliceDraws({ numbers: 1, texts: 1 });
    draws.add('price', numbers(Array.from({ length: 100 }, (_, i) => i)));
    expect(draws.pairs).toBe(0);
    draws.add('id', texts(Array.from({ length: 100 }, (_, i) => `one ${i}`)));
    expect(draws.pairs).toBe(0);
    // Twenty rows are enough for a law, but one in a hundred is no slice.
    draws.add('part', texts(Array.from({ length: 2000 }, (_, i) => (i < 20 ? 'part' : `one ${i}`))));
    expect(draws.pairs).toBe(0);
    draws.add('market', texts(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 'a' : 'b'))));
    draws.add('shop', texts(Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? 'a' : 'b'))));
    draws.add('age', numbers(Array.from({ length: 100 }, (_, i) => i)));
    expect(draws.pairs).toBe(1);
  });
});

describe('the effects of drawn windows', () => {
  const random = xoshiro128(12);
  const N = 600;
  const market = Array.from({ length: N }, () => (random() < 0.3 ? 'a' : 'b'));
  const shop = Array.from({ length: N }, (_, i) => ['x', 'y', 'z'][i % 3]!);
  const [price, age] = [0, 1].map(() => Array.from({ length: N }, () => normalDeviate(random)));
  const rows = (from: number, to: number): Int32Array => Int32Array.from({ length: to - from }, (_, i) => from + i);

  const made = (): SliceDraws => {
    const draws = new SliceDraws(MOST);
    draws.add('market', texts(market));
    draws.add('price', numbers(price!));
    draws.add('at', times(market.map((_, i) => i)));
    draws.add('shop', texts(shop));
    draws.add('age', numbers(age!));
    return draws;
  };

  /** The squares of all slices’ t of a text column. */
  const squaresOf = (codes: readonly string[], of: readonly number[], window: Int32Array): number[] => {
    const ranks = ranksIn(sortedOf(numbers(of)), numbers(of));
    const values = [...new Set(codes)];
    const coded = Int32Array.from(codes, (text) => values.indexOf(text));
    const all = rows(0, N);
    const own = sumsOf(ranks, coded, { values: values.length, totals: totalsOf(ranks, window), rows: window });
    const whole = sumsOf(ranks, coded, { values: values.length, totals: totalsOf(ranks, all), rows: all });
    return values.map((_, code) => movedOf(without(whole, own), own, code)!.t ** 2);
  };

  it('are the largest t of each column, made larger where rows hang together, in what chance usually gives', () => {
    const draws = made();
    expect(draws.pairs).toBe(4);
    const whole = draws.sums(rows(0, N));
    const windows = [rows(0, 200), rows(200, 400)];
    const moved = windows.map((window) => {
      const own = draws.sums(window);
      return draws.moved(draws.without(whole, own), own);
    });
    for (const [parts, times] of [
      [2, [1, 1]],
      [2, [3, 5]],
      [1, [4, 2]],
      [9, [0.5, 7]],
    ] as const) {
      const found = draws.effects(moved, parts, times);
      for (const [w, window] of windows.entries()) {
        const expected = [price!, age!].map((of) => {
          const sides = [market, shop].map((codes) => {
            const squares = windows.flatMap((one) => squaresOf(codes, of, one));
            const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
            const degrees = squares.length * Math.min(1, parts / 2);
            const beyond = Math.max(0, mean * (1 + Math.sqrt(2 / degrees)) - 1);
            const most = Math.sqrt(Math.max(...squaresOf(codes, of, window)));
            return most * Math.sqrt((1 + beyond * times[w]!) / (1 + beyond));
          });
          return Math.max(...sides) / usualLargest(5);
        });
        expect(found[w]).toEqual([
          { column: 'price', ratio: expect.closeTo(expected[0]!, 9) },
          { column: 'age', ratio: expect.closeTo(expected[1]!, 9) },
        ]);
      }
    }
  });

  it('are none of a column without a slice in both sides', () => {
    const draws = made();
    const [few, all] = [draws.sums(rows(0, 15)), draws.sums(rows(0, N))];
    const moved = draws.moved(draws.without(all, few), few);
    expect(draws.effects([moved], 1, [1])).toEqual([[]]);
    expect(draws.effects([], 1, [])).toEqual([]);
    // A text column that has slices in all rows, though not in the window, leaves the others what they are.
    const [plain, mixed] = [new SliceDraws(MOST), new SliceDraws(MOST)];
    mixed.add('late', texts(market.map((_, i) => (i < 580 ? `one ${i}` : 'late'))));
    for (const each of [plain, mixed]) {
      each.add('market', texts(market));
      each.add('price', numbers(price!));
    }
    const [alone, both] = [plain, mixed].map((each) => {
      const own = each.sums(rows(0, 200));
      return each.effects([each.moved(each.without(each.sums(rows(0, N)), own), own)], 1, [2]);
    });
    expect(both).toEqual(alone);
    expect(both?.flat()).toHaveLength(1);
  });
});
