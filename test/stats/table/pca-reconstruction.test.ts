import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import type { Matrix } from '../../../src/stats/table/matrix.ts';
import type { MatrixPair } from '../../../src/stats/table/maximum-mean-discrepancy.ts';
import { pcaReconstruction } from '../../../src/stats/table/pca-reconstruction.ts';
import { drawMatrices, drawMatrix, NAMES } from './tables.ts';

describe('pcaReconstruction', () => {
  const judge = (pair: MatrixPair, seed = 1) =>
    pcaReconstruction({ names: NAMES, reference: pair.x, window: pair.y }, { random: xoshiro128(seed) });

  it('sees relations that break', () => {
    const broken = judge(drawMatrices(1, { rho: 0.05 }, 1000))!;
    expect(broken.p).toBeLessThan(1e-6);
    expect(broken.windowError).toBeGreaterThan(broken.referenceError);
    expect(broken.superiority).toBeGreaterThan(0.55);
    expect(broken.components).toBeLessThan(5);
    expect(broken.contributions.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10);
    expect(judge(drawMatrices(1, { rho: 0.05 }, 1000))).toEqual(broken);
  });

  it('has nothing to say of rows that lie on the components but for rounding', () => {
    const double = ({ rows, columns, values }: Matrix, by: number): Matrix => ({
      rows,
      columns: 2,
      values: Float64Array.from({ length: 2 * rows }, (_, i) => by * values[(i >> 1) * columns]!),
    });
    const { x, y } = drawMatrices(1, {}, 400);
    // Larger numbers leave larger rounding errors, which are no drift.
    const found = pcaReconstruction(
      { names: ['a', 'b'], reference: double(x, 1), window: double(y, 1000) },
      { random: xoshiro128(1) },
    );
    expect(found).toMatchObject({ components: 1, referenceError: 0, windowError: 0, superiority: 0.5, p: 1 });
    expect(found?.contributions.map(({ share }) => share)).toEqual([0, 0]);
  });

  it('leaves one direction to look at, where it takes all of them to explain as much', () => {
    const apart = (seed: number, scale: number): Matrix => {
      const matrix = drawMatrix({ rows: 500, columns: 2, rho: 0 }, xoshiro128(seed));
      return { ...matrix, values: matrix.values.map((v) => v * scale) };
    };
    const pca = (window: Matrix) =>
      pcaReconstruction({ names: ['a', 'b'], reference: apart(1, 1), window }, { random: xoshiro128(1) })!;
    expect(pca(apart(2, 1))).toMatchObject({ components: 1 });
    expect(pca(apart(2, 1)).p).toBeGreaterThan(0.05);
    expect(pca(apart(2, 2)).p).toBeLessThan(1e-6);
  });

  it('names the columns by their share, and by their names where they share alike', () => {
    const pair = drawMatrices(1, { rho: 0.05 }, 1000);
    const { contributions } = judge(pair)!;
    expect(contributions).toEqual(contributions.toSorted((a, b) => b.share - a.share));
    expect(contributions.map(({ name }) => name).join('')).not.toBe(NAMES.join(''));
    expect(contributions.map(({ name }) => name).sort()).toEqual(NAMES);
    // Rows on one line, of which nothing is left.
    const line = (rows: number): Matrix => ({
      rows,
      columns: 3,
      values: Float64Array.from({ length: 3 * rows }, (_, i) => Math.floor(i / 3)),
    });
    for (const names of [
      ['b', 'a', 'c'],
      ['c', 'b', 'a'],
      ['a', 'b', 'c'],
    ]) {
      const found = pcaReconstruction({ names, reference: line(60), window: line(40) }, { random: xoshiro128(1) });
      expect(found?.contributions).toEqual(['a', 'b', 'c'].map((name) => ({ name, share: 0 })));
    }
  });

  it('cannot be had from few rows or one column', () => {
    expect(judge(drawMatrices(1, {}, 19))).toBeNull();
    const { x, y } = drawMatrices(1);
    expect(pcaReconstruction({ names: ['a'], reference: x, window: y }, { random: xoshiro128(1) })).toBeNull();
    // Nor where nothing varies, or of more columns than there is time for.
    const flat = { rows: 40, columns: 5, values: new Float64Array(200).fill(2) };
    expect(judge({ x: flat, y })).toBeNull();
    const wide = { rows: 30, columns: 301, values: Float64Array.from({ length: 30 * 301 }, (_, i) => Math.sin(i)) };
    const names = Array.from({ length: 301 }, (_, i) => `c${i}`);
    expect(pcaReconstruction({ names, reference: wide, window: wide }, { random: xoshiro128(1) })).toBeNull();
    const empty = { rows: 0, columns: 5, values: new Float64Array(0) };
    expect(judge({ x, y: empty })).toBeNull();
  });
});
