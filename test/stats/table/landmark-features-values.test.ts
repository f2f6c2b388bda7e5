import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { landmarkFeatures } from '../../../src/stats/table/landmark-features.ts';
import type { Matrix } from '../../../src/stats/table/matrix.ts';
import { landmarkMmd } from '../../../src/stats/table/maximum-mean-discrepancy.ts';
import { relativeError } from '../samples.ts';

type Case = {
  readonly name: string;
  readonly x: readonly (readonly number[])[];
  readonly y: readonly (readonly number[])[];
  readonly mmd: {
    readonly bandwidth: number;
    readonly value: number;
    readonly nullMean: number;
    readonly p: number | null;
  };
};

/** Written by test/fixtures/stats/generate_vectors.py, so its shape is known. */
const { cases } = JSON.parse(
  readFileSync(new URL('../../fixtures/stats/vector-values.json', import.meta.url), 'utf8'),
) as { readonly cases: readonly Case[] };

const matrix = (rows: readonly (readonly number[])[]): Matrix => ({
  rows: rows.length,
  columns: rows[0]!.length,
  values: Float64Array.from(rows.flat()),
});

const drawn = (rows: number, columns: number, random: () => number, spread = 1): Matrix => ({
  rows,
  columns,
  values: Float64Array.from({ length: rows * columns }, () => spread * normalDeviate(random)),
});

const rowOf = ({ columns, values }: Matrix, i: number) => values.subarray(i * columns, (i + 1) * columns);
const product = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, k) => sum + v * b[k]!, 0);
const square = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, k) => sum + (v - b[k]!) ** 2, 0);

/** The mean of both kernels of all pairs of rows, those of x first. */
function kernelOf(x: Matrix, y: Matrix, bandwidth: number): number[][] {
  const rows = [x, y].flatMap((side) => Array.from({ length: side.rows }, (_, i) => rowOf(side, i)));
  const gauss = (d2: number, width: number): number => Math.exp(-d2 / (2 * width ** 2));
  return rows.map((a) => rows.map((b) => (gauss(square(a, b), bandwidth / 2) + gauss(square(a, b), bandwidth)) / 2));
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

describe('the features by landmarks', () => {
  it('have the products of the kernel about its mean, exactly where all rows are landmarks, also equal ones', () => {
    const random = xoshiro128(5);
    const x = matrix([[0, 0], [0, 0], [1, 2], ...Array.from({ length: 20 }, () => [random(), 3 * random()])]);
    const y = matrix([[1, 2], [5, 5], ...Array.from({ length: 9 }, () => [2 * random(), random()])]);
    const features = landmarkFeatures({ x, y }, { bandwidth: 1.3, random });
    expect([features.rows, features.columns]).toEqual([34, 34]);
    const kernel = kernelOf(x, y, 1.3);
    const means = kernel.map(mean);
    for (let i = 0; i < 34; i++) {
      for (let j = 0; j < 34; j++) {
        const centred = kernel[i]![j]! - means[i]! - means[j]! + mean(means);
        expect(product(rowOf(features, i), rowOf(features, j))).toBeCloseTo(centred, 8);
      }
    }
  });

  it('are none of a landmark that lies so near another that it has nothing of its own', () => {
    const x = matrix([[0], [1], [2]]);
    const held = (by: number): number => {
      const features = landmarkFeatures({ x, y: matrix([[3], [1 + by]]) }, { bandwidth: 1, random: xoshiro128(1) });
      const columns = Array.from({ length: features.columns }, (_, j) => j);
      return columns.filter((j) => Array.from({ length: features.rows }, (_, i) => rowOf(features, i)[j]).some(Boolean))
        .length;
    };
    expect(held(0.1)).toBe(5);
    expect(held(1e-7)).toBe(4);
  });

  it('are 128 of many rows, drawn from both sides, and nearly have them', () => {
    const random = xoshiro128(6);
    const [x, y] = [drawn(300, 2, random), drawn(200, 2, random)];
    const features = landmarkFeatures({ x, y }, { bandwidth: 1.5, random: xoshiro128(1) });
    expect([features.rows, features.columns]).toEqual([500, 128]);
    const kernel = kernelOf(x, y, 1.5);
    const means = kernel.map(mean);
    for (let i = 0; i < 500; i += 37) {
      const centred = kernel[i]![i]! - 2 * means[i]! + mean(means);
      expect(product(rowOf(features, i), rowOf(features, i))).toBeGreaterThan(centred - 0.02);
      expect(product(rowOf(features, i), rowOf(features, i))).toBeLessThan(centred + 0.02);
    }
  });
});

describe('the discrepancy by landmarks', () => {
  it.each(cases)('is that of all pairs of rows: $name', ({ x, y, mmd }) => {
    const found = landmarkMmd({ x: matrix(x), y: matrix(y) }, { bandwidth: mmd.bandwidth, random: xoshiro128(2) })!;
    expect(relativeError(found.mmd2, mmd.value)).toBeLessThan(1e-7);
    expect(relativeError(found.nullMean, mmd.nullMean)).toBeLessThan(1e-7);
    // The saddlepoint is right to 9 %; what the fixture does not tell is further out.
    if (mmd.p === null) expect(found.p).toBeLessThan(1e-8);
    else expect(relativeError(found.p, mmd.p)).toBeLessThan(0.09);
    expect(found.method).toBe('saddlepoint');
  });

  it('is dealt anew where that is asked for, and is none of one row or without a bandwidth', () => {
    const random = xoshiro128(9);
    const pair = { x: drawn(40, 2, random), y: drawn(30, 2, random, 3) };
    const dealt = landmarkMmd(pair, { bandwidth: 2, random: xoshiro128(3), permutations: 99 })!;
    expect(dealt).toMatchObject({ method: 'permutation', p: 0.01 });
    expect(dealt.mmd2).toBeCloseTo(landmarkMmd(pair, { bandwidth: 2, random: xoshiro128(3) })!.mmd2, 12);
    const one = { ...pair, x: drawn(1, 2, random) };
    const two = { x: drawn(2, 2, random), y: drawn(2, 2, random) };
    expect(landmarkMmd(one, { bandwidth: 2, random })).toBeNull();
    expect(landmarkMmd({ x: pair.x, y: one.x }, { bandwidth: 2, random })).toBeNull();
    expect(landmarkMmd(two, { bandwidth: 2, random })?.p).toBeGreaterThan(0);
    expect(landmarkMmd(pair, { bandwidth: 0, random })).toBeNull();
    expect(landmarkMmd(pair, { bandwidth: Number.NaN, random })).toBeNull();
  });
});
