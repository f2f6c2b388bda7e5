import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { symmetricEigen } from '../../../src/stats/summaries/symmetric-eigen.ts';

function expectEigen(matrix: readonly number[], d: number): void {
  const { values, vectors } = symmetricEigen(matrix, d);
  const size = 1 + Math.max(...matrix.map(Math.abs));
  expect(values).toEqual([...values].sort((a, b) => b - a));
  for (let j = 0; j < d; j++) {
    for (let i = 0; i < d; i++) {
      // A v = λ v, and the vectors are orthonormal.
      let [image, product] = [0, 0];
      for (let k = 0; k < d; k++) {
        image += matrix[i * d + k]! * vectors[k * d + j]!;
        product += vectors[k * d + i]! * vectors[k * d + j]!;
      }
      expect(Math.abs(image - values[j]! * vectors[i * d + j]!)).toBeLessThan(1e-12 * size);
      expect(product).toBeCloseTo(i === j ? 1 : 0, 12);
    }
  }
}

describe('the eigenvalues of a symmetric matrix', () => {
  it('are those of the matrix, largest first, with orthonormal vectors', () => {
    const { values, vectors } = symmetricEigen([2, 1, 1, 2], 2);
    expect(values.map((v) => Math.round(1e12 * v) / 1e12)).toEqual([3, 1]);
    expect(Math.abs(vectors[0]!)).toBeCloseTo(Math.SQRT1_2, 12);
    const entries = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 15, maxLength: 15 });
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 5 }), (given, d) => {
        const at = (i: number, j: number) => given[(Math.max(i, j) * (Math.max(i, j) + 1)) / 2 + Math.min(i, j)]!;
        const matrix = Array.from({ length: d * d }, (_, k) => at(Math.floor(k / d), k % d));
        expectEigen(matrix, d);
      }),
      { numRuns: 40 },
    );
  });

  it('keep the digits of the smallest ones', () => {
    // 1 and 1e-12 in a plane that is turned by 30 degrees.
    const [c, s] = [Math.sqrt(3) / 2, 0.5];
    const [a, b] = [1, 1e-8];
    const { values } = symmetricEigen(
      [c * c * a + s * s * b, c * s * (a - b), c * s * (a - b), s * s * a + c * c * b],
      2,
    );
    expect(values[0]).toBeCloseTo(1, 12);
    expect(values[1]! / b).toBeCloseTo(1, 6);
    expect(symmetricEigen([0, 0, 0, 0], 2)).toEqual({ values: [0, 0], vectors: Float64Array.of(1, 0, 0, 1) });
    expect(symmetricEigen([3, 0, 0, 7], 2)).toEqual({ values: [7, 3], vectors: Float64Array.of(0, 1, 1, 0) });
    // What couples two axes by less than the last digit does not turn them.
    expect(symmetricEigen([4, 1e-20, 1e-20, 1], 2)).toEqual({ values: [4, 1], vectors: Float64Array.of(1, 0, 0, 1) });
  });
});
