import { describe, expect, it } from 'vitest';
import { logSpread, spreadRatio } from '../../../src/stats/distances/spread-ratio.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import type { Matrix } from '../../../src/stats/table/matrix.ts';
import { vectorSpreadRatio } from '../../../src/stats/table/vector-spread-ratio.ts';

const matrix = (rows: readonly (readonly number[])[]): Matrix => ({
  rows: rows.length,
  columns: rows[0]?.length ?? 0,
  values: Float64Array.from(rows.flat()),
});

describe('vectorSpreadRatio', () => {
  it('is the logarithm of the mean distances from the mean vector, each side with its own mean', () => {
    // All of the first are 5 away from (1, 1), of the second 1 and 3 from (100, 0).
    const x = matrix([
      [4, 5],
      [-2, -3],
      [5, -2],
      [-3, 4],
    ]);
    const y = matrix([
      [101, 0],
      [99, 0],
      [100, 3],
      [100, -3],
    ]);
    const found = vectorSpreadRatio({ x, y })!;
    expect(found.value).toBeCloseTo(Math.log(2 / 5), 12);
    // By the delta method: of the first nothing varies, of the second 1 and 3 about 2.
    expect(found.null95).toBeCloseTo(1.959963984540054 * Math.sqrt(1 / 4 / 4), 12);
    expect(vectorSpreadRatio({ x: y, y: x })?.value).toBeCloseTo(Math.log(5 / 2), 12);
  });

  it('has distances to the last digit as Math.hypot has them, also where squares are no doubles', () => {
    const random = xoshiro128(11);
    for (const scale of [1, 1e200, 1e-200]) {
      for (let t = 0; t < 40; t++) {
        const draw = (rows: number) =>
          matrix(
            Array.from({ length: rows }, () => Array.from({ length: 5 + t }, () => scale * normalDeviate(random) ** 3)),
          );
        const pair = { x: draw(6), y: draw(9) };
        const logOf = ({ rows, columns, values }: Matrix): number => {
          const mean = new Float64Array(columns);
          for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) mean[j]! += values[i * columns + j]! / rows;
          const distances = Array.from({ length: rows }, (_, i) =>
            Math.hypot(...mean.map((centre, j) => values[i * columns + j]! - centre)),
          );
          const taken = Float64Array.from(distances, (d) => Math.sqrt(rows / (rows - 1)) * d);
          return logSpread(taken)!.log;
        };
        expect(vectorSpreadRatio(pair)?.value).toBe(logOf(pair.y) - logOf(pair.x));
      }
    }
  });

  it('counts a vector that lies in the middle', () => {
    const [x, y] = [
      matrix([
        [-1, 1],
        [0, 0],
        [1, -1],
      ]),
      matrix([
        [-2, 2],
        [0, 0],
        [2, -2],
      ]),
    ];
    expect(vectorSpreadRatio({ x, y })?.value).toBeCloseTo(Math.log(2), 12);
  });

  it('takes from a small sample what its own mean takes from it', () => {
    const x = matrix([[-1], [1]]);
    const y = matrix([[-1], [-1], [1], [1]]);
    expect(vectorSpreadRatio({ x, y })?.value).toBeCloseTo(Math.log(Math.sqrt(4 / 3) / Math.sqrt(2)), 12);
    expect(vectorSpreadRatio({ x: y, y: x })?.value).toBeCloseTo(Math.log(Math.sqrt(2) / Math.sqrt(4 / 3)), 12);
  });

  it('is beyond its 95 % point for some 5 % of healthy pairs, and nearly that of numbers for one component', () => {
    const random = xoshiro128(4);
    const draw = (rows: number, columns: number): Matrix => ({
      rows,
      columns,
      values: Float64Array.from({ length: rows * columns }, () => normalDeviate(random)),
    });
    let beyond = 0;
    for (let i = 0; i < 600; i++) {
      const found = vectorSpreadRatio({ x: draw(120, 4), y: draw(60, 4) })!;
      if (Math.abs(found.value) > found.null95) beyond++;
    }
    expect(beyond / 600).toBeGreaterThan(0.025);
    expect(beyond / 600).toBeLessThan(0.08);
    const [x, y] = [draw(400, 1), draw(300, 1)];
    const alone = spreadRatio(x.values.slice().sort(), y.values.slice().sort())!;
    expect(vectorSpreadRatio({ x, y })!.value).toBeCloseTo(alone.value, 2);
  });

  it('is none of one vector, of vectors that are all one, or beyond doubles', () => {
    const some = matrix([[1], [2], [4]]);
    expect(vectorSpreadRatio({ x: matrix([[1]]), y: some })).toBeNull();
    expect(vectorSpreadRatio({ x: some, y: matrix([[1]]) })).toBeNull();
    expect(vectorSpreadRatio({ x: some, y: matrix([[3], [3]]) })).toBeNull();
    expect(vectorSpreadRatio({ x: matrix([[-1.7e308], [1.7e308]]), y: some })?.value ?? null).toSatisfy(
      (value: number | null) => value === null || Number.isFinite(value),
    );
  });
});
