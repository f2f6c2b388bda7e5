import type { BinnedFeature } from './binned-table.ts';

/** What its rows are worth, and where they go on: to the left child where `left[code]` is 1. A leaf has no split. */
type Node = {
  readonly value: number;
  readonly split: {
    readonly feature: number;
    readonly left: Uint8Array;
    readonly children: readonly [number, number];
  } | null;
};

type Tree = readonly Node[];

export type BoostingOptions = {
  readonly trees: number;
  readonly depth: number;
  readonly learningRate: number;
  /** Rows that a leaf must have at least. */
  readonly leafRows: number;
};

export type BoostedTrees = {
  readonly start: number;
  readonly trees: readonly Tree[];
};

/** The penalty on squared leaf values: a leaf of few rows says little. */
const RIDGE = 1;
/** The same for splits on unordered bins, which chance finds more easily since it also finds their order. */
const UNORDERED_RIDGE = 20;
/** Rows of a node below which an unordered bin is not looked at on its own, but with the others that are as rare. */
const OWN_ROWS = 20;

type Training = {
  readonly features: readonly BinnedFeature[];
  readonly options: BoostingOptions;
  readonly gradients: Float64Array;
  readonly hessians: Float64Array;
};

/**
 * Gradient-boosted trees for two classes (Friedman 2001; second-order splits as Chen and Guestrin 2016): each tree is
 * grown level by level on the logistic loss's gradients, with one histogram a feature and node over its bins.
 * Ordered bins are split at a place, missing ones going either way; unordered ones by their order of mean gradient
 * (Fisher 1958). Deterministic. Cost O(trees · depth · features · rows).
 */
export function trainBoostedTrees(
  features: readonly BinnedFeature[],
  { labels, rows }: { readonly labels: Uint8Array; readonly rows: Int32Array },
  options: BoostingOptions,
): BoostedTrees {
  let positives = 0;
  for (const row of rows) positives += labels[row]!;
  const start = Math.log((positives + 0.5) / (rows.length - positives + 0.5));
  const logistic: Loss = (row, score) => {
    const p = 1 / (1 + Math.exp(-score));
    return { gradient: p - labels[row]!, hessian: p * (1 - p) };
  };
  return boost(features, { rows, size: labels.length, start, loss: logistic }, options);
}

/**
 * The same for a number in each row, on the squared error's gradients: `scoreRow` of it is the number to expect.
 * `targets` are finite. Cost as above.
 */
export function trainRegressionTrees(
  features: readonly BinnedFeature[],
  { targets, rows }: { readonly targets: Float64Array; readonly rows: Int32Array },
  options: BoostingOptions,
): BoostedTrees {
  let start = 0;
  for (const row of rows) start += targets[row]! / rows.length;
  const squared: Loss = (row, score) => ({ gradient: score - targets[row]!, hessian: 1 });
  return boost(features, { rows, size: targets.length, start, loss: squared }, options);
}

/** First and second derivative of a row's loss in its score. */
type Loss = (row: number, score: number) => { readonly gradient: number; readonly hessian: number };

type Boosting = { readonly rows: Int32Array; readonly size: number; readonly start: number; readonly loss: Loss };

function boost(
  features: readonly BinnedFeature[],
  { rows, size, start, loss }: Boosting,
  options: BoostingOptions,
): BoostedTrees {
  const scores = new Float64Array(size).fill(start);
  const training: Training = {
    features,
    options,
    gradients: new Float64Array(size),
    hessians: new Float64Array(size),
  };
  const trees: Tree[] = [];
  for (let t = 0; t < options.trees; t++) {
    for (const row of rows) {
      const { gradient, hessian } = loss(row, scores[row]!);
      training.gradients[row] = gradient;
      training.hessians[row] = hessian;
    }
    const tree: Node[] = [];
    const settle = (value: number, settled: Int32Array): void => {
      for (const row of settled) scores[row]! += value;
    };
    grow(training, { tree, rows, depth: options.depth, settle });
    trees.push(tree);
  }
  return { start, trees };
}

/**
 * The model's log odds that a row is of the second class. What each split on the way adds to them is added, times
 * `weight`, to its feature's place in `parts`.
 */
export function scoreRow(
  { start, trees }: BoostedTrees,
  features: readonly BinnedFeature[],
  given: { readonly row: number; readonly weight: number; readonly parts: Float64Array },
): number {
  const { row, weight, parts } = given;
  let score = start;
  for (const tree of trees) {
    let node = tree[0]!;
    while (node.split !== null) {
      const { feature, left, children } = node.split;
      const next = tree[children[left[features[feature]!.codes[row]!] === 1 ? 0 : 1]]!;
      parts[feature]! += weight * (next.value - node.value);
      node = next;
    }
    score += node.value;
  }
  return score;
}

type Growing = {
  readonly tree: Node[];
  readonly rows: Int32Array;
  readonly depth: number;
  /** Called with each leaf's value and rows. */
  readonly settle: (value: number, rows: Int32Array) => void;
};

/** Adds the node of these rows, and those below it; returns its place. */
function grow(training: Training, growing: Growing): number {
  const { tree, rows, depth, settle } = growing;
  let gradient = 0;
  let hessian = 0;
  for (let i = 0; i < rows.length; i++) {
    gradient += training.gradients[rows[i]!]!;
    hessian += training.hessians[rows[i]!]!;
  }
  const value = (-training.options.learningRate * gradient) / (hessian + RIDGE);
  const found = depth === 0 || rows.length < 2 * training.options.leafRows ? null : bestSplit(training, rows);
  const place = tree.length;
  tree.push({ value, split: null });
  if (found === null) {
    settle(value, rows);
    return place;
  }
  const { feature, left } = found;
  const { codes } = training.features[feature]!;
  const below = (side: 0 | 1): number =>
    grow(training, { ...growing, rows: rowsWhere(rows, codes, left, 1 - side), depth: depth - 1 });
  tree[place] = { value, split: { feature, left, children: [below(0), below(1)] } };
  return place;
}

/** The rows that go to the side where `left` is `wanted`. */
function rowsWhere(rows: Int32Array, codes: Uint8Array, left: Uint8Array, wanted: number): Int32Array {
  const chosen = new Int32Array(rows.length);
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    chosen[count] = row;
    if (left[codes[row]!] === wanted) count++;
  }
  return chosen.slice(0, count);
}

type Split = { readonly feature: number; readonly left: Uint8Array; readonly gain: number };

/** Sums over the rows of one bin. */
type Histogram = { readonly gradient: Float64Array; readonly hessian: Float64Array; readonly rows: Float64Array };

function bestSplit(training: Training, rows: Int32Array): Split | null {
  let best: Split | null = null;
  for (const [f, feature] of training.features.entries()) {
    const split = splitFeature(histogramOf(training, feature, rows), feature, training.options.leafRows);
    if (split !== null && split.gain > (best?.gain ?? 1e-9)) best = { ...split, feature: f };
  }
  return best;
}

function histogramOf({ gradients, hessians }: Training, { codes, bins }: BinnedFeature, rows: Int32Array): Histogram {
  const gradient = new Float64Array(bins);
  const hessian = new Float64Array(bins);
  const count = new Float64Array(bins);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const code = codes[row]!;
    gradient[code]! += gradients[row]!;
    hessian[code]! += hessians[row]!;
    count[code]!++;
  }
  return { gradient, hessian, rows: count };
}

function splitFeature(histogram: Histogram, feature: BinnedFeature, leafRows: number): Omit<Split, 'feature'> | null {
  const used: number[] = [];
  for (let b = 0; b < feature.bins; b++) if (histogram.rows[b]! > 0) used.push(b);
  const missing = feature.bins - 1;
  if (!feature.ordered) return splitUnordered(histogram, used, leafRows);
  // Missing values come last, or first: whichever tells the tables apart.
  const options = { leafRows, ridge: RIDGE };
  const last = bestPrefix(histogram, used, options);
  if (used.at(-1) !== missing) return closed(last, missing);
  const first = bestPrefix(histogram, [missing, ...used.slice(0, -1)], options);
  return closed((first?.gain ?? 0) > (last?.gain ?? 0) ? first : last, missing);
}

/** Bins without a row of the node go to the side that they lie on: other rows may have them. */
function closed(split: Omit<Split, 'feature'> | null, missing: number): Omit<Split, 'feature'> | null {
  split?.left.fill(1, 0, split.left.lastIndexOf(1, missing - 1) + 1);
  return split;
}

/** By falling share of the first class; the rare bins are one, and stay on the right unless they go left together. */
function splitUnordered(
  histogram: Histogram,
  used: readonly number[],
  leafRows: number,
): Omit<Split, 'feature'> | null {
  const own = used.filter((b) => histogram.rows[b]! >= OWN_ROWS);
  const rare = used.filter((b) => histogram.rows[b]! < OWN_ROWS);
  const mean = (bins: readonly number[]): number => {
    const sum = (of: Float64Array): number => bins.reduce((total, b) => total + of[b]!, 0);
    return sum(histogram.gradient) / (sum(histogram.hessian) + UNORDERED_RIDGE);
  };
  const groups = [...own.map((b) => [b]), ...(rare.length > 0 ? [rare] : [])];
  const order = groups.map((bins) => ({ bins, mean: mean(bins) })).sort((a, b) => a.mean - b.mean);
  // Only where a group ends may the order be cut, else rare bins would be told apart after all.
  const ends = new Set<number>();
  let end = -1;
  for (const { bins } of order) {
    end += bins.length;
    ends.add(end);
  }
  const flat = order.flatMap(({ bins }) => bins);
  return bestPrefix(histogram, flat, { leafRows, ridge: UNORDERED_RIDGE, ends });
}

type Cutting = {
  readonly leafRows: number;
  readonly ridge: number;
  /** Places after which the order may be cut; everywhere when not given. */
  readonly ends?: ReadonlySet<number>;
};

function bestPrefix(histogram: Histogram, order: readonly number[], cutting: Cutting): Omit<Split, 'feature'> | null {
  const { leafRows, ridge, ends } = cutting;
  let [gradient, hessian, rows] = [0, 0, 0];
  for (const b of order) {
    gradient += histogram.gradient[b]!;
    hessian += histogram.hessian[b]!;
    rows += histogram.rows[b]!;
  }
  const whole = (gradient * gradient) / (hessian + ridge);
  let [g, h, r, cut, gain] = [0, 0, 0, -1, 0];
  for (let k = 0; k + 1 < order.length; k++) {
    const b = order[k]!;
    g += histogram.gradient[b]!;
    h += histogram.hessian[b]!;
    r += histogram.rows[b]!;
    if (r < leafRows || rows - r < leafRows || ends?.has(k) === false) continue;
    const other = gradient - g;
    const found = ((g * g) / (h + ridge) + (other * other) / (hessian - h + ridge) - whole) / 2;
    if (found > gain) [cut, gain] = [k, found];
  }
  if (cut < 0) return null;
  const left = new Uint8Array(histogram.rows.length);
  for (let k = 0; k <= cut; k++) left[order[k]!] = 1;
  return { left, gain };
}
