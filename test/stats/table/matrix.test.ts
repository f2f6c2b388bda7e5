import { expect, it } from 'vitest';
import {
  centreColumns,
  columnMeans,
  covarianceOf,
  squaredDistance,
  stackRows,
  takeRows,
} from '../../../src/stats/table/matrix.ts';

const MATRIX = { rows: 4, columns: 3, values: Float64Array.of(1, 2, 0, 3, 0, 5, 5, 4, 0, 7, 2, 7) };

it('has the mean of each column and their covariance over the rows, the same on both sides', () => {
  expect([...columnMeans(MATRIX)]).toEqual([4, 2, 3]);
  const mean = (j: number, k: number) => {
    const at = (i: number, column: number) => MATRIX.values[i * 3 + column]! - columnMeans(MATRIX)[column]!;
    return [0, 1, 2, 3].reduce((sum, i) => sum + at(i, j) * at(i, k), 0) / 4;
  };
  const expected = [0, 1, 2].flatMap((j) => [0, 1, 2].map((k) => mean(j, k)));
  expect([...covarianceOf(MATRIX)]).toEqual(expected);
  expect(expected.slice(0, 2)).toEqual([5, 1]);
});

it('gives rows in the order in which they are named', () => {
  expect(takeRows(MATRIX, Int32Array.of(2, 0))).toEqual({
    rows: 2,
    columns: 3,
    values: Float64Array.of(5, 4, 0, 1, 2, 0),
  });
});

it('takes from each column its mean, in place', () => {
  const matrix = { ...MATRIX, values: MATRIX.values.slice() };
  expect(centreColumns(matrix)).toBe(matrix);
  expect([...matrix.values]).toEqual([-3, 0, -3, -1, -2, 2, 1, 2, -3, 3, 0, 4]);
});

it('has the squared distance of a row of one from a row of another', () => {
  const other = { rows: 2, columns: 3, values: Float64Array.of(0, 0, 0, 1, 5, 9) };
  expect(squaredDistance(MATRIX, 0, other, 0)).toBe(1 + 4);
  expect(squaredDistance(MATRIX, 3, other, 1)).toBe(36 + 9 + 4);
  expect(squaredDistance(other, 1, MATRIX, 2)).toBe(16 + 1 + 81);
});

it('lays the rows of two below one another, as many as they say they have', () => {
  const longer = { rows: 1, columns: 3, values: Float64Array.of(8, 8, 8, 9, 9, 9) };
  const other = { rows: 2, columns: 3, values: Float64Array.of(0, 0, 0, 1, 5, 9) };
  const values = Float64Array.of(8, 8, 8, 0, 0, 0, 1, 5, 9);
  expect(stackRows(longer, other)).toEqual({ rows: 3, columns: 3, values });
  expect(stackRows(other, longer)).toEqual({ rows: 3, columns: 3, values: Float64Array.of(0, 0, 0, 1, 5, 9, 8, 8, 8) });
});
