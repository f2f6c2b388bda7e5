import { describe, expect, it } from 'vitest';
import { type Grid, gridOfSorted } from '../../../src/stats/summaries/point-gap-grid.ts';
import { noTopValues, noTopVectors, sharesDoubles, topNumbers } from '../../../src/stats/summaries/top-values.ts';

/** A grid of values with so many rows each. */
function gridOf(counts: readonly (readonly [value: number, count: number])[]): Grid {
  const rows = counts.flatMap(([value, count]) => Array.from({ length: count }, () => value));
  return gridOfSorted(Float64Array.from(rows).sort());
}

const counting = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
const known = (distinct: number) => ({ distinct, shared: false, unseen: 0 });

describe('the most frequent numbers', () => {
  it('are all of few, those with more rows first and the smaller of two that have as many', () => {
    const grid = gridOf([
      [5, 2],
      [7, 4],
      [1, 2],
      [9, 1],
    ]);
    expect(topNumbers(grid, known(4))).toEqual({
      method: 'exact@1',
      values: [
        { value: 7, count: 4 },
        { value: 1, count: 2 },
        { value: 5, count: 2 },
        { value: 9, count: 1 },
      ],
      rest: 0,
      complete: true,
      error: 0,
      unlisted: 0,
      reason: null,
    });
  });

  it('are twenty of many, and no other has more rows than the last of them', () => {
    const twenty = topNumbers(gridOf(counting(20).map((v) => [v, 1])), known(20));
    expect(twenty).toMatchObject({ method: 'exact@1', complete: true, unlisted: 0 });
    expect(twenty.values).toHaveLength(20);
    const grid = gridOf(counting(25).map((v) => [v, v === 3 ? 9 : v > 20 ? 3 : 2]));
    const found = topNumbers(grid, known(25));
    const listed = [3, 21, 22, 23, 24, 25, ...counting(16).filter((v) => v !== 3)].slice(0, 20);
    expect(found.values.map(({ value }) => value)).toEqual(listed);
    expect(found).toMatchObject({ complete: false, unlisted: 2, rest: 9 + 5 * 3 + 19 * 2 - (9 + 15 + 14 * 2) });
    // What is as frequent as the last one comes too late, what is more frequent does not.
    const late = topNumbers(gridOf(counting(22).map((v) => [v, v === 22 ? 3 : 2])), known(22));
    expect(late.values.map(({ value }) => value)).toEqual([22, ...counting(19)]);
  });

  it('are none where no value is met twice, unless all can be listed', () => {
    const grid = gridOf(counting(30).map((v) => [v, 1]));
    expect(topNumbers(grid, known(30))).toEqual(noTopValues(30, 1));
    expect(topNumbers(grid, { ...known(30), unseen: 4 })).toEqual(noTopValues(30, 4));
    const twice = topNumbers(gridOf(counting(30).map((v) => [v, v === 8 ? 2 : 1])), known(30));
    expect(twice.values[0]).toEqual({ value: 8, count: 2 });
    expect(topNumbers(gridOf(counting(20).map((v) => [v, 1])), known(20)).reason).toBeNull();
    expect(topNumbers(gridOf([]), known(0))).toMatchObject({ values: [], rest: 0, complete: true, reason: null });
  });

  it('have an error where the grid does, of both its ends, and a value may have been missed', () => {
    const grid: Grid = {
      ...gridOf([
        [1, 3],
        [2, 5],
      ]),
      n: 20,
      error: 1.2,
      complete: false,
    };
    expect(topNumbers(grid, { ...known(900), unseen: 4 })).toEqual({
      method: 'point-gap-grid@1',
      values: [
        { value: 2, count: 5 },
        { value: 1, count: 3 },
      ],
      rest: 12,
      complete: false,
      error: 3,
      unlisted: 4 + 3,
      reason: null,
    });
    expect(topNumbers(grid, known(900)).unlisted).toBe(3 + 3);
    // Counts that rounding makes more than all are all, and less than half a row is none.
    const at = Float64Array.of(0.4, 20.6);
    expect(topNumbers({ ...grid, at }, known(2))).toMatchObject({ values: [{ value: 2, count: 21 }], rest: 0 });
    const none = { ...grid, at: Float64Array.of(0.4, 0.2) };
    expect(topNumbers(none, known(900))).toEqual(noTopValues(20, 1 + 3));
    expect(topNumbers(none, known(2))).toMatchObject({ values: [], rest: 20, complete: false, unlisted: 3 });
    const single = topNumbers({ ...grid, at: Float64Array.of(1, 1) }, known(900));
    expect(single).toEqual(noTopValues(20, 1 + 3));
  });

  it('are none of doubles that stand for several integers', () => {
    const shared = topNumbers(
      gridOf([
        [2 ** 53, 6],
        [2 ** 54, 1],
      ]),
      { distinct: 7, shared: true, unseen: 0 },
    );
    expect(shared).toMatchObject({ method: 'none@1', values: [], rest: 7, unlisted: 6, complete: false });
    expect(sharesDoubles(shared)).toBe(true);
    expect(shared.reason).toBe('integers beyond 2^53 are not told apart as numbers');
    expect(sharesDoubles(noTopValues(3, 1))).toBe(false);
    const gapped: Grid = { ...gridOf([[2 ** 53, 6]]), n: 30, error: 2, complete: false };
    expect(topNumbers(gapped, { distinct: 7, shared: true, unseen: 9 }).unlisted).toBe(9 + 4);
    expect(topNumbers(gridOf([]), { distinct: 0, shared: true, unseen: 0 })).toMatchObject({ rest: 0, unlisted: 0 });
  });
});

describe('an empty list', () => {
  it('says why, and is complete where there was nothing to list', () => {
    expect(noTopValues(9, 2)).toEqual({
      method: 'none@1',
      values: [],
      rest: 9,
      complete: false,
      error: 0,
      unlisted: 2,
      reason: 'no value is frequent',
    });
    expect(noTopValues(0, 0)).toMatchObject({ complete: true, reason: 'there are no values' });
    expect(noTopVectors(9)).toEqual({ ...noTopValues(9, 9), reason: 'vectors are not listed' });
    expect(noTopVectors(0)).toEqual(noTopValues(0, 0));
  });
});
