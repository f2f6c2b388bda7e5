import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { symmetricEigen } from '../../../src/stats/summaries/symmetric-eigen.ts';
import { symmetricEigenvalues } from '../../../src/stats/summaries/symmetric-eigenvalues.ts';

/** Symmetric, its entries about 0. */
function drawn(d: number, seed: number): Float64Array {
  const random = xoshiro128(seed);
  const matrix = new Float64Array(d * d);
  for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) matrix[i * d + j] = matrix[j * d + i] = random() - 0.5;
  return matrix;
}

const off = (found: Float64Array, known: readonly number[]): number =>
  Math.max(...known.map((value, i) => Math.abs(found[i]! - value)));

describe('eigenvalues alone', () => {
  it('are those that are found with their vectors, largest first', () => {
    for (const d of [1, 2, 3, 4, 7, 20, 60]) {
      const matrix = drawn(d, d);
      const found = symmetricEigenvalues(matrix, d);
      expect(found).toHaveLength(d);
      expect([...found]).toEqual([...found].sort((a, b) => b - a));
      expect(off(found, symmetricEigen(matrix, d).values), `${d}`).toBeLessThan(1e-13 * d);
    }
  });

  it('may be alike, negative, 0, or those of a matrix that is diagonal or has gaps', () => {
    const of = (rows: readonly (readonly number[])[]) => symmetricEigenvalues(rows.flat(), rows.length);
    expect(
      off(
        of([
          [2, 0, 0],
          [0, -1, 0],
          [0, 0, 2],
        ]),
        [2, 2, -1],
      ),
    ).toBeLessThan(1e-14);
    expect(
      off(
        of([
          [0, 1, 0, 0],
          [1, 0, 0, 0],
          [0, 0, 0, 2],
          [0, 0, 2, 0],
        ]),
        [2, 1, -1, -2],
      ),
    ).toBeLessThan(1e-14);
    expect(
      off(
        of([
          [1, 1, 1],
          [1, 1, 1],
          [1, 1, 1],
        ]),
        [3, 0, 0],
      ),
    ).toBeLessThan(1e-14);
    expect(
      off(
        of([
          [-3, 0],
          [0, -3],
        ]),
        [-3, -3],
      ),
    ).toBeLessThan(1e-14);
    expect([
      ...of([
        [0, 0],
        [0, 0],
      ]),
    ]).toEqual([0, 0]);
    expect([...symmetricEigenvalues([], 0)]).toEqual([]);
    // The first column is 0 below its head, or has a negative one.
    expect(
      off(
        of([
          [4, -3, 0],
          [-3, 4, 0],
          [0, 0, 5],
        ]),
        [7, 5, 1],
      ),
    ).toBeLessThan(1e-14);
  });

  it('leave the matrix as it is, and do not depend on its unit', () => {
    const matrix = drawn(9, 5);
    const before = matrix.slice();
    const found = symmetricEigenvalues(matrix, 9);
    expect(matrix).toEqual(before);
    for (const unit of [2 ** -400, 2 ** 400]) {
      const scaled = symmetricEigenvalues(
        matrix.map((value) => unit * value),
        9,
      );
      expect(
        off(
          scaled.map((value) => value / unit),
          [...found],
        ),
      ).toBeLessThan(1e-14);
    }
  });
});
