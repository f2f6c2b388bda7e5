import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { normalTail } from '../../../src/stats/special/normal.ts';
import {
  LEAST_ROWS,
  movedOf,
  type Sums,
  sumsOf,
  totalsOf,
  usualLargest,
  without,
} from '../../../src/stats/table/slice-sums.ts';

const ranks = Float64Array.of(0.5, 0.25, Number.NaN, 0.75, 1, 0.125);
const codes = Int32Array.of(0, 1, 0, -1, 1, 0);

const plain = ({ count, sum, squares }: Sums) => ({ count: [...count], sum: [...sum], squares: [...squares] });

/** Sums of slice 0 and of all rows. */
const sumsFor = (slice: readonly number[], others: readonly number[]): Sums => {
  const all = Float64Array.of(...slice, ...others);
  const which = Int32Array.from(all, (_, i) => (i < slice.length ? 0 : -1));
  return sumsOf(all, which, { values: 1, totals: totalsOf(all), rows: null });
};

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const squaresOf = (values: readonly number[]): number => values.reduce((sum, v) => sum + (v - mean(values)) ** 2, 0);

describe('sums by slice', () => {
  it('are of the rows that have a rank, with those of all rows last', () => {
    const totals = totalsOf(ranks);
    expect(plain(totals)).toEqual({ count: [5], sum: [2.625], squares: [1.890625] });
    expect(plain(sumsOf(ranks, codes, { values: 2, totals, rows: null }))).toEqual({
      count: [2, 2, 5],
      sum: [0.625, 1.25, 2.625],
      squares: [0.265625, 1.0625, 1.890625],
    });
  });

  it('are of the rows that are named', () => {
    const rows = Int32Array.of(1, 2, 3, 1);
    const totals = totalsOf(ranks, rows);
    expect(plain(totals)).toEqual({ count: [3], sum: [1.25], squares: [0.6875] });
    expect(plain(sumsOf(ranks, codes, { values: 2, totals, rows }))).toEqual({
      count: [0, 2, 3],
      sum: [0, 0.5, 1.25],
      squares: [0, 0.125, 0.6875],
    });
    expect(plain(totalsOf(ranks, new Int32Array(0)))).toEqual({ count: [0], sum: [0], squares: [0] });
  });

  it('of some of the rows taken away leave those of the others', () => {
    const of = (...rows: number[]): Sums => {
      const used = Int32Array.from(rows);
      return sumsOf(ranks, codes, { values: 2, totals: totalsOf(ranks, used), rows: used });
    };
    expect(plain(without(of(0, 1, 2, 3, 4, 5), of(1, 5)))).toEqual(plain(of(0, 2, 3, 4)));
  });
});

describe('how far a slice moved', () => {
  const random = xoshiro128(4);
  const draw = (n: number, shift = 0): number[] => Array.from({ length: n }, () => shift + random() / 2);
  const [slice, others] = [draw(30), draw(50, 0.1)];
  const [moved, rest] = [draw(25, 0.4), draw(40, 0.2)];

  it('is the change of its mean less that of the others, in the error of both', () => {
    const error = (a: readonly number[], b: readonly number[]): number =>
      ((squaresOf(a) + squaresOf(b)) / (a.length + b.length - 2)) * (1 / a.length + 1 / b.length);
    const shift = mean(moved) - mean(slice) - (mean(rest) - mean(others));
    const t = shift / Math.sqrt(error(slice, moved) + error(others, rest));
    const expected = { shift: expect.closeTo(shift, 12), t: expect.closeTo(t, 9), n: 30, m: 25 };
    expect(movedOf(sumsFor(slice, others), sumsFor(moved, rest), 0)).toEqual(expected);
    expect(movedOf(sumsFor(moved, rest), sumsFor(slice, others), 0)).toEqual({ ...expected, n: 25, m: 30 });
    expect(shift).toBeGreaterThan(0);
  });

  it('is not known where a side has too few rows of it, or of others', () => {
    const least = draw(LEAST_ROWS);
    const few = least.slice(1);
    const found = (a: readonly number[], b: readonly number[], c: readonly number[], d: readonly number[]) =>
      movedOf(sumsFor(a, b), sumsFor(c, d), 0);
    expect(found(least, least, least, least)).not.toBeNull();
    for (const place of [0, 1, 2, 3]) {
      const sides = [least, least, least, least].with(place, few);
      expect(found(sides[0]!, sides[1]!, sides[2]!, sides[3]!)).toBeNull();
    }
    expect(found([], least, least, least)).toBeNull();
    expect(found(least, [], least, least)).toBeNull();
    expect(found(least, least, least, [])).toBeNull();
  });

  it('is not known where all ranks are alike', () => {
    const same = (value: number): number[] => Array.from({ length: 40 }, () => value);
    expect(movedOf(sumsFor(same(0.5), same(0.25)), sumsFor(same(0.75), same(0.25)), 0)).toBeNull();
    expect(movedOf(sumsFor(same(0.5), same(0.25)), sumsFor(same(0.75), rest), 0)?.shift).toBeCloseTo(
      Math.abs(0.25 - (mean(rest) - 0.25)),
      12,
    );
  });
});

describe('what the largest of many usually is', () => {
  it('is exceeded by one of them, on either side, in 5 % of cases', () => {
    for (const looked of [1, 2, 14, 300]) {
      expect(2 * looked * normalTail(usualLargest(looked))).toBeCloseTo(0.05, 9);
    }
    expect(usualLargest(0)).toBe(usualLargest(1));
  });
});
