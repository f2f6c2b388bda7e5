/**
 * The demo's own model: logistic regression on one-hot categories, fitted by iteratively reweighted least
 * squares (Newton's method) with a ridge. It stands where a user's model would; nothing of the service uses it.
 */

/** A row's active inputs: indexes of its one-hot categories, and one number in units of its deviation. */
export type Example = { readonly active: Int32Array; readonly number: number };

export type LogisticModel = {
  /** `weights[i]` for category input `i`; then the number, its square, and the intercept. */
  readonly weights: Float64Array;
  readonly inputs: number;
};

const RIDGE = 1;
const ITERATIONS = 8;

/** Fits labels (0 or 1) by examples. Cost: iterations x rows x (active inputs)^2, plus one solve each. */
export function fitLogistic(examples: readonly Example[], labels: Uint8Array, inputs: number): LogisticModel {
  const size = inputs + 3;
  let model: LogisticModel = { weights: new Float64Array(size), inputs };
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    model = { weights: newtonStep(model, examples, labels), inputs };
  }
  return model;
}

/** Probability of label 1. */
export function probability(model: LogisticModel, example: Example): number {
  const { weights, inputs } = model;
  let z = weights[inputs + 2] ?? 0;
  for (const index of example.active) z += weights[index] ?? 0;
  z += (weights[inputs] ?? 0) * example.number + (weights[inputs + 1] ?? 0) * example.number ** 2;
  return 1 / (1 + Math.exp(-z));
}

/** One step: solve (XᵀWX + λI) w = XᵀW z for the working response z. */
function newtonStep(model: LogisticModel, examples: readonly Example[], labels: Uint8Array): Float64Array {
  const size = model.weights.length;
  const gram = Array.from({ length: size }, () => new Float64Array(size));
  const right = new Float64Array(size);
  examples.forEach((example, row) => {
    const p = probability(model, example);
    // A fitted probability of exactly 0 or 1 would divide by nothing.
    const weight = Math.max(p * (1 - p), 1e-6);
    const linear = Math.log(Math.max(p, 1e-12) / Math.max(1 - p, 1e-12));
    const response = linear + ((labels[row] ?? 0) - p) / weight;
    addRow(gram, right, { terms: termsOf(example, model.inputs), weight, response });
  });
  for (let i = 0; i < size; i++) addTo(gram[i], i, RIDGE);
  return solve(gram, right);
}

type Terms = { readonly indexes: readonly number[]; readonly values: readonly number[] };

function termsOf(example: Example, inputs: number): Terms {
  const active = [...example.active];
  return {
    indexes: [...active, inputs, inputs + 1, inputs + 2],
    values: [...active.map(() => 1), example.number, example.number ** 2, 1],
  };
}

function addRow(
  gram: readonly Float64Array[],
  right: Float64Array,
  row: { terms: Terms; weight: number; response: number },
): void {
  const { indexes, values } = row.terms;
  for (let a = 0; a < indexes.length; a++) {
    const i = indexes[a] ?? 0;
    const weighted = (values[a] ?? 0) * row.weight;
    addTo(right, i, weighted * row.response);
    for (let b = 0; b < indexes.length; b++) addTo(gram[i], indexes[b] ?? 0, weighted * (values[b] ?? 0));
  }
}

function addTo(array: Float64Array | undefined, index: number, amount: number): void {
  if (array !== undefined) array[index] = (array[index] ?? 0) + amount;
}

/** Solves a symmetric positive definite system in place by Cholesky's decomposition. */
function solve(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const n = right.length;
  const at = (i: number, j: number): number => matrix[i]?.[j] ?? 0;
  for (let j = 0; j < n; j++) {
    let diagonal = at(j, j);
    for (let k = 0; k < j; k++) diagonal -= at(j, k) ** 2;
    const root = Math.sqrt(diagonal);
    setAt(matrix, [j, j], root);
    for (let i = j + 1; i < n; i++) {
      let sum = at(i, j);
      for (let k = 0; k < j; k++) sum -= at(i, k) * at(j, k);
      setAt(matrix, [i, j], sum / root);
    }
  }
  const x = Float64Array.from(right);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) addTo(x, i, -at(i, k) * (x[k] ?? 0));
    x[i] = (x[i] ?? 0) / at(i, i);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) addTo(x, i, -at(k, i) * (x[k] ?? 0));
    x[i] = (x[i] ?? 0) / at(i, i);
  }
  return x;
}

function setAt(matrix: readonly Float64Array[], [i, j]: readonly [number, number], value: number): void {
  const row = matrix[i];
  if (row !== undefined) row[j] = value;
}
