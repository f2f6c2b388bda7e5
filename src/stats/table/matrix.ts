/** Rows of numbers, one after another: `values[row * columns + column]`. Finite. */
export type Matrix = { readonly rows: number; readonly columns: number; readonly values: Float64Array };

/** Mean of each column. */
export function columnMeans({ rows, columns, values }: Matrix): Float64Array {
  const mean = new Float64Array(columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) mean[j]! += values[i * columns + j]!;
  return mean.map((sum) => sum / rows);
}

/** Row-major covariance of the columns, over `rows`. Cost O(rows · columns²). */
export function covarianceOf(matrix: Matrix): Float64Array {
  const { rows, columns, values } = matrix;
  const mean = columnMeans(matrix);
  const covariance = new Float64Array(columns * columns);
  const centred = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) centred[j] = values[i * columns + j]! - mean[j]!;
    for (let j = 0; j < columns; j++) {
      const c = centred[j]!;
      for (let k = 0; k <= j; k++) covariance[j * columns + k]! += c * centred[k]!;
    }
  }
  for (let j = 0; j < columns; j++) {
    for (let k = 0; k <= j; k++) {
      covariance[j * columns + k]! /= rows;
      covariance[k * columns + j] = covariance[j * columns + k]!;
    }
  }
  return covariance;
}

/** Takes from each column its mean, in place. */
export function centreColumns(matrix: Matrix): Matrix {
  const { columns, values } = matrix;
  const mean = columnMeans(matrix);
  for (let i = 0; i < values.length; i++) values[i]! -= mean[i % columns]!;
  return matrix;
}

/** |a_i - b_j|² of a row of each. */
export function squaredDistance(a: Matrix, i: number, b: Matrix, j: number): number {
  const d = a.columns;
  let sum = 0;
  for (let k = 0; k < d; k++) sum += (a.values[i * d + k]! - b.values[j * d + k]!) ** 2;
  return sum;
}

/** The rows of both, those of x first. */
export function stackRows(x: Matrix, y: Matrix): Matrix {
  const { columns } = x;
  const values = new Float64Array((x.rows + y.rows) * columns);
  values.set(x.values.subarray(0, x.rows * columns));
  values.set(y.values.subarray(0, y.rows * columns), x.rows * columns);
  return { rows: x.rows + y.rows, columns, values };
}

/** The named rows as a matrix of their own. */
export function takeRows({ columns, values }: Matrix, rows: Int32Array): Matrix {
  const taken = new Float64Array(rows.length * columns);
  for (const [i, row] of rows.entries()) taken.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  return { rows: rows.length, columns, values: taken };
}
