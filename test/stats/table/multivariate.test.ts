import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { symmetricEigen } from '../../../src/stats/summaries/symmetric-eigen.ts';
import { centroidDistance, componentDrift } from '../../../src/stats/table/embedding-drift.ts';
import { encodeTables } from '../../../src/stats/table/encode-table.ts';
import { covarianceOf, type Matrix } from '../../../src/stats/table/matrix.ts';
import {
  linearMmd,
  type MatrixPair,
  medianBandwidth,
  randomFeatureMmd,
} from '../../../src/stats/table/maximum-mean-discrepancy.ts';
import { mmdContributions } from '../../../src/stats/table/mmd-contributions.ts';
import { pcaReconstruction } from '../../../src/stats/table/pca-reconstruction.ts';
import { numbers, texts } from '../columns.ts';
import { filled } from '../samples.ts';
import { drawMatrix, drawPair, rejections } from './tables.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];

function drawn(seed: number, change: { shift?: number; rho?: number } = {}, rows = 300): MatrixPair {
  const random = xoshiro128(seed);
  return {
    x: drawMatrix({ rows, columns: NAMES.length }, random),
    y: drawMatrix({ rows: Math.floor(rows * 0.7), columns: NAMES.length, ...change }, random),
  };
}

const kernel = (pair: MatrixPair, seed = 1) => {
  const random = xoshiro128(seed);
  return { bandwidth: medianBandwidth(pair, random), random };
};

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
  it('keeps its level without drift, by every null', () => {
    const trials = 150;
    const linear = rejections(trials, 0.05, (t) => linearMmd(drawn(t), kernel(drawn(t)))!.p);
    const gamma = rejections(trials, 0.05, (t) => randomFeatureMmd(drawn(t), { ...kernel(drawn(t)), features: 64 })!.p);
    const dealt = rejections(
      50,
      0.05,
      (t) => randomFeatureMmd(drawn(t), { ...kernel(drawn(t)), features: 32, permutations: 99 })!.p,
    );
    // At 5 % of 150 trials, 14 or more have a chance of 2 %; of 50, 7 or more one of 1 %.
    expect(Math.max(linear, gamma)).toBeLessThan(14 / trials);
    expect(dealt).toBeLessThan(7 / 50);
  });

  it('estimates the discrepancy of its definition', () => {
    const pair = drawn(1, { shift: 1 });
    const { bandwidth, random } = kernel(pair);
    const exact = exactMmd2(pair, bandwidth);
    const feature = randomFeatureMmd(pair, { bandwidth, random, features: 2000 })!;
    // The features' mean of squares has what chance gives on top of it.
    expect(Math.abs(feature.mmd2 - feature.nullMean - exact)).toBeLessThan(0.15 * exact);
    const means = Array.from({ length: 40 }, (_, t) => linearMmd(drawn(t, { shift: 1 }), { bandwidth, random })!.mmd2);
    expect(Math.abs(means.reduce((a, b) => a + b, 0) / 40 - exact)).toBeLessThan(0.3 * exact);
  });

  it('sees a shift, and a changed correlation that no column shows', () => {
    for (const change of [{ shift: 0.8 }, { rho: 0.05 }]) {
      const pair = drawn(2, change, 800);
      const gamma = randomFeatureMmd(pair, kernel(pair))!;
      expect(gamma).toMatchObject({ method: 'gamma' });
      expect(gamma.p).toBeLessThan(0.001);
      expect(gamma.mmd2).toBeGreaterThan(gamma.null95);
      expect(randomFeatureMmd(pair, { ...kernel(pair), permutations: 99 })).toMatchObject({
        p: 0.01,
        method: 'permutation',
      });
    }
    expect(mmdContributions(drawn(2, { shift: 0.8 }, 800), NAMES, { random: xoshiro128(3) })[0]).toEqual({
      name: 'a',
      share: 1,
    });
    const none = mmdContributions(drawn(2, { rho: 0.05 }, 800), NAMES, { random: xoshiro128(3) });
    expect(none.reduce((sum, { share }) => sum + share, 0)).toBeLessThanOrEqual(1);
  });

  it('is repeatable, and cannot be had without rows or spread', () => {
    const pair = drawn(3);
    expect(randomFeatureMmd(pair, kernel(pair, 4))).toEqual(randomFeatureMmd(pair, kernel(pair, 4)));
    expect(linearMmd(pair, kernel(pair, 4))).toEqual(linearMmd(pair, kernel(pair, 4)));
    const constant = { rows: 40, columns: 2, values: new Float64Array(80) };
    expect(kernel({ x: constant, y: constant }).bandwidth).toBe(0);
    expect(linearMmd({ x: constant, y: constant }, { bandwidth: 1, random: xoshiro128(1) })).toBeNull();
    expect(randomFeatureMmd({ x: constant, y: constant }, kernel({ x: constant, y: constant }))).toBeNull();
    const one = { rows: 1, columns: 5, values: new Float64Array(5) };
    expect(randomFeatureMmd({ x: one, y: pair.y }, { bandwidth: 1, random: xoshiro128(1) })).toBeNull();
  });
});

describe('pcaReconstruction', () => {
  const judge = (pair: MatrixPair, seed = 1) =>
    pcaReconstruction({ names: NAMES, reference: pair.x, window: pair.y }, { random: xoshiro128(seed) });

  it('keeps its level without drift, and sees relations that break', () => {
    expect(rejections(150, 0.05, (t) => judge(drawn(t), t)!.p)).toBeLessThan(14 / 150);
    const broken = judge(drawn(1, { rho: 0.05 }, 1000))!;
    expect(broken.p).toBeLessThan(1e-6);
    expect(broken.windowError).toBeGreaterThan(broken.referenceError);
    expect(broken.superiority).toBeGreaterThan(0.55);
    expect(broken.components).toBeLessThan(5);
    expect(broken.contributions.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10);
    expect(judge(drawn(1, { rho: 0.05 }, 1000))).toEqual(broken);
  });

  it('has nothing to say of rows that lie on the components but for rounding', () => {
    const double = ({ rows, columns, values }: Matrix, by: number): Matrix => ({
      rows,
      columns: 2,
      values: Float64Array.from({ length: 2 * rows }, (_, i) => by * values[(i >> 1) * columns]!),
    });
    const { x, y } = drawn(1, {}, 400);
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

  it('cannot be had from few rows or one column', () => {
    expect(judge(drawn(1, {}, 19))).toBeNull();
    const { x, y } = drawn(1);
    expect(pcaReconstruction({ names: ['a'], reference: x, window: y }, { random: xoshiro128(1) })).toBeNull();
    const empty = { rows: 0, columns: 5, values: new Float64Array(0) };
    expect(judge({ x, y: empty })).toBeNull();
  });
});

describe('embedding drift', () => {
  it('has a centroid distance with the law of no drift', () => {
    expect(rejections(200, 0.05, (t) => centroidDistance(drawn(t), xoshiro128(1))!.p)).toBeLessThan(0.1);
    const still = centroidDistance(drawn(5), xoshiro128(1))!;
    expect(still.euclidean).toBeLessThan(still.null95 * 1.3);
    const moved = centroidDistance(drawn(5, { shift: 1 }), xoshiro128(1))!;
    expect(moved.p).toBeLessThan(1e-6);
    expect(moved.euclidean).toBeGreaterThan(moved.null95);
    expect(Math.abs(moved.euclidean - 1)).toBeLessThan(0.25);
  });

  it('measures the angle between the centroids', () => {
    const rows = (v: readonly number[]) => ({ rows: 8, columns: 2, values: Float64Array.from(filled(8, v).flat()) });
    const between = (x: Matrix, y: Matrix) => centroidDistance({ x, y }, xoshiro128(1));
    const square = between(rows([1, 0]), rows([0, 3]));
    expect(square).toMatchObject({ cosine: 1, euclidean: Math.sqrt(10) });
    expect(square?.p).toBeLessThan(1e-3);
    expect(between(rows([1, 0]), rows([1, 0]))).toMatchObject({ cosine: 0, euclidean: 0, p: 1 });
    expect(between(rows([0, 0]), rows([1, 0]))?.cosine).toBeNull();
    expect(between({ ...rows([1, 0]), rows: 3 }, rows([1, 0]))).toBeNull();
  });

  it('counts the components that changed', () => {
    const found = componentDrift(drawn(6, { shift: 1 }, 600), { level: 0.05, effect: 0.3 })!;
    expect(found).toMatchObject({ drifted: 1, share: 0.2 });
    expect(found.components[0]?.distance).toBeGreaterThan(0.7);
    const constant = { rows: 50, columns: 1, values: new Float64Array(50) };
    const other = { rows: 50, columns: 1, values: new Float64Array(50).fill(1) };
    expect(componentDrift({ x: constant, y: other }, { level: 0.05, effect: 0.1 })).toMatchObject({
      drifted: 1,
      components: [{ distance: null }],
    });
    expect(componentDrift({ x: { ...constant, rows: 0 }, y: other }, { level: 0.05, effect: 0.1 })).toBeNull();
  });
});

describe('encodeTables', () => {
  it('standardises by the reference, and stands in the mean for what has no value', () => {
    const encoded = encodeTables([
      { name: 'x', reference: numbers([1, 3, null]), window: numbers([5, Number.NaN, 1e9]) },
      { name: 'same', reference: numbers([7, 7, 7]), window: numbers([1, 2, 3]) },
      { name: 't', reference: texts(['p', 'p', 'q']), window: texts(['q', 'new', null]) },
    ]);
    expect(encoded.names).toEqual(['x', 't']);
    const column = (matrix: Matrix, j: number) => [0, 1, 2].map((i) => matrix.values[i * 2 + j]!);
    expect(column(encoded.reference, 0)).toEqual([-1, 1, 0]);
    expect(column(encoded.window, 0)).toEqual([3, 0, 8]);
    const [q, unseen, missing] = column(encoded.window, 1);
    expect(q).toBe(column(encoded.reference, 1)[2]);
    expect(unseen).toBeLessThan(q!);
    expect(missing).toBe(0);
  });

  it('feeds a table to the measures of whole rows', () => {
    const pair = drawPair({ rows: 400, together: 0.9 }, { rows: 300, together: -0.9 }, xoshiro128(8));
    const { names, reference, window } = encodeTables(pair);
    expect(names).toEqual(['a', 'b', 'heavy', 'plan', 'city']);
    const both = { x: reference, y: window };
    expect(randomFeatureMmd(both, kernel(both))!.p).toBeLessThan(0.01);
  });
});

describe('symmetricEigen', () => {
  it('takes a covariance apart into parts that make it again', () => {
    const random = xoshiro128(9);
    const covariance = covarianceOf(drawMatrix({ rows: 50, columns: 6 }, random));
    const { values, vectors } = symmetricEigen(covariance, 6);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j < 6; j++) {
        let sum = 0;
        let dot = 0;
        for (let k = 0; k < 6; k++) {
          sum += vectors[i * 6 + k]! * values[k]! * vectors[j * 6 + k]!;
          dot += vectors[k * 6 + i]! * vectors[k * 6 + j]!;
        }
        expect(sum).toBeCloseTo(covariance[i * 6 + j]!, 12);
        expect(dot).toBeCloseTo(i === j ? 1 : 0, 12);
      }
    }
    expect(symmetricEigen([2, 0, 0, 5], 2).values).toEqual([5, 2]);
  });
});

describe('normalDeviate', () => {
  it('has mean 0, variance 1 and no value without end', () => {
    const random = xoshiro128(10);
    const values = Array.from({ length: 50_000 }, () => normalDeviate(random));
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(values.reduce((sum, v) => sum + v * v, 0) / values.length - 1)).toBeLessThan(0.03);
    expect(normalDeviate(() => 1 - 2 ** -53)).toBeGreaterThan(-10);
    expect(Number.isFinite(normalDeviate(() => 0))).toBe(true);
  });
});
