import { describe, expect, it } from 'vitest';
import type { Column } from '../../src/stats/column.ts';
import { mergeProfiles } from '../../src/stats/merge-profiles.ts';
import type { NumberProfile, TableProfile } from '../../src/stats/profile.ts';
import { subtractProfiles, type TableDifference } from '../../src/stats/subtract-profiles.ts';
import { numbers, profileOf, texts, times, vectors } from './columns.ts';

const left = (whole: TableProfile, part: TableProfile): TableDifference => {
  const found = subtractProfiles(whole, part);
  if ('columns' in found) return found;
  throw new Error(`${found.column}: ${found.why}`);
};

const rest = (whole: Column, part: Column) => left(profileOf({ x: whole }), profileOf({ x: part })).columns[0]!;

type Cells = readonly (number | null)[];
const momentsOf = (cells: Cells) => (profileOf({ x: numbers(cells) }).columns[0] as NumberProfile).moments!;

describe('what is left of a column', () => {
  it('has its name and type, and counts of all that rows can be', () => {
    const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
    const part: Cells = [null, nan, inf, -inf, 0, -1, 4];
    const other: Cells = [null, null, nan, inf, inf, -inf, -inf, -inf, 0, -2, -3, 7, 8];
    expect(rest(numbers([...part, ...other]), numbers(part))).toMatchObject({
      name: 'x',
      type: 'float64',
      rows: 13,
      counts: { nulls: 2, nan: 1, positiveInfinity: 2, negativeInfinity: 3, finite: 5, zeros: 1, negatives: 2 },
      refused: [],
    });
    expect(rest(texts(['', 'a', null, '', null]), texts(['', null]))).toMatchObject({
      type: 'text',
      counts: { nulls: 1, empty: 1 },
      values: [
        { value: '', count: 1 },
        { value: 'a', count: 1 },
      ],
      mean: null,
      std: null,
      quantiles: null,
      refused: [],
    });
    const day = 86_400_000;
    expect(rest(times([0, day, null, day, 3 * day]), times([day, null]))).toMatchObject({
      type: 'timestamp',
      counts: { nulls: 0 },
      mean: null,
      std: null,
      values: [
        { value: 0, count: 1 },
        { value: day, count: 1 },
        { value: 3 * day, count: 1 },
      ],
      refused: [],
    });
    expect(rest(times([0, null, day]), times([day])).counts).toEqual({ nulls: 1 });
    const rows = [[1, 2], [0, 0], null, [nan, 1], [inf, 1], [0, 0]];
    expect(rest(vectors(rows, 2), vectors(rows.slice(0, 2), 2))).toMatchObject({
      counts: { nulls: 1, nan: 1, infinite: 1, finite: 1, zeros: 1 },
      values: null,
      refused: [{ what: 'moments', why: 'those of vectors are not subtracted' }],
    });
  });

  it('is the mean and deviation of its rows, with what rounding may have made of them', () => {
    const [own, part]: Cells[] = [
      [3, 4.5, -7, 12, 0.25],
      [100, -41, 7],
    ] as number[][];
    const { mean, std } = rest(numbers([...own!, ...part!]), numbers(part!));
    const [w, p] = [momentsOf([...own!, ...part!]), momentsOf(part!)];
    const true_ = momentsOf(own!);
    expect(mean!.value).toBeCloseTo(true_.mean!, 12);
    expect(std!.value).toBeCloseTo(true_.std!, 10);
    // Sixteen units in the last place of both means and half a unit a row of deviations and squares.
    const unit = 16 * Number.EPSILON;
    const lost = (n: number): number => unit + (n * Number.EPSILON) / 2;
    const ofWhole = unit * Math.abs(w.mean!) + lost(8) * w.populationStd!;
    const ofPart = unit * Math.abs(p.mean!) + lost(3) * p.populationStd!;
    const meanError = (ofWhole * 8 + ofPart * 3) / 5;
    expect(mean!.error / meanError).toBeCloseTo(1, 9);
    const shift = true_.mean! - p.mean!;
    const weight = (3 * 5) / 8;
    const shiftError = ((ofWhole + ofPart) * 8) / 5;
    const squaresError =
      lost(8) * w.m2! + lost(3) * p.m2! + unit * shift * shift * weight + 2 * Math.abs(shift) * shiftError * weight;
    expect(std!.error / ((true_.std! * squaresError) / true_.m2!)).toBeCloseTo(1, 6);
  });

  it('has no deviation of one row, of none no mean, and all of it where nothing is taken', () => {
    expect(rest(numbers([1, 2, 9]), numbers([1, 2]))).toMatchObject({ mean: { value: 9 }, std: null, refused: [] });
    expect(rest(numbers([1, 2, null]), numbers([1, 2]))).toMatchObject({
      rows: 1,
      mean: null,
      std: null,
      quantiles: null,
      values: [],
      refused: [],
    });
    const whole = rest(numbers([1, 2, 9]), numbers([]));
    expect(whole).toMatchObject({ rows: 3, mean: { value: 4 }, std: { value: expect.closeTo(Math.sqrt(19), 12) } });
    expect(rest(numbers([5, 5, 5, 5]), numbers([5, 5]))).toMatchObject({ mean: { value: 5 } });
    expect(rest(numbers([0, 0, 0, 0]), numbers([0, 0]))).toMatchObject({
      mean: { value: 0, error: 0 },
      std: { value: 0, error: 0 },
      refused: [],
    });
  });

  it('has neither where sums were beyond the range of numbers', () => {
    const far = [1.5e308, 1.5e308, -1.5e308];
    const beyond = [{ what: 'mean and deviation', why: 'they are beyond the range of numbers' }];
    expect(rest(numbers([...far, 1, 2]), numbers([1]))).toMatchObject({ mean: null, std: null, refused: beyond });
    expect(rest(numbers([...far, 1, 2]), numbers(far))).toMatchObject({ mean: null, std: null, refused: beyond });
    // Squares are beyond it before values are.
    const large = [1e200, -1e200];
    expect(rest(numbers([...large, 1, 2]), numbers([1]))).toMatchObject({ mean: null, refused: beyond });
    expect(rest(numbers([...large, 1, 2]), numbers(large))).toMatchObject({ mean: null, refused: beyond });
  });

  it('is all of it where the part did not have the column', () => {
    const part = profileOf({ y: numbers([5]) });
    const whole = mergeProfiles(
      profileOf({
        t: texts(['b', 'a', 'a']),
        v: vectors(
          [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
          2,
        ),
      }),
      part,
    );
    const [t, v, y] = left(whole, part).columns;
    expect(t).toMatchObject({
      rows: 3,
      counts: { nulls: 0 },
      values: [
        { value: 'a', count: 2 },
        { value: 'b', count: 1 },
      ],
    });
    expect(t!.values).toHaveLength(2);
    expect(v).toMatchObject({ rows: 3, counts: { nulls: 0, finite: 3 } });
    expect(y).toMatchObject({ rows: 3, counts: { nulls: 3, finite: 0 }, values: [] });
  });

  it('has the most frequent values first, and of those alike the smallest', () => {
    expect(rest(numbers([4, 4, 9, 1, 7, 7, 4, 2]), numbers([4, 2])).values).toEqual([
      { value: 4, count: 2 },
      { value: 7, count: 2 },
      { value: 1, count: 1 },
      { value: 9, count: 1 },
    ]);
    expect(rest(texts(['d', 'b', 'b', 'c', 'a', 'a']), texts(['c', 'b'])).values).toEqual([
      { value: 'a', count: 2 },
      { value: 'b', count: 1 },
      { value: 'd', count: 1 },
    ]);
  });
});

describe('what is refused', () => {
  const same = (n: number, v: number): number[] => Array.from({ length: n }, () => v);

  it('are values of texts that one of the profiles does not list', () => {
    const ids = texts(Array.from({ length: 5_000 }, (_, i) => `id ${i}`));
    const refused = [{ what: 'values and their number', why: 'the profiles do not list all values' }];
    expect(rest(texts([...ids.dictionary, 'a']), texts(['a']))).toMatchObject({ values: null, refused });
    expect(rest(texts([...same(6_000, 0).map(String), 'a']), ids)).toMatchObject({ values: null, refused });
    expect(rest(texts(['a', 'b']), texts([])).values).toHaveLength(2);
  });

  it('are quantiles whose ranks are open, and values of numbers that are not all listed', () => {
    const spread = (n: number, by: number) => numbers(Array.from({ length: n }, (_, i) => Math.sin(i * by)));
    const [a, b] = [profileOf({ x: spread(4_000, 1) }), profileOf({ x: spread(3_900, 2) })];
    const [column] = left(mergeProfiles(a, b), b).columns;
    expect(column!.quantiles?.rankError).toBeLessThanOrEqual(0.05);
    const few = profileOf({ x: spread(120, 3) });
    const [open] = left(mergeProfiles(few, b), b).columns;
    expect(open).toMatchObject({
      quantiles: null,
      values: null,
      refused: [
        { what: 'quantiles', why: expect.stringMatching(/^ranks are open by \d+\.\d % of the rows$/) },
        { what: 'values, their number, minimum and maximum', why: 'the profiles do not list all values' },
      ],
    });
    const told = Number(/by (.*) %/.exec(open!.refused[0]!.why)![1]);
    expect(told).toBeGreaterThan(5);
    expect(told).toBeLessThan(50);
  });

  it('is all but rows where the part is of another kind, whatever else may be wrong', () => {
    expect(rest(numbers([1, 2, 3]), texts(['a']))).toEqual({
      name: 'x',
      type: 'float64',
      rows: 2,
      counts: {},
      mean: null,
      std: null,
      quantiles: null,
      values: null,
      refused: [{ what: 'all but rows', why: 'the part holds text, the whole float64' }],
    });
  });
});

describe('what is no part', () => {
  const why = (whole: Record<string, Column>, part: Record<string, Column>) =>
    subtractProfiles(profileOf(whole), profileOf(part));

  it('has more rows, another column, or more of something', () => {
    expect(why({ x: numbers([1]) }, { x: numbers([1, 2]) })).toEqual({
      column: null,
      why: 'it has 2 rows, the whole 1',
    });
    expect(why({ x: numbers([1, 2]) }, { y: numbers([1]) })).toEqual({
      column: 'y',
      why: 'the whole has no such column',
    });
    expect(why({ x: numbers([1, null]) }, { x: numbers([null, null]) })).toEqual({
      column: 'x',
      why: 'it has more of nulls',
    });
    expect(why({ x: numbers([1, 2]) }, { x: numbers([3]) })).toEqual({
      column: 'x',
      why: 'it has more rows of some value',
    });
    expect(why({ x: texts(['a', 'b']) }, { x: texts(['c']) })).toEqual({
      column: 'x',
      why: 'it has more rows of some value',
    });
    // All of it is a part of it.
    expect(why({ x: numbers([1, 2]) }, { x: numbers([1, 2]) })).toMatchObject({ rows: 0 });
    expect(why({ x: texts(['a', 'b']) }, { x: texts(['a', 'b']) })).toMatchObject({ columns: [{ values: [] }] });
  });
});
