import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { symmetricEigen } from '../../../src/stats/summaries/symmetric-eigen.ts';
import { domainClassifier } from '../../../src/stats/table/domain-classifier.ts';
import { centroidDistance } from '../../../src/stats/table/embedding-drift.ts';
import { encodeTables } from '../../../src/stats/table/encode-table.ts';
import { covarianceOf, type Matrix } from '../../../src/stats/table/matrix.ts';
import { linearMmd, randomFeatureMmd } from '../../../src/stats/table/maximum-mean-discrepancy.ts';
import { pcaReconstruction } from '../../../src/stats/table/pca-reconstruction.ts';
import { numbers, texts } from '../columns.ts';
import { drawMatrices, drawMatrix, drawPair, kernelOf, NAMES, rejections } from './tables.ts';

/** Measures of whole rows without drift: how often they find some. */
describe('measures of whole rows', () => {
  it('keep their level: the maximum mean discrepancy, by every null', () => {
    const trials = 150;
    const linear = rejections(trials, 0.05, (t) => linearMmd(drawMatrices(t), kernelOf(drawMatrices(t)))!.p);
    const features = rejections(
      trials,
      0.05,
      (t) => randomFeatureMmd(drawMatrices(t), { ...kernelOf(drawMatrices(t)), features: 64 })!.p,
    );
    const dealt = rejections(
      50,
      0.05,
      (t) => randomFeatureMmd(drawMatrices(t), { ...kernelOf(drawMatrices(t)), features: 32, permutations: 99 })!.p,
    );
    // At 5 % of 150 trials, 14 or more have a chance of 2 %; of 50, 7 or more one of 1 %.
    expect(Math.max(linear, features)).toBeLessThan(14 / trials);
    expect(dealt).toBeLessThan(7 / 50);
  });

  it('keep their level far out: the discrepancy in linear time, of sixteen pairs', () => {
    const trials = 6000;
    const rate = rejections(trials, 0.001, (t) => {
      const pair = drawMatrices(t, {}, 46);
      return linearMmd(pair, { bandwidth: 2, random: xoshiro128(t) })!.p;
    });
    // Of 6 that are expected 13 or more have a chance of 1 %; by the normal law there would be 20 and more.
    expect(rate * trials).toBeLessThan(13);
  });

  it('keep their level: the distance from principal components', () => {
    const rate = rejections(150, 0.05, (t) => {
      const { x: reference, y: window } = drawMatrices(t);
      return pcaReconstruction({ names: NAMES, reference, window }, { random: xoshiro128(t) })!.p;
    });
    expect(rate).toBeLessThan(14 / 150);
  });

  it('keep their level: what tells the tables apart', () => {
    const random = xoshiro128(3);
    const rate = rejections(
      60,
      0.05,
      (seed) => domainClassifier(drawPair({ rows: 200 }, { rows: 120 }, random), { random: xoshiro128(seed) })!.p,
    );
    // 60 trials at 5 %: more than 8 have a chance of 0.2 %.
    expect(rate).toBeLessThanOrEqual(8 / 60);
  });

  it('keep their level: the distance of centroids', () => {
    expect(rejections(200, 0.05, (t) => centroidDistance(drawMatrices(t), xoshiro128(1))!.p)).toBeLessThan(0.1);
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
    expect(randomFeatureMmd(both, kernelOf(both))!.p).toBeLessThan(0.01);
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
