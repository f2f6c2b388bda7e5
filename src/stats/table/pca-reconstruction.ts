import { mannWhitney } from '../hypothesis-tests/mann-whitney.ts';
import { shuffledRows } from '../sampling/shuffle.ts';
import type { Uniform } from '../sampling/xoshiro128.ts';
import { radixSort } from '../summaries/radix-sort.ts';
import { symmetricEigen } from '../summaries/symmetric-eigen.ts';
import type { Contribution } from './domain-classifier.ts';
import type { EncodedTables } from './encode-table.ts';
import { columnMeans, covarianceOf, type Matrix, takeRows } from './matrix.ts';

export type PcaReconstruction = {
  /** Mean distance of a row from the components, for rows of the reference that they were not fitted to. */
  readonly referenceError: number;
  readonly windowError: number;
  /** The chance that a row of the window lies farther from them than one of the reference; 0.5 without drift. */
  readonly superiority: number;
  /** Two-sided: rows may also lie too near. */
  readonly p: number;
  readonly components: number;
  readonly columns: number;
  /** Each column's share of the changes of the mean squared distance, largest first. */
  readonly contributions: readonly Contribution[];
};

export type PcaOptions = { readonly random: Uniform; readonly explained?: number };

/** The share of the variance that the components explain at least. */
const EXPLAINED = 0.65;
const MOST_COLUMNS = 300;

/** What is left of a row by rounding alone, as a share of its length: where the components span all that there is. */
const ROUNDING = 1e-12;

/**
 * Drift of the relations between columns by principal components: they are fitted to a random half of the reference, so
 * many that they explain 65 % of its variance, though one fewer than columns, since all of them would leave nothing to
 * look at, and each other row is as far from drift as from its projection on them. The
 * errors of the reference's other half and of the window are compared by Mann and Whitney's test, which is valid since
 * neither was fitted. Blind to what moves along the components. Null below 20 rows of the reference, without rows in
 * the window, or unless there are 2 to 300 columns. Cost O(rows · columns² + columns³).
 */
export function pcaReconstruction(tables: EncodedTables, options: PcaOptions): PcaReconstruction | null {
  const { reference, window, names } = tables;
  if (reference.rows < 20 || window.rows === 0 || names.length < 2 || names.length > MOST_COLUMNS) return null;
  const order = shuffledRows(reference.rows, options.random);
  const half = reference.rows >> 1;
  const model = fitComponents(takeRows(reference, order.subarray(0, half)), options.explained ?? EXPLAINED);
  if (model.components === 0) return null;
  const held = residuals(model, takeRows(reference, order.subarray(half)));
  const current = residuals(model, window);
  const test = mannWhitney(radixSort(current.distances), radixSort(held.distances));
  const change = held.squares.map((before, j) => Math.abs(current.squares[j]! - before));
  const total = change.reduce((a, b) => a + b, 0);
  return {
    referenceError: held.mean,
    windowError: current.mean,
    superiority: test.superiority,
    p: test.p,
    components: model.components,
    columns: names.length,
    contributions: names
      .map((name, j) => ({ name, share: total > 0 ? change[j]! / total : 0 }))
      .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1)),
  };
}

type Model = { readonly mean: Float64Array; readonly vectors: Float64Array; readonly components: number };

function fitComponents(rows: Matrix, explained: number): Model {
  const { values, vectors } = symmetricEigen(covarianceOf(rows), rows.columns);
  const total = values.reduce((a, b) => a + b, 0);
  let components = 0;
  for (let sum = 0; components < values.length - 1 && sum < explained * total; components++) sum += values[components]!;
  return { mean: columnMeans(rows), vectors, components };
}

type Residuals = { readonly distances: Float64Array; readonly mean: number; readonly squares: Float64Array };

/** Distance of each row from its projection, and each column's mean square of it. */
function residuals({ mean, vectors, components }: Model, rows: Matrix): Residuals {
  const d = rows.columns;
  const distances = new Float64Array(rows.rows);
  const squares = new Float64Array(d);
  const rest = new Float64Array(d);
  let sum = 0;
  for (let i = 0; i < rows.rows; i++) {
    let whole = 1;
    for (let j = 0; j < d; j++) {
      const value = rows.values[i * d + j]!;
      whole += value * value;
      rest[j] = value - mean[j]!;
    }
    for (let k = 0; k < components; k++) {
      let along = 0;
      for (let j = 0; j < d; j++) along += rest[j]! * vectors[j * d + k]!;
      for (let j = 0; j < d; j++) rest[j]! -= along * vectors[j * d + k]!;
    }
    let square = 0;
    for (let j = 0; j < d; j++) square += rest[j]! ** 2;
    // Ranks of rounding errors would judge nothing but how large the numbers are.
    if (square <= ROUNDING * ROUNDING * whole) continue;
    for (let j = 0; j < d; j++) squares[j]! += rest[j]! ** 2 / rows.rows;
    distances[i] = Math.sqrt(square);
    sum += distances[i]!;
  }
  return { distances, mean: sum / rows.rows, squares };
}
