import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { type Uniform, xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import type { Matrix } from '../../../src/stats/table/matrix.ts';
import { type MatrixPair, medianBandwidth } from '../../../src/stats/table/maximum-mean-discrepancy.ts';
import type { TablePair } from '../../../src/stats/table/table-pair.ts';
import { numbers, texts } from '../columns.ts';

export type TableSpec = {
  readonly rows: number;
  readonly shift?: number;
  /** Correlation of `a` and `b`. */
  readonly together?: number;
  readonly missing?: number;
  readonly common?: number;
};

/** Columns `a` and `b` (normal), `heavy` (log-normal), `plan` (four texts), `city` (150 texts). */
function drawTable(spec: TableSpec, random: Uniform) {
  const { rows, shift = 0, together = 0, missing = 0, common = 0.25 } = spec;
  const lines = Array.from({ length: rows }, () => {
    const a = normalDeviate(random);
    const b = together * a + Math.sqrt(1 - together * together) * normalDeviate(random);
    return {
      a: a + shift,
      b,
      heavy: random() < missing ? null : Math.exp(normalDeviate(random)),
      plan: random() < common ? 'p0' : `p${1 + Math.floor(3 * random())}`,
      city: `c${Math.floor(150 * random())}`,
    };
  });
  return {
    a: numbers(lines.map(({ a }) => a)),
    b: numbers(lines.map(({ b }) => b)),
    heavy: numbers(lines.map(({ heavy }) => heavy)),
    plan: texts(lines.map(({ plan }) => plan)),
    city: texts(lines.map(({ city }) => city)),
  };
}

export function drawPair(reference: TableSpec, window: TableSpec, random: Uniform): TablePair {
  const [r, w] = [drawTable(reference, random), drawTable(window, random)];
  return [
    { name: 'a', reference: r.a, window: w.a },
    { name: 'b', reference: r.b, window: w.b },
    { name: 'heavy', reference: r.heavy, window: w.heavy },
    { name: 'plan', reference: r.plan, window: w.plan },
    { name: 'city', reference: r.city, window: w.city },
  ];
}

export type MatrixSpec = {
  readonly rows: number;
  readonly columns: number;
  readonly shift?: number;
  readonly rho?: number;
};

/** Normal rows whose columns are correlated by `rho`², the first one moved by `shift`. */
export function drawMatrix({ rows, columns, shift = 0, rho = 0.6 }: MatrixSpec, random: Uniform): Matrix {
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const common = normalDeviate(random);
    for (let j = 0; j < columns; j++) {
      const own = Math.sqrt(1 - rho * rho) * normalDeviate(random);
      values[i * columns + j] = rho * common + own + (j === 0 ? shift : 0);
    }
  }
  return { rows, columns, values };
}

/** Columns of drawn matrices. */
export const NAMES = ['a', 'b', 'c', 'd', 'e'];

/** Two samples of rows of five columns, the second changed and of fewer rows. */
export function drawMatrices(seed: number, change: { shift?: number; rho?: number } = {}, rows = 300): MatrixPair {
  const random = xoshiro128(seed);
  return {
    x: drawMatrix({ rows, columns: NAMES.length }, random),
    y: drawMatrix({ rows: Math.floor(rows * 0.7), columns: NAMES.length, ...change }, random),
  };
}

/** The bandwidth that suits a pair, and chance for what comes after. */
export function kernelOf(pair: MatrixPair, seed = 1): { readonly bandwidth: number; readonly random: Uniform } {
  const random = xoshiro128(seed);
  return { bandwidth: medianBandwidth(pair, random), random };
}

/** Share of the trials whose p lies below `level`. */
export function rejections(trials: number, level: number, p: (trial: number) => number): number {
  let rejected = 0;
  for (let t = 0; t < trials; t++) if (p(t) < level) rejected++;
  return rejected / trials;
}
