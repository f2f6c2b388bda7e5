import type { Uniform } from '../sampling/xoshiro128.ts';
import { chiSquareSumPoint, chiSquareSumTail } from '../special/chi-square-sum.ts';
import { momentsOf } from '../summaries/moments.ts';
import { symmetricEigenvalues } from '../summaries/symmetric-eigenvalues.ts';
import { covarianceOf, type Matrix } from './matrix.ts';

/** Of the squared distance of two mean rows, over all ways of dealing the rows to both. */
export type DealingLaw = {
  readonly mean: number;
  readonly variance: number;
  /** By these weights, as large as it would be without a limit on the rows, a sum of chi-squares has its shape. */
  readonly weights: Float64Array;
};

/** Components up to which all directions are looked at; of more as many as there are random sums of rows. */
const EXACT_COMPONENTS = 256;
const DIRECTIONS = 64;

/**
 * The law of the squared distance of the mean rows when rows about their mean are dealt to sides of n and the rest: with
 * v = nm / N² and c = 1/n + 1/m its mean is c Σ |x|² / (N - 1) and its variance c² / N² · [2 Σ_{i≠j} (x_i·x_j)²
 * + (1/v - 4) Σ (|x_i|² - mean)²], whose first sum is N² tr C² - Σ |x|⁴, and half the variance of |Σ s x|² over random signs s.
 * Its shape is that of Σ λ χ²₁ over the eigenvalues of the covariance C; of many components those within 64 such sums of
 * rows, and what is left of the trace in equal parts. Cost O(rows · columns · min(columns, 64)).
 */
export function dealingLaw(pooled: Matrix, n: number, random: Uniform): DealingLaw {
  const { rows, columns, values } = pooled;
  const m = rows - n;
  let [trace, fourth] = [0, 0];
  for (let i = 0; i < rows; i++) {
    let norm = 0;
    for (let k = i * columns; k < (i + 1) * columns; k++) norm += values[k]! * values[k]!;
    trace += norm;
    fourth += norm * norm;
  }
  const sums = columns <= EXACT_COMPONENTS ? null : randomSums(pooled, random);
  const spectrum = sums === null ? spectrumOf(pooled) : nearSpectrum(pooled, trace / rows, sums);
  // Of many components the least that it can be, and what the lengths of the sums say of it.
  const found = rows * rows * spectrum.reduce((sum, value) => sum + value * value, 0) - fourth;
  const others = Math.max(0, found, sums === null ? 0 : varianceOfLengths(sums) / 2);
  const uneven = ((rows * rows) / (n * m) - 4) * Math.max(0, fourth - (trace * trace) / rows);
  const c = 1 / n + 1 / m;
  return {
    mean: (c * trace) / (rows - 1),
    variance: Math.max(0, (c / rows) ** 2 * (2 * others + uneven)),
    weights: spectrum.map((value) => (c * rows * value) / (rows - 1)),
  };
}

/** P(distance² >= `square`). */
export function dealingTail(law: DealingLaw, square: number): number {
  const ratio = spreadRatio(law);
  return ratio > 0 ? chiSquareSumTail(law.weights, law.mean + (square - law.mean) / ratio) : square > law.mean ? 0 : 1;
}

/** The 95 % point of the squared distance. */
export function dealingPoint95(law: DealingLaw): number {
  return law.mean + (chiSquareSumPoint(law.weights, 0.05) - law.mean) * spreadRatio(law);
}

/** Of few rows, of unlike sizes, or of which few are far out, the spread is not that of the sum, which their deviations are then of. */
function spreadRatio({ variance, weights }: DealingLaw): number {
  const spread = 2 * weights.reduce((sum, weight) => sum + weight * weight, 0);
  return spread > 0 ? Math.sqrt(variance / spread) : 0;
}

/** The eigenvalues of the covariance. Rounding leaves some that are 0 a little below it. */
const spectrumOf = (matrix: Matrix): Float64Array =>
  symmetricEigenvalues(covarianceOf(matrix), matrix.columns).map((value) => Math.max(0, value));

/** Those along random sums of rows, where the large ones are (Halko, Martinsson and Tropp 2011), and the mean of the others. */
function nearSpectrum(matrix: Matrix, trace: number, sums: readonly Float64Array[]): Float64Array {
  const axes = orthonormal(sums);
  const found = spectrumOf(projected(matrix, axes));
  const left = Math.max(0, trace - found.reduce((sum, value) => sum + value, 0));
  const others = Math.max(0, Math.min(matrix.rows - 1, matrix.columns) - axes.length);
  const spectrum = new Float64Array(found.length + others);
  spectrum.set(found);
  spectrum.fill(left / others, found.length);
  return spectrum;
}

/** Sums of the rows with random signs. */
function randomSums({ rows, columns, values }: Matrix, random: Uniform): Float64Array[] {
  return Array.from({ length: DIRECTIONS }, () => {
    const sum = new Float64Array(columns);
    for (let i = 0, at = 0; i < rows; i++, at += columns) {
      const sign = random() < 0.5 ? -1 : 1;
      for (let j = 0; j < columns; j++) sum[j]! += sign * values[at + j]!;
    }
    return sum;
  });
}

/** By Gram and Schmidt, each taken off twice for the digits; what lies among the others is left out. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const axes: Float64Array[] = [];
  for (const given of vectors) {
    const vector = given.slice();
    const before = Math.sqrt(dot(vector, vector));
    for (const axis of [...axes, ...axes]) {
      const along = dot(vector, axis);
      for (let j = 0; j < vector.length; j++) vector[j]! -= along * axis[j]!;
    }
    const size = Math.sqrt(dot(vector, vector));
    if (size > 1e-9 * before) axes.push(vector.map((v) => v / size));
  }
  return axes;
}

const varianceOfLengths = (sums: readonly Float64Array[]): number =>
  momentsOf(
    Float64Array.from(sums, (sum) => dot(sum, sum)),
    sums.length,
  ).m2 /
  (sums.length - 1);

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}

function projected({ rows, columns, values }: Matrix, axes: readonly Float64Array[]): Matrix {
  const along = new Float64Array(rows * axes.length);
  for (let i = 0; i < rows; i++) {
    const row = values.subarray(i * columns, (i + 1) * columns);
    for (const [k, axis] of axes.entries()) along[i * axes.length + k] = dot(row, axis);
  }
  return { rows, columns: axes.length, values: along };
}
