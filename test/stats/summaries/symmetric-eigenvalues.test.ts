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

  it.each([
    // The second difference with fixed ends.
    [9, (i: number, j: number) => [2, -1][Math.abs(i - j)] ?? 0, (k: number) => 2 + 2 * Math.cos((k * Math.PI) / 10)],
    // All alike but the diagonal: one stands out, the others are one.
    [8, (i: number, j: number) => (i === j ? 1 : 0.25), (k: number) => (k === 1 ? 2.75 : 0.75)],
    // The smaller of both places: from a quarter up to 17.
    [
      6,
      (i: number, j: number) => 1 + Math.min(i, j),
      (k: number) => 1 / (2 - 2 * Math.cos(((2 * k - 1) * Math.PI) / 13)),
    ],
    [5, (i: number, j: number) => (i === j ? 3 - i : 0), (k: number) => 4 - k],
  ])('are those that are known of %d components', (d, entry, known) => {
    const matrix = Float64Array.from({ length: d * d }, (_, k) => entry(Math.floor(k / d), k % d));
    const expected = Array.from({ length: d }, (_, k) => known(k + 1));
    expect(off(symmetricEigenvalues(matrix, d), expected)).toBeLessThan(3e-15 * Math.max(...expected));
  });

  it('are those of a matrix with zeros of either sign, of which the search begins with one', () => {
    for (const zero of [0, -0]) {
      expect(off(symmetricEigenvalues([zero, 1, 1, 0], 2), [1, -1])).toBeLessThan(1e-15);
      expect(off(symmetricEigenvalues([zero, 0, 0, 0, 1, 0, 0, 0, -1], 3), [1, 0, -1])).toBeLessThan(1e-15);
    }
  });

  it.each([1, -1])('keep what is little beside a head of %d', (head) => {
    const matrix = [0, head, 1e-9, head, 0, 0.5, 1e-9, 0.5, 0];
    expect(off(symmetricEigenvalues(matrix, 3), symmetricEigen(matrix, 3).values)).toBeLessThan(1e-14);
  });

  it('are found to half of 1e-15 of the largest', () => {
    for (const value of [1, -1, 4, -0.25]) {
      expect(Math.abs(symmetricEigenvalues([value], 1)[0]! - value)).toBeLessThan(5e-16 * Math.abs(value));
    }
  });

  it('end where there is no double between two', () => {
    for (const value of [1, 2, 3, 1000]) {
      const least = value * Number.MIN_VALUE;
      expect(Math.abs(symmetricEigenvalues([least], 1)[0]! - least)).toBeLessThanOrEqual(Number.MIN_VALUE);
    }
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
