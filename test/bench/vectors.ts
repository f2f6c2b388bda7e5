import { normalDeviate } from '../../src/stats/sampling/normal-deviate.ts';
import { shuffledRows } from '../../src/stats/sampling/shuffle.ts';
import { type Uniform, xoshiro128 } from '../../src/stats/sampling/xoshiro128.ts';
import { type Matrix, squaredDistance, stackRows } from '../../src/stats/table/matrix.ts';
import type { MatrixPair } from '../../src/stats/table/maximum-mean-discrepancy.ts';
import { DEFAULT_POLICY } from '../../src/stats/verdict/judge.ts';
import { vectorFindings } from '../../src/stats/verdict/vector-findings.ts';
import type { BenchOptions } from './main.ts';
import type { BenchResult } from './report.ts';

/** Rows of reference and window, components, and how far they move: less where more rows see more. */
type Setting = {
  readonly n: number;
  readonly m: number;
  readonly d: number;
  readonly by: Readonly<Record<Drift, number>>;
};
const SETTINGS: readonly Setting[] = [
  {
    n: 200,
    m: 200,
    d: 10,
    by: {
      mean: 0.12,
      'mean of one': 0.45,
      spread: 1.08,
      'spread of one': 1.7,
      correlation: 0.25,
      tails: 12,
      cluster: 0.07,
    },
  },
  {
    n: 500,
    m: 300,
    d: 30,
    by: {
      mean: 0.05,
      'mean of one': 0.3,
      spread: 1.04,
      'spread of one': 1.6,
      correlation: 0.12,
      tails: 12,
      cluster: 0.04,
    },
  },
];
const DRIFTS = ['mean', 'mean of one', 'spread', 'spread of one', 'correlation', 'tails', 'cluster'] as const;
type Drift = (typeof DRIFTS)[number];

type Counts = { readonly healthy: number; readonly moved: number };
const FULL: Counts = { healthy: 400, moved: 200 };
const QUICK: Counts = { healthy: 100, moved: 50 };
/** The share of healthy pairs beyond the threshold of each rule. */
const LEVEL = 0.05;
const DEALS = 60;

/**
 * What the discrepancy of vectors sees, beside Alibi Detect's: the unbiased one of all pairs of rows under one Gaussian kernel whose
 * squared bandwidth is half the median squared distance, in deviations of its deals. Both have the threshold that so many
 * healthy pairs exceed, so that neither gains by alarming more.
 */
export function benchVectors({ quick }: BenchOptions): Promise<BenchResult[]> {
  const { healthy, moved } = quick ? QUICK : FULL;
  const results = SETTINGS.flatMap((setting) => {
    const random = xoshiro128(20_261_130);
    const draw = (drift: Drift | null, count: number) =>
      Array.from({ length: count }, () => {
        const pair = {
          x: drawMatrix(setting, { rows: setting.n, drift: null, random }),
          y: drawMatrix(setting, { rows: setting.m, drift, random }),
        };
        return { tidemark: ours(pair), alibi: allPairs(pair, random) };
      });
    const still = draw(null, healthy);
    return DRIFTS.map((drift) => {
      const seen = draw(drift, moved);
      const power = (rule: 'tidemark' | 'alibi'): number => {
        const falling = still.map((scores) => scores[rule]).toSorted((a, b) => b - a);
        const threshold = falling[Math.floor(LEVEL * healthy)] ?? Number.POSITIVE_INFINITY;
        return seen.filter((scores) => scores[rule] > threshold).length / moved;
      };
      const [tidemark, alibi] = [power('tidemark'), power('alibi')];
      const error = Math.sqrt((tidemark * (1 - tidemark) + alibi * (1 - alibi)) / moved);
      return {
        name: `vectors, ${drift}, ${setting.n} / ${setting.m} rows of ${setting.d}`,
        what: "share of moved pairs that are seen / Alibi Detect's, at the same share of false alarms",
        unit: '×' as const,
        value: alibi === 0 ? 1 : tidemark / alibi,
        // Two standard errors of the difference of two such shares.
        aim: { at: 'least' as const, value: alibi === 0 ? 1 : 1 - (2 * error) / alibi },
        figures: { tidemark, alibi },
      };
    });
  });
  return Promise.resolve(results);
}

type Drawn = { readonly rows: number; readonly drift: Drift | null; readonly random: Uniform };

function drawMatrix({ d, by }: Setting, { rows, drift, random }: Drawn): Matrix {
  const values = new Float64Array(rows * d);
  const size = drift === null ? 0 : by[drift];
  for (let row = 0; row < rows; row++) {
    const vector = values.subarray(row * d, (row + 1) * d);
    for (let k = 0; k < d; k++) vector[k] = normalDeviate(random);
    if (drift !== null) move(vector, { drift, size, random });
  }
  return { rows, columns: d, values };
}

function move(vector: Float64Array, { drift, size, random }: { drift: Drift; size: number; random: Uniform }): void {
  const each = (of: (v: number, k: number) => number): void => vector.set(vector.map(of));
  if (drift === 'mean') each((v) => v + size);
  else if (drift === 'mean of one') vector[0]! += size;
  else if (drift === 'spread') each((v) => v * size);
  else if (drift === 'spread of one') vector[0]! *= size;
  else if (drift === 'correlation') {
    const common = Math.sqrt(size) * normalDeviate(random);
    each((v, k) => (k < vector.length / 2 ? common + Math.sqrt(1 - size) * v : v));
  } else if (drift === 'tails') {
    // Student's t of so many degrees of freedom, with the variance of before.
    let sum = 0;
    for (let i = 0; i < size; i++) sum += normalDeviate(random) ** 2;
    each((v) => v * Math.sqrt((size - 2) / sum));
  } else if (random() < size) each((v) => v + 1.5);
}

function ours(pair: MatrixPair): number {
  const [found] = vectorFindings(['mmd/vectors/landmarks@1'], pair, DEFAULT_POLICY);
  return -Math.log(Math.max(found?.p ?? 1, Number.MIN_VALUE));
}

function allPairs({ x, y }: MatrixPair, random: Uniform): number {
  const rows = x.rows + y.rows;
  const all = stackRows(x, y);
  const squares = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) for (let j = 0; j < rows; j++) squares[i * rows + j] = squaredDistance(all, i, all, j);
  const median = squares.filter((_, at) => at % rows > at / rows).sort()[(rows * (rows - 1)) >> 2]!;
  const kernel = squares.map((square, at) => (at % (rows + 1) === 0 ? 0 : Math.exp(-square / median)));
  const own = Int32Array.from({ length: x.rows }, (_, i) => i);
  const dealt = Array.from({ length: DEALS }, () => unbiased(kernel, shuffledRows(rows, random, x.rows), rows));
  const mean = dealt.reduce((sum, v) => sum + v, 0) / DEALS;
  const deviation = Math.sqrt(dealt.reduce((sum, v) => sum + (v - mean) ** 2, 0) / DEALS);
  return (unbiased(kernel, own, rows) - mean) / deviation;
}

/** Of the rows named and the others, from the kernel of all pairs without that of a row and itself. */
function unbiased(kernel: Float64Array, first: Int32Array, rows: number): number {
  const side = new Uint8Array(rows);
  for (const row of first) side[row] = 1;
  const sums = [0, 0, 0];
  for (let i = 0; i < rows; i++) for (let j = 0; j < rows; j++) sums[side[i]! + side[j]!]! += kernel[i * rows + j]!;
  const [n, m] = [first.length, rows - first.length];
  return sums[2]! / (n * (n - 1)) + sums[0]! / (m * (m - 1)) - sums[1]! / (n * m);
}
