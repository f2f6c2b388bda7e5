import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gridOfSorted } from '../../../src/stats/summaries/point-gap-grid.ts';
import {
  addTable,
  countClose,
  countValues,
  emptyTable,
  gridOfTable,
  listTable,
  type ValueTable,
} from '../../../src/stats/summaries/value-table.ts';

function tableOf(values: readonly number[]): ValueTable {
  const table = emptyTable();
  expect(countValues(table, Float64Array.from(values), { from: 0, n: values.length })).toBe(values.length);
  return table;
}

const counted = (table: ValueTable): Map<number, number> => {
  const { keys, counts } = listTable(table);
  return new Map(Array.from(keys, (key, i) => [key, counts[i]!]));
};

function plainly(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const v of values) counts.set(v, (counts.get(v) ?? 0) + 1);
  return counts;
}

const counting = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i);

describe('a table of values', () => {
  it('has each value once, and how often it came', () => {
    const values = fc.array(fc.oneof(fc.integer({ min: -5, max: 40 }), fc.double({ noNaN: true })), { maxLength: 120 });
    fc.assert(
      fc.property(values, (given) => {
        const some = given.map((v) => v + 0);
        const table = tableOf(some);
        expect(counted(table)).toEqual(plainly(some));
        expect(table.used).toBe(new Set(some).size);
        expect(gridOfTable(table)).toEqual(gridOfSorted(Float64Array.from(some).sort()));
      }),
    );
  });

  it('counts the part of the values that is asked for, of an array that is a part itself', () => {
    const table = emptyTable();
    const whole = Float64Array.of(9, 9, 1, 2, 2, 3);
    expect(countValues(table, whole.subarray(1), { from: 1, n: 4 })).toBe(4);
    expect(counted(table)).toEqual(
      new Map([
        [1, 1],
        [2, 2],
      ]),
    );
  });

  it('is a quarter full at most, and holds no more than 4,096 values', () => {
    expect(tableOf(counting(16)).keys.length).toBe(64);
    expect(tableOf(counting(17)).keys.length).toBe(256);
    const full = tableOf([...counting(4096), 7, 7]);
    expect(full.keys.length).toBe(4 * 4096);
    expect(counted(full)).toEqual(plainly([...counting(4096), 7, 7]));
    // One more value has no place, but those that are there are still counted.
    expect(countValues(full, Float64Array.of(3, 5000, 4), { from: 0, n: 3 })).toBe(1);
    expect(full.used).toBe(4096);
    expect(counted(full).get(3)).toBe(2);
    expect(counted(full).get(4)).toBe(1);
  });

  it('takes the counts of another, where it can hold both', () => {
    const into = tableOf([1, 2, 2]);
    expect(addTable(into, listTable(tableOf([2, 3, 3, 3])))).toBe(true);
    expect(counted(into)).toEqual(
      new Map([
        [1, 1],
        [2, 3],
        [3, 3],
      ]),
    );
    const many = tableOf(counting(4000));
    expect(addTable(many, listTable(tableOf(counting(2096, 2000))))).toBe(true);
    expect(many.used).toBe(4096);
    expect(counted(many).get(2000)).toBe(2);
    expect(counted(many).get(4095)).toBe(1);
    const before = counted(many);
    expect(addTable(many, listTable(tableOf([1, 9999])))).toBe(false);
    expect(counted(many)).toEqual(before);
    const grown = emptyTable();
    addTable(grown, listTable(tableOf(counting(40))));
    expect(grown.keys.length).toBe(256);
    expect(counted(grown)).toEqual(plainly(counting(40)));
  });

  it('is empty before it has a value', () => {
    expect(gridOfTable(emptyTable())).toEqual(gridOfSorted(new Float64Array(0)));
  });
});

describe('values that lie close together', () => {
  const extremes = (values: readonly number[]) => ({ min: Math.min(...values), max: Math.max(...values) });
  const close = (table: ValueTable, values: readonly number[]): boolean =>
    countClose(table, Float64Array.from(values), { n: values.length, ...extremes(values) });
  const some = (rows: number, from: number, span: number): number[] =>
    Array.from({ length: rows }, (_, i) => from + ((i * 7_919) % span));

  it('are counted as one by one', () => {
    for (const [from, span] of [
      [0, 1],
      [-3, 7],
      [1e15, 900],
      [-4_000, 4_000],
    ] as const) {
      const [table, expected] = [emptyTable(), emptyTable()];
      for (const rows of [512, 9_000, 600]) {
        const values = some(rows, from, span);
        // What lies behind the last one is not looked at.
        const given = Float64Array.from([...values, 0.5]);
        expect(countClose(table, given, { n: rows, ...extremes(values) })).toBe(true);
        expect(countValues(expected, given, { from: 0, n: rows })).toBe(rows);
        if (span > 2_048) break;
      }
      expect(counted(table)).toEqual(counted(expected));
      expect([table.used, table.keys.length]).toEqual([expected.used, expected.keys.length]);
    }
  });

  it('are left as they are where they are few, broken, too far apart, or might be too many', () => {
    const table = tableOf(counting(100));
    const before = counted(table);
    for (const values of [
      some(511, 0, 50),
      [...some(600, 0, 50), 7.5],
      [0.5, ...some(600, 1, 50)],
      [...some(600, 0, 50), 99.5],
      [...some(600, 0, 50), 4_096],
      some(600, 2 ** 53, 50),
      some(600, -(2 ** 53) - 60, 50),
      [...some(600, 0, 50), 3_996],
    ]) {
      expect(close(table, values)).toBe(false);
      expect(counted(table)).toEqual(before);
    }
    expect(close(table, [...some(600, 0, 50), 3_995])).toBe(true);
    expect(table.used).toBe(101);
  });
});
