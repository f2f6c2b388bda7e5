import { expect, it } from 'vitest';
import { columnMeans, covarianceOf, takeRows } from '../../../src/stats/table/matrix.ts';

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
