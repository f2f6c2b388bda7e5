import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { chiSquareSumPoint, chiSquareSumTail } from '../../../src/stats/special/chi-square-sum.ts';
import { symmetricEigen } from '../../../src/stats/summaries/symmetric-eigen.ts';
import { dealingLaw, dealingPoint95, dealingTail } from '../../../src/stats/table/dealing-law.ts';
import type { Matrix } from '../../../src/stats/table/matrix.ts';
import { drawMatrix } from './tables.ts';

/** Components up to which all directions are looked at, and random sums of rows beyond. */
const [EXACT, DIRECTIONS] = [256, 64];

type Shape = { readonly rows: number; readonly columns: number; readonly rho?: number; readonly unit?: number };

/** Rows about their mean. */
function drawCentred({ unit = 1, ...shape }: Shape): Matrix {
  const { rows, columns, values } = drawMatrix(shape, xoshiro128(3));
  const centred = new Float64Array(values.length);
  for (let j = 0; j < columns; j++) {
    let mean = 0;
    for (let i = 0; i < rows; i++) mean += values[i * columns + j]! / rows;
    for (let i = 0; i < rows; i++) centred[i * columns + j] = unit * (values[i * columns + j]! - mean);
  }
  return { rows, columns, values: centred };
}

const rowsOf = ({ rows, columns, values }: Matrix): Float64Array[] =>
  Array.from({ length: rows }, (_, i) => values.subarray(i * columns, (i + 1) * columns));

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, j) => sum + v * b[j]!, 0);
const sumOf = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, v) => sum + v, 0);

/** The eigenvalues that are not 0, of the covariance: those of the products of the rows, of which there are fewer. */
function spectrumOf(pooled: Matrix): number[] {
  const rows = rowsOf(pooled);
  const products = Float64Array.from(rows.flatMap((a) => rows.map((b) => dot(a, b) / rows.length)));
  return symmetricEigen(products, rows.length).values.slice(0, -1);
}

describe('the law of the distance of dealt rows', () => {
  it('takes no chance up to as many components as are looked at one by one, and signs of the rows beyond', () => {
    const drawn = (columns: number): number => {
      const random = xoshiro128(1);
      let count = 0;
      dealingLaw(drawCentred({ rows: 12, columns }), 5, () => {
        count++;
        return random();
      });
      return count;
    };
    expect(drawn(EXACT)).toBe(0);
    expect(drawn(EXACT + 1)).toBe(12 * DIRECTIONS);
  });

  it.each([2 ** -30, 1, 2 ** 30])('has all directions of fewer rows than sums, in units of %d', (unit) => {
    const pooled = drawCentred({ rows: 30, columns: 300, unit });
    const { weights, mean, variance } = dealingLaw(pooled, 10, xoshiro128(1));
    const scale = ((1 / 10 + 1 / 20) * 30) / 29;
    const expected = spectrumOf(pooled).map((value) => scale * value);
    expect(weights).toHaveLength(29);
    const found = weights.toSorted().reverse();
    for (const [k, value] of expected.entries()) expect(found[k]! / value, `${k}`).toBeCloseTo(1, 10);
    expect(sumOf(weights) / mean).toBeCloseTo(1, 12);
    const usual = dealingLaw(drawCentred({ rows: 30, columns: 300 }), 10, xoshiro128(1));
    expect(mean).toBe(usual.mean * unit ** 2);
    expect(variance).toBe(usual.variance * unit ** 4);
  });

  it('spreads what is beyond the sums in equal parts', () => {
    for (const [rows, columns] of [
      [120, 300],
      [400, 290],
    ] as const) {
      const { weights, mean } = dealingLaw(drawCentred({ rows, columns }), 50, xoshiro128(1));
      expect(weights).toHaveLength(Math.min(rows - 1, columns));
      expect(sumOf(weights) / mean).toBeCloseTo(1, 12);
      const others = weights.subarray(DIRECTIONS);
      expect(Math.min(...others)).toBeGreaterThan(0);
      expect(new Set(others).size).toBe(1);
    }
  });

  it('has the spread that the lengths of the sums have, where that is more than their directions say', () => {
    const pooled = drawCentred({ rows: 120, columns: 300, rho: 0 });
    const rows = rowsOf(pooled);
    const [n, m, all] = [50, 70, 120];
    const seed = 1;
    const random = xoshiro128(seed);
    const lengths = Array.from({ length: DIRECTIONS }, () => {
      const sum = new Float64Array(pooled.columns);
      for (const row of rows) {
        const sign = random() < 0.5 ? -1 : 1;
        for (const [j, v] of row.entries()) sum[j]! += sign * v;
      }
      return dot(sum, sum);
    });
    const mean = sumOf(lengths) / DIRECTIONS;
    const others = sumOf(lengths.map((length) => (length - mean) ** 2)) / (DIRECTIONS - 1) / 2;
    const norms = rows.map((row) => dot(row, row));
    const fourth = sumOf(norms.map((norm) => norm ** 2));
    const uneven = (all ** 2 / (n * m) - 4) * (fourth - sumOf(norms) ** 2 / all);
    const { weights, variance } = dealingLaw(pooled, n, xoshiro128(seed));
    const c = 1 / n + 1 / m;
    const least = all ** 2 * sumOf(weights.map((weight) => ((weight * (all - 1)) / (c * all)) ** 2)) - fourth;
    expect(others).toBeGreaterThan(least);
    expect(variance / ((c / all) ** 2 * (2 * others + uneven))).toBeCloseTo(1, 12);
  });

  it('is certain of many components that are all constant', () => {
    const law = dealingLaw({ rows: 9, columns: 300, values: new Float64Array(2700) }, 4, xoshiro128(1));
    expect(law).toMatchObject({ mean: 0, variance: 0 });
    expect([...law.weights]).toEqual(Array.from({ length: 8 }, () => 0));
    expect(dealingPoint95(law)).toBe(0);
    expect(dealingTail(law, 0)).toBe(1);
    expect(dealingTail(law, 1e-300)).toBe(0);
  });

  it('is one number where it has no spread', () => {
    const law = { mean: 3, variance: 0, weights: Float64Array.of(2, 1) };
    expect([2, 3, 3.1].map((square) => dealingTail(law, square))).toEqual([1, 1, 0]);
    expect(dealingPoint95(law)).toBe(3);
  });

  it('has the deviations of the sum in its own spread', () => {
    const weights = Float64Array.of(2, 1);
    const law = { mean: 3, variance: 2.5, weights };
    // A quarter of the variance of the sum, which is 10.
    for (const square of [0.5, 2, 3, 4, 9]) {
      expect(dealingTail(law, square)).toBeCloseTo(chiSquareSumTail(weights, 3 + 2 * (square - 3)), 14);
    }
    expect(dealingPoint95(law)).toBeCloseTo(3 + (chiSquareSumPoint(weights, 0.05) - 3) / 2, 12);
  });
});
