import { normalDeviate } from '../sampling/normal-deviate.ts';
import { shuffledRows } from '../sampling/shuffle.ts';
import type { Uniform } from '../sampling/xoshiro128.ts';
import { chiSquareSumPoint, chiSquareSumTail } from '../special/chi-square-sum.ts';
import { studentTwoSidedQuantile, studentTwoSidedTail } from '../special/student-t.ts';
import { symmetricEigenvalues } from '../summaries/symmetric-eigenvalues.ts';
import { landmarkFeatures } from './landmark-features.ts';
import { centreColumns, covarianceOf, type Matrix, squaredDistance } from './matrix.ts';

/** Two samples of rows with the same columns. */
export type MatrixPair = { readonly x: Matrix; readonly y: Matrix };

/** Pairs of rows from which the median distance is taken. */
const BANDWIDTH_PAIRS = 2_000;
const FEATURES = 128;

/**
 * The bandwidth σ of the kernel exp(-|x - y|² / 2σ²) by the median heuristic: the median distance of random pairs of
 * pooled rows. 0 when most rows are alike. Cost O(2,000 columns).
 */
export function medianBandwidth({ x, y }: MatrixPair, random: Uniform): number {
  const rows = x.rows + y.rows;
  const distances = new Float64Array(BANDWIDTH_PAIRS);
  const at = (row: number): [Matrix, number] => (row < x.rows ? [x, row] : [y, row - x.rows]);
  for (let k = 0; k < BANDWIDTH_PAIRS; k++) {
    const i = Math.floor(random() * rows);
    const j = (i + 1 + Math.floor(random() * (rows - 1))) % rows;
    distances[k] = Math.sqrt(squaredDistance(...at(i), ...at(j)));
  }
  return distances.sort()[BANDWIDTH_PAIRS / 2]!;
}

export type LinearMmd = {
  readonly mmd2: number;
  /** In standard errors. */
  readonly z: number;
  readonly p: number;
  /** 95 % point of the estimate under no drift. */
  readonly null95: number;
  readonly pairs: number;
};

/**
 * Linear-time estimate of the squared maximum mean discrepancy (Gretton and others 2012, lemma 14): rows are taken in random
 * order and two by two, h = k(x1, x2) + k(y1, y2) - k(x1, y2) - k(x2, y1), each row used once. The mean of h is
 * unbiased and, by the central limit theorem, normal; its error is that of so many pairs, so that p, one-sided, is Student's
 * with one degree of freedom fewer: a normal one is too sure by half below fifty pairs. Weaker than the other form on the same rows,
 * and the one for more rows than its features can be held for. Null below 16 pairs or when nothing varies. Cost
 * O(rows · columns).
 */
export function linearMmd({ x, y }: MatrixPair, { bandwidth, random }: Kernel): LinearMmd | null {
  const pairs = Math.min(x.rows, y.rows) >> 1;
  if (pairs < 16 || !(bandwidth > 0)) return null;
  const kernel = (square: number): number => Math.exp(-square / (2 * bandwidth * bandwidth));
  const [ofX, ofY] = [shuffledRows(x.rows, random), shuffledRows(y.rows, random)];
  let mean = 0;
  let m2 = 0;
  for (let k = 0; k < pairs; k++) {
    const [a, b, c, d] = [ofX[2 * k]!, ofX[2 * k + 1]!, ofY[2 * k]!, ofY[2 * k + 1]!];
    const h =
      kernel(squaredDistance(x, a, x, b)) +
      kernel(squaredDistance(y, c, y, d)) -
      kernel(squaredDistance(x, a, y, d)) -
      kernel(squaredDistance(x, b, y, c));
    const change = h - mean;
    mean += change / (k + 1);
    m2 += change * (h - mean);
  }
  const error = Math.sqrt(m2 / (pairs - 1) / pairs);
  if (!(error > 0)) return null;
  const z = mean / error;
  const beyond = studentTwoSidedTail(z, pairs - 1) / 2;
  const null95 = error * studentTwoSidedQuantile(0.1, pairs - 1);
  return { mmd2: mean, z, p: z > 0 ? beyond : 1 - beyond, null95, pairs };
}

export type Kernel = { readonly bandwidth: number; readonly random: Uniform };

export type FeatureMmd = {
  /** |mean φ(x) - mean φ(y)|². */
  readonly mmd2: number;
  /** Its mean and 95 % point over all ways of dealing the pooled rows. */
  readonly nullMean: number;
  readonly null95: number;
  readonly p: number;
  readonly method: 'saddlepoint' | 'permutation';
};

export type FeatureOptions = Kernel & {
  /** Deals of the rows for p; 0 for the law of many rows, which costs less. */
  readonly permutations?: number;
};
export type RandomFeatureOptions = FeatureOptions & { readonly features?: number };

/**
 * The squared maximum mean discrepancy by random Fourier features (Rahimi and Recht 2007): with φ(x) = √(2/D) cos(w·x/σ + b),
 * w normal, b uniform, the Gaussian kernel is φ(x)·φ(y) on average, and the discrepancy is the distance of two means.
 * Without drift n m / N times it is Σ λ χ²₁ over the eigenvalues of the pooled covariance of φ, whose tail a saddlepoint gives
 * (`chiSquareSumTail`); a seeded permutation of the rows gives p = (1 + hits) / (1 + B). Null below 2 rows a side, or
 * without a bandwidth. Cost O(rows · (columns D + D²) + D³), and O(B rows D) for permutations.
 */
export function randomFeatureMmd(pair: MatrixPair, options: RandomFeatureOptions): FeatureMmd | null {
  const { x, y } = pair;
  const { bandwidth, random, features = FEATURES, permutations = 0 } = options;
  if (x.rows < 2 || y.rows < 2 || !(bandwidth > 0)) return null;
  return discrepancyOf(featureMap(pair, { bandwidth, random, features }), {
    n: x.rows,
    m: y.rows,
    random,
    permutations,
  });
}

/**
 * The same by landmarks instead of features that know nothing of the data: as much of a drift is seen by 128 of them as by all
 * pairs of rows, and a change of spread or of correlations twice as often. Null and laws as there. Cost O(rows · 128 · (columns +
 * 128)).
 */
export function landmarkMmd(pair: MatrixPair, options: FeatureOptions): FeatureMmd | null {
  const { x, y } = pair;
  const { bandwidth, random, permutations = 0 } = options;
  if (x.rows < 2 || y.rows < 2 || !(bandwidth > 0)) return null;
  return discrepancyOf(landmarkFeatures(pair, { bandwidth, random }), { n: x.rows, m: y.rows, random, permutations });
}

type Dealing = { readonly n: number; readonly m: number; readonly random: Uniform; readonly permutations: number };

/** Of the mean features of the first n rows and of the other m. */
function discrepancyOf(pooled: Matrix, { n, m, random, permutations }: Dealing): FeatureMmd {
  const mmd2 = squaredMeanDifference(
    pooled,
    Int32Array.from({ length: n }, (_, i) => i),
  );
  const weights = nullWeights(pooled, n, m);
  const nullMean = weights.reduce((sum, weight) => sum + weight, 0);
  const base = { mmd2, nullMean, null95: chiSquareSumPoint(weights, 0.05) };
  if (permutations === 0) return { ...base, p: chiSquareSumTail(weights, mmd2), method: 'saddlepoint' };
  let hits = 0;
  for (let b = 0; b < permutations; b++) {
    const dealt = squaredMeanDifference(pooled, shuffledRows(n + m, random, n));
    if (dealt >= mmd2 * (1 - 1e-12)) hits++;
  }
  return { ...base, p: (1 + hits) / (1 + permutations), method: 'permutation' };
}

/** φ of all rows, those of x first, about the pooled mean. */
function featureMap(
  { x, y }: MatrixPair,
  { bandwidth, random, features }: Required<Omit<RandomFeatureOptions, 'permutations'>>,
): Matrix {
  const d = x.columns;
  const weights = Float64Array.from({ length: features * d }, () => normalDeviate(random) / bandwidth);
  const phases = Float64Array.from({ length: features }, () => 2 * Math.PI * random());
  const rows = x.rows + y.rows;
  const values = new Float64Array(rows * features);
  const scale = Math.sqrt(2 / features);
  for (let i = 0; i < rows; i++) {
    const [side, at] = i < x.rows ? [x, i * d] : [y, (i - x.rows) * d];
    for (let f = 0; f < features; f++) {
      let angle = phases[f]!;
      for (let k = 0; k < d; k++) angle += weights[f * d + k]! * side.values[at + k]!;
      values[i * features + f] = scale * Math.cos(angle);
    }
  }
  return centreColumns({ rows, columns: features, values });
}

/** Of the rows named and the others; the columns have mean 0, so the others' sum is the negative one. */
function squaredMeanDifference({ rows, columns, values }: Matrix, first: Int32Array): number {
  const sum = new Float64Array(columns);
  for (let i = 0; i < first.length; i++) {
    const at = first[i]! * columns;
    for (let f = 0; f < columns; f++) sum[f]! += values[at + f]!;
  }
  const scale = 1 / first.length + 1 / (rows - first.length);
  return sum.reduce((total, s) => total + (s * scale) ** 2, 0);
}

/** The weights of the sum that the discrepancy is without drift. */
function nullWeights(pooled: Matrix, n: number, m: number): Float64Array {
  const c = ((1 / n + 1 / m) * (n + m)) / (n + m - 1);
  // Rounding leaves some that are 0 a little below it.
  return symmetricEigenvalues(covarianceOf(pooled), pooled.columns).map((value) => c * Math.max(0, value));
}
