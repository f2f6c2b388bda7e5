import { describe, expect, it } from 'vitest';
import type { Column } from '../../src/stats/column.ts';
import { mergeProfiles } from '../../src/stats/merge-profiles.ts';
import type {
  CategoryProfile,
  ColumnProfile,
  NumberProfile,
  TimeProfile,
  VectorProfile,
} from '../../src/stats/profile.ts';
import { xoshiro128 } from '../../src/stats/sampling/xoshiro128.ts';
import { addNumbers, decodeRegisters, emptyRegisters } from '../../src/stats/summaries/hyperloglog.ts';
import { integers, numbers, profileOf, texts, times, vectors } from './columns.ts';
import { filled } from './samples.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const LARGE = 2n ** 53n;

const profile = <P extends ColumnProfile>(column: Column): P => profileOf({ x: column }).columns[0] as P;
const merged = <P extends ColumnProfile = ColumnProfile>(...columns: readonly Column[]): P =>
  mergeProfiles(...columns.map((column) => profileOf({ x: column }))).columns[0] as P;
const counting = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i);

function registersOf(values: readonly number[]) {
  const registers = emptyRegisters();
  addNumbers(registers, Float64Array.from(values));
  return registers;
}

describe('parts of a column of numbers', () => {
  it('have all their values, listed or by registers', () => {
    const [few, more] = [counting(800), counting(800, 700)];
    const all = merged<NumberProfile>(numbers(few), numbers(more));
    expect(all.distinct).toMatchObject({ method: 'exact@1', value: 1_500, error: 0 });
    expect(decodeRegisters(all.distinct.registers!)).toEqual(registersOf(counting(1_500)));
    expect(merged<NumberProfile>(numbers(few), numbers(counting(1_024))).distinct).toEqual({
      method: 'exact@1',
      value: 1_024,
      error: 0,
      registers: null,
    });
    // One that lists its values, and one that has registers of more than it lists.
    const none = [numbers([null]), numbers([Number.NaN])];
    const estimated = merged<NumberProfile>(numbers(few), numbers(counting(3_000, 5_000)), ...none);
    expect(estimated.distinct.method).toBe('hyperloglog/p14@1');
    expect(decodeRegisters(estimated.distinct.registers!)).toEqual(registersOf([...few, ...counting(3_000, 5_000)]));
    expect(Math.abs(estimated.distinct.value - 3_800)).toBeLessThan(4 * 3_800 * estimated.distinct.error);
  });

  it('have the smallest and the largest of those that have any', () => {
    expect(merged(numbers([3, 5]), numbers([null, Number.NaN]), numbers([4, 9]))).toMatchObject({ min: 3, max: 9 });
    expect(merged(numbers([Number.NaN]), numbers([Number.NaN]))).toMatchObject({
      kind: 'number',
      min: null,
      max: null,
      grid: null,
      nan: 2,
    });
  });

  it('have numbers for quantiles and errors where they are at both ends of the doubles', () => {
    const random = xoshiro128(3);
    const part = (rows: number, least: number) =>
      numbers(
        Array.from({ length: rows }, (_, i) => {
          return (i % 2 === 0 ? -1 : 1) * Number.MAX_VALUE * (least + (1 - least) * random());
        }),
      );
    for (const parts of [
      [part(4_000, 0.9), part(4_000, 0.8)],
      [part(4_000, 0.9), part(3_999, 0.3), part(3_001, 0.6)],
    ]) {
      const { grid, quantiles, bins } = merged<NumberProfile>(...parts);
      for (const value of [...quantiles!.values.map((one) => one.value), ...bins!.edges, quantiles!.rankError]) {
        expect(Number.isFinite(value)).toBe(true);
      }
      expect(grid!.rankError).toBeGreaterThanOrEqual(0);
      expect(grid!.rankError).toBeLessThan(0.01);
      const values = quantiles!.values.map((one) => one.value);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    }
  });

  it('say how many rows a value that is not listed may have', () => {
    const part = (seed: number) => numbers(counting(4_000).map((i) => Math.sin(i * seed)));
    const { top, grid } = merged<NumberProfile>(part(1), part(2));
    expect(grid!.rankError).toBeGreaterThan(0);
    expect(top.unlisted).toBeGreaterThanOrEqual(Math.max(...grid!.between));
  });

  it('have their exact range where one of them has, and all are integers', () => {
    const range = (...columns: Column[]) => {
      const { exactMin, exactMax } = merged<NumberProfile>(...columns);
      return [exactMin, exactMax];
    };
    const [low, high, small] = [
      integers([-LARGE - 1n, -LARGE - 3n]),
      integers([LARGE + 1n, LARGE + 3n]),
      integers([-4n, 8n]),
    ];
    expect(range(low, high)).toEqual([`${-LARGE - 3n}`, `${LARGE + 3n}`]);
    expect(range(high, low)).toEqual([`${-LARGE - 3n}`, `${LARGE + 3n}`]);
    expect(range(high, small)).toEqual(['-4', `${LARGE + 3n}`]);
    expect(range(small, low)).toEqual([`${-LARGE - 3n}`, '8']);
    expect(range(high, integers([LARGE + 9n]), integers([LARGE + 5n]))).toEqual([`${LARGE + 1n}`, `${LARGE + 9n}`]);
    expect(range(small, small)).toEqual([null, null]);
    expect(range(high, numbers([0.5]))).toEqual([null, null]);
    expect(range(high, integers([null]))).toEqual([`${LARGE + 1n}`, `${LARGE + 3n}`]);
  });
});

describe('parts of a column of times', () => {
  const rows = [5 * DAY + 3 * HOUR, null, 2 * DAY, -3 * DAY + HOUR];
  const more = [9 * DAY, null, 2 * DAY];

  it('are that of all their rows, with what the days and hours have', () => {
    expect(merged<TimeProfile>(times(rows), times(more))).toEqual(profile(times([...rows, ...more])));
    const [dates, other] = [times([0, DAY], 'date'), times([3 * DAY], 'date')];
    expect(merged<TimeProfile>(dates, other)).toEqual(profile(times([0, DAY, 3 * DAY], 'date')));
    expect(merged<TimeProfile>(times(rows), dates)).toMatchObject({
      kind: 'time',
      type: 'timestamp',
      types: ['date', 'timestamp'],
    });
  });
});

describe('parts of a column of vectors', () => {
  const [a, b] = [
    [[1, 2], null, [0, 0], [Number.NaN, 1]],
    [[3, -4], [Number.POSITIVE_INFINITY, 2], [5, 12], null],
  ];

  it('are that of all their rows where they are of one length', () => {
    const whole = profile<VectorProfile>(vectors([...a!, ...b!], 2));
    const found = merged<VectorProfile>(vectors(a!, 2), vectors(b!, 2));
    expect({ ...found, norm: null, components: null }).toEqual({ ...whole, norm: null, components: null });
    expect({ ...found.norm, moments: null }).toEqual({ ...whole.norm, moments: null });
    const near = (values: readonly (number | null)[]) => values.map((v) => (v === null ? null : expect.closeTo(v, 10)));
    expect(found.components).toEqual({
      ...whole.components,
      mean: near(whole.components!.mean),
      variance: near(whole.components!.variance!),
    });
    expect(found.norm.name).toBe('norm');
  });

  it('are texts that nobody has listed where they are not', () => {
    const found = merged<CategoryProfile>(vectors(a!, 2), vectors([[1, 2, 3]], 3));
    expect(found).toMatchObject({
      kind: 'category',
      type: 'text',
      types: ['vector[2]', 'vector[3]'],
      rows: 5,
      nulls: 1,
      lengths: null,
      shapes: null,
      top: { values: [], rest: 4 },
    });
  });
});

describe('parts of other kinds', () => {
  it('are texts: those of numbers where all are listed', () => {
    const found = merged<CategoryProfile>(numbers([1, 1, 2.5]), texts(['1', 'a', null]));
    expect(found).toMatchObject({
      kind: 'category',
      type: 'text',
      rows: 6,
      nulls: 1,
      empty: 0,
      lengths: null,
      shapes: null,
    });
    expect(found.top.values).toEqual([
      { value: '1', count: 3 },
      { value: '2.5', count: 1 },
      { value: 'a', count: 1 },
    ]);
    // What is no finite number is in no list of values.
    const odd = merged<CategoryProfile>(numbers([1, 1, Number.NaN]), texts(filled(5, 'a')));
    expect(odd.top).toMatchObject({ rest: 3, complete: false });
    expect(odd.top.values).not.toContainEqual({ value: '1', count: 2 });
    const many = merged<CategoryProfile>(numbers(counting(30)), texts(filled(40, 'a')));
    expect(many.top).toMatchObject({ rest: 30, complete: false });
    expect(many.top.values).toEqual([{ value: 'a', count: 40 }]);
    const often = numbers([...filled(500, 1), ...counting(3_000)]);
    expect(profile<NumberProfile>(often).top).toMatchObject({ complete: false });
    expect(profile<NumberProfile>(often).top.values).toContainEqual({ value: 1, count: 501 });
    expect(merged<CategoryProfile>(often, texts(filled(5_000, 'a'))).top.values).toEqual([
      { value: 'a', count: 5_000 },
    ]);
    const dates = merged<CategoryProfile>(times([0, 0]), texts(['a', 'a', 'a', 'a', 'b']));
    expect(dates.top).toMatchObject({ rest: 3, error: 2, complete: false });
    expect(dates.top.values[0]).toEqual({ value: 'a', count: 4 });
    expect(dates.types).toEqual(['text', 'timestamp']);
    expect(merged(numbers([1]), times([0]))).toMatchObject({ kind: 'category', type: 'text', rows: 2 });
  });

  it('of texts and booleans have the lengths of both', () => {
    const found = merged<CategoryProfile>(texts(['true'], 'boolean'), texts(['abc', 'd']));
    expect(found).toMatchObject({ type: 'text', types: ['boolean', 'text'], lengths: { min: 1, mean: 8 / 3, max: 4 } });
    const both = merged<CategoryProfile>(texts(['false', 'true', 'true', null], 'boolean'), texts(['abcdefg', null]));
    expect(both.lengths).toEqual({ min: 4, mean: 5, max: 7 });
    expect(merged<CategoryProfile>(texts([null], 'boolean'), texts(['ab'])).lengths).toEqual({
      min: 2,
      mean: 2,
      max: 2,
    });
    expect(found.top.values).toContainEqual({ value: 'true', count: 1 });
  });

  it('do not count where they have no value, unless none has', () => {
    const found = merged(texts([null, null]), numbers([3], 'int64'), times([null]));
    expect(found).toMatchObject({
      kind: 'number',
      type: 'int64',
      types: ['int64', 'text', 'timestamp'],
      rows: 4,
      nulls: 3,
    });
    expect(merged(numbers([null]), numbers([null], 'int64'))).toMatchObject({
      kind: 'number',
      type: 'float64',
      nulls: 2,
    });
    expect(merged(times([null]), times([null], 'date'))).toMatchObject({ kind: 'time', type: 'timestamp', nulls: 2 });
    expect(merged(texts([null]), numbers([null]))).toMatchObject({ kind: 'category', type: 'text', nulls: 2 });
  });

  it('are counted as absent in parts that lack the column, however often that was', () => {
    const [a, b] = [profileOf({ x: numbers([1]), y: texts(['a']) }), profileOf({ x: numbers([2, 3]) })];
    const twice = mergeProfiles(mergeProfiles(a, b), profileOf({ z: numbers([1, 2, 3, 4]) }));
    expect(twice.columns.map(({ name, rows, nulls, absent }) => [name, rows, nulls, absent])).toEqual([
      ['x', 7, 4, 4],
      ['y', 7, 6, 6],
      ['z', 7, 3, 3],
    ]);
    const [x] = mergeProfiles(a, a).columns;
    expect(x).toMatchObject({ rows: 2, absent: 0, nulls: 0 });
  });
});
