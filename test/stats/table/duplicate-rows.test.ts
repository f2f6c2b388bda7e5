import { describe, expect, it } from 'vitest';
import type { ColumnBatch } from '../../../src/stats/column.ts';
import { DuplicateRowCounter } from '../../../src/stats/table/duplicate-rows.ts';
import { integers, numbers, texts } from '../columns.ts';

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
    const rows = Array.from({ length: 200_000 }, (_, i): [number, string] => [i % 1000, `k${Math.floor(i / 1000)}`]);
    expect(count([batchOf(rows)])).toMatchObject({ duplicates: 0, error: 0 });
  });

  it('estimates beyond what it may hold, within the stated error', () => {
    const rows = Array.from({ length: 40_000 }, (_, i): [number, string] => [i % 30_000, 'x']);
    const found = count([batchOf(rows)], 2000);
    expect(found.error).toBeGreaterThan(0);
    expect(Math.abs(found.duplicates - 10_000)).toBeLessThan(4 * found.error);
    expect(count([batchOf(rows)], 2000)).toEqual(found);
  });
});
