import { describe, expect, it } from 'vitest';
import type { ColumnBatch } from '../../../src/stats/column.ts';
import { DuplicateRowCounter } from '../../../src/stats/table/duplicate-rows.ts';
import { integers, numbers, texts, times, vectors } from '../columns.ts';

function batchOf(rows: readonly (readonly [number | null, string | null])[]): ColumnBatch {
  return { rows: rows.length, columns: [numbers(rows.map(([x]) => x)), texts(rows.map(([, t]) => t))] };
}

function count(batches: readonly ColumnBatch[], most?: number) {
  const counter = new DuplicateRowCounter(most);
  for (const batch of batches) counter.add(batch);
  return counter.describe();
}

describe('DuplicateRowCounter', () => {
  it('counts rows that are equal in every column, over batches with dictionaries of their own', () => {
    const first = batchOf([
      [1, 'a'],
      [2, 'a'],
      [1, 'b'],
      [null, 'a'],
      [1, null],
    ]);
    const second = batchOf([
      [1, 'b'],
      [1, 'a'],
      [3, 'a'],
      [null, 'a'],
      [1, null],
      [1, 'b'],
    ]);
    expect(count([first, second])).toEqual({ method: 'row-hashes/53@1', rows: 11, duplicates: 5, error: 0 });
  });

  it('takes minus zero for zero, and tells missing values, empty texts and large integers apart', () => {
    expect(
      count([
        batchOf([
          [0, 'x'],
          [-0, 'x'],
        ]),
      ]).duplicates,
    ).toBe(1);
    expect(
      count([
        batchOf([
          [0, 'x'],
          [null, 'x'],
          [Number.NaN, 'x'],
          [0, ''],
          [0, null],
        ]),
      ]).duplicates,
    ).toBe(0);
    const large: ColumnBatch = {
      rows: 3,
      columns: [integers([9007199254740992n, 9007199254740993n, 9007199254740992n])],
    };
    expect(count([large]).duplicates).toBe(1);
    const swapped = { rows: 2, columns: [texts(['a', 'b']), texts(['b', 'a'])] };
    expect(count([swapped]).duplicates).toBe(0);
  });

  it('has no two of many different rows for one', () => {
    const rows = Array.from({ length: 40_000 }, (_, i): [number, string] => [i % 200, `k${Math.floor(i / 200)}`]);
    expect(count([batchOf(rows)])).toMatchObject({ duplicates: 0, error: 0 });
  });

  it('estimates beyond what it may hold, within the stated error', () => {
    const rows = Array.from({ length: 40_000 }, (_, i): [number, string] => [i % 30_000, 'x']);
    const found = count([batchOf(rows)], 2000);
    expect(found.error).toBeGreaterThan(0);
    expect(Math.abs(found.duplicates - 10_000)).toBeLessThan(4 * found.error);
    expect(count([batchOf(rows)], 2000)).toEqual(found);
  });

  it('scales what is held up by what was let go, with the error of that', () => {
    // Each row is there three times: two repeats.
    const rows = Array.from({ length: 9_000 }, (_, i): [number, string] => [i % 3_000, 'x']);
    const { duplicates, error } = count([batchOf(rows.slice(0, 5_000)), batchOf(rows.slice(5_000))], 1_000);
    // A quarter of the hashes are held: two repeats each, four times as many in all.
    expect(duplicates % 8).toBe(0);
    expect(Math.abs(duplicates - 6_000)).toBeLessThan(4 * error);
    expect(error).toBeCloseTo(Math.sqrt((duplicates / 8) * 2 ** 2 * 4 * 3), 9);
    expect(count([batchOf(rows)], 3_000)).toMatchObject({ duplicates: 6_000, error: 0 });
    expect(count([batchOf(rows)], 2_999).error).toBeGreaterThan(0);
    // Never more than there are rows.
    const same = batchOf(Array.from({ length: 50 }, (_, i): [number, string] => [i % 2, 'x']));
    expect(count([same], 1).duplicates).toBeLessThanOrEqual(50);
  });

  it('tells rows apart by each kind of column', () => {
    const one = (column: ColumnBatch['columns'][number]) =>
      count([{ rows: column.length, columns: [column] }]).duplicates;
    expect(one(numbers([1, 2, null, 1, null, Number.NaN, Number.NaN, 4]))).toBe(3);
    expect(one(times([5, null, 6, 5, null, 7]))).toBe(2);
    expect(one(texts(['a', 'b', 'ab', 'ba', 'a', '', null, '', null]))).toBe(3);
    const pair = [1, 2];
    expect(
      one(vectors([pair, [2, 1], null, [1, 3], pair, [0, 2], null, [-0, 2], [Number.NaN, 1], [Number.NaN, 1]], 2)),
    ).toBe(4);
    expect(one(integers([1n, 2n, 1n, 9007199254740993n, 9007199254740995n, 9007199254740993n]))).toBe(2);
    expect(one(integers([9007199254740993n, 9007199254740995n, 9007199254740993n, 9007199254740995n]))).toBe(2);
    // No vector is one of zeros, nor the other of two; vectors may differ in their last digits alone.
    expect(one(vectors([[0, 0], null], 2))).toBe(0);
    const [first, second] = [vectors([null, pair], 2), vectors([pair, null], 2)];
    expect(count([{ rows: 2, columns: [first, second] }]).duplicates).toBe(0);
    const nearly = Array.from({ length: 8 }, (_, i) => [1 + i * Number.EPSILON, 1, 1 - i * Number.EPSILON]);
    expect(one(vectors([...nearly, [1 + 3 * Number.EPSILON, 1, 1 - 3 * Number.EPSILON]], 3))).toBe(1);
    // Small integers are the same from a column that has no large ones.
    const small = { rows: 2, columns: [numbers([1, 2], 'int64')] };
    expect(count([small, { rows: 3, columns: [integers([2n, 9007199254740993n, null])] }]).duplicates).toBe(1);
  });

  it('reads no more rows than a batch has', () => {
    expect(
      count([
        batchOf([
          [1, 'a'],
          [2, 'b'],
          [3, 'c'],
        ]),
        batchOf([[4, 'd']]),
        batchOf([[5, 'e']]),
      ]),
    ).toMatchObject({
      rows: 5,
      duplicates: 0,
    });
  });

  it('has no two of many alike rows for one', () => {
    const spread = (rows: number, cell: (i: number) => number[]) => {
      const vector = vectors(
        Array.from({ length: rows }, (_, i) => cell(i)),
        cell(0).length,
      );
      return count([{ rows, columns: [vector] }]).duplicates;
    };
    // Rows that differ in one place or another, in small numbers and in far ones.
    expect(spread(20_000, (i) => [i % 200, 0, Math.floor(i / 200)])).toBe(0);
    expect(spread(20_000, (i) => [2 ** ((i % 2000) - 1000), Math.floor(i / 2000)])).toBe(0);
    const words = texts(Array.from({ length: 20_000 }, (_, i) => `${i}`.padStart(12, 'x')));
    const turned = texts(Array.from({ length: 20_000 }, (_, i) => `${i}`.padEnd(9, 'x')));
    expect(
      count([
        { rows: 20_000, columns: [words] },
        { rows: 20_000, columns: [turned] },
      ]).duplicates,
    ).toBe(0);
  });
});
