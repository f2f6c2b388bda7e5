import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import type { Matrix } from '../../../src/stats/table/matrix.ts';
import { linearMmd, type MatrixPair, randomFeatureMmd } from '../../../src/stats/table/maximum-mean-discrepancy.ts';
import { mmdContributions } from '../../../src/stats/table/mmd-contributions.ts';
import { drawMatrices, kernelOf, NAMES } from './tables.ts';

/** The unbiased estimate with all pairs: the slow definition. */
function exactMmd2({ x, y }: MatrixPair, bandwidth: number): number {
  const k = (a: Matrix, i: number, b: Matrix, j: number): number => {
    let square = 0;
    for (let c = 0; c < a.columns; c++) square += (a.values[i * a.columns + c]! - b.values[j * a.columns + c]!) ** 2;
    return Math.exp(-square / (2 * bandwidth ** 2));
  };
  const mean = (a: Matrix, b: Matrix): number => {
    let sum = 0;
    for (let i = 0; i < a.rows; i++) for (let j = 0; j < b.rows; j++) if (a !== b || i !== j) sum += k(a, i, b, j);
    return sum / (a === b ? a.rows * (a.rows - 1) : a.rows * b.rows);
  };
  return mean(x, x) + mean(y, y) - 2 * mean(x, y);
}

describe('maximum mean discrepancy', () => {
  it('estimates the discrepancy of its definition', () => {
    const pair = drawMatrices(1, { shift: 1 });
    const { bandwidth, random } = kernelOf(pair);
    const exact = exactMmd2(pair, bandwidth);
    const feature = randomFeatureMmd(pair, { bandwidth, random, features: 500 })!;
    // The features' mean of squares has what chance gives on top of it.
    expect(Math.abs(feature.mmd2 - feature.nullMean - exact)).toBeLessThan(0.15 * exact);
    const means = Array.from(
      { length: 40 },
      (_, t) => linearMmd(drawMatrices(t, { shift: 1 }), { bandwidth, random })!.mmd2,
    );
    expect(Math.abs(means.reduce((a, b) => a + b, 0) / 40 - exact)).toBeLessThan(0.3 * exact);
  });

  it('sees a shift, and a changed correlation that no column shows', () => {
    for (const change of [{ shift: 0.8 }, { rho: 0.05 }]) {
      const pair = drawMatrices(2, change, 800);
      const found = randomFeatureMmd(pair, kernelOf(pair))!;
      expect(found).toMatchObject({ method: 'saddlepoint' });
      expect(found.p).toBeLessThan(0.001);
      expect(found.mmd2).toBeGreaterThan(found.null95);
      expect(randomFeatureMmd(pair, { ...kernelOf(pair), permutations: 99 })).toMatchObject({
        p: 0.01,
        method: 'permutation',
      });
    }
    expect(mmdContributions(drawMatrices(2, { shift: 0.8 }, 800), NAMES, { random: xoshiro128(3) })[0]).toEqual({
      name: 'a',
      share: 1,
    });
    const none = mmdContributions(drawMatrices(2, { rho: 0.05 }, 800), NAMES, { random: xoshiro128(3) });
    expect(none.reduce((sum, { share }) => sum + share, 0)).toBeLessThanOrEqual(1);
  });

  it('is repeatable, and cannot be had without rows or spread', () => {
    const pair = drawMatrices(3);
    expect(randomFeatureMmd(pair, kernelOf(pair, 4))).toEqual(randomFeatureMmd(pair, kernelOf(pair, 4)));
    expect(linearMmd(pair, kernelOf(pair, 4))).toEqual(linearMmd(pair, kernelOf(pair, 4)));
    const constant = { rows: 40, columns: 2, values: new Float64Array(80) };
    expect(kernelOf({ x: constant, y: constant }).bandwidth).toBe(0);
    expect(linearMmd({ x: constant, y: constant }, { bandwidth: 1, random: xoshiro128(1) })).toBeNull();
    expect(randomFeatureMmd({ x: constant, y: constant }, kernelOf({ x: constant, y: constant }))).toBeNull();
    const one = { rows: 1, columns: 5, values: new Float64Array(5) };
    expect(randomFeatureMmd({ x: one, y: pair.y }, { bandwidth: 1, random: xoshiro128(1) })).toBeNull();
  });
});
