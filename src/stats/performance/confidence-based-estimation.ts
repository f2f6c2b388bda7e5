import type { Uniform } from '../sampling/xoshiro128.ts';
import { type Metric, metric, noMetric, Z95 } from './metric.ts';

/**
 * Confidence-based performance estimation (CBPE; NannyML's, after Garg et al. 2022): where the probability of the
 * positive class is known for each prediction, so is the expected number of right and wrong ones, without any label.
 * It holds as long as the probabilities do: the inputs may move, what they mean may not.
 */

export type ScoredPredictions = {
  /** Finite; rows are ranked by it. */
  readonly scores: Float64Array;
  /** That the row is positive: the calibrated score. */
  readonly probabilities: Float64Array;
  /** Predicted classes, 1, 0, or NaN where there is none; null when there are none at all. */
  readonly predictions: ArrayLike<number> | null;
};

const NAMES = ['roc_auc', 'pr_auc', 'accuracy', 'precision', 'recall', 'specificity', 'f1'] as const;
export type EstimatedName = (typeof NAMES)[number];
type Values = Record<EstimatedName, number>;

/** Draws of the labels that the error is taken from, of at most so many rows. */
const DRAWS = 200;
const DRAWN_ROWS = 20_000;

const methodOf = (name: EstimatedName): string => `${name}/cbpe@1`;

/**
 * What the metrics of these predictions are expected to be: ratios of expected counts, the areas along the order of the
 * scores. `referenceErrors`: standard errors of the metrics on the reference, where the probabilities were learnt. The
 * band is where the realised value is expected to lie 95 times in 100: it adds the spread of the metric over draws of the
 * labels to the reference's error. Cost O(n log n).
 */
export function estimateBinary(
  given: ScoredPredictions,
  options: { readonly random: Uniform; readonly referenceErrors: Readonly<Partial<Record<EstimatedName, number>>> },
): Record<EstimatedName, Metric> {
  const n = given.scores.length;
  const order = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => given.scores[b]! - given.scores[a]!);
  const expected = valuesOf(given, order, given.probabilities);
  const spread = spreadOf(given, order, options.random);
  const found = NAMES.map((name): [EstimatedName, Metric] => {
    const value = expected[name];
    if (Number.isNaN(value)) return [name, noMetric(methodOf(name), n, whyNone(name, given))];
    const half = Z95 * Math.hypot(spread[name], options.referenceErrors[name] ?? 0);
    return [name, metric(methodOf(name), n, { value, low: value - half, high: value + half, least: 0, most: 1 })];
  });
  // One entry for each name.
  return Object.fromEntries(found) as Record<EstimatedName, Metric>;
}

function whyNone(name: EstimatedName, { scores, predictions }: ScoredPredictions): string {
  if (scores.length === 0) return 'no row has a score';
  if (name !== 'roc_auc' && name !== 'pr_auc' && predictions === null) return 'there are no predicted classes';
  return 'no row is expected to count for it';
}

/** The metrics where row i is positive with weight `positive[i]` and negative with the rest of 1. */
function valuesOf(given: ScoredPredictions, order: Int32Array, positive: ArrayLike<number>): Values {
  return { ...weightedAreas(given.scores, order, positive), ...rates(given.predictions, order, positive) };
}

/**
 * Areas under the ROC and the precision-recall curve where row i is positive with weight `positive[i]`; `order` is that of
 * falling scores. With weights of 0 and 1 they are the realised ones. Cost O(n).
 */
export function weightedAreas(scores: Float64Array, order: Int32Array, positive: ArrayLike<number>) {
  let [positives, negatives, pairs, precisions] = [0, 0, 0, 0];
  for (let i = 0; i < order.length; ) {
    const score = scores[order[i]!];
    let [hits, misses] = [0, 0];
    for (; i < order.length && scores[order[i]!] === score; i++) {
      hits += positive[order[i]!]!;
      misses += 1 - positive[order[i]!]!;
    }
    // Rows of equal score are ordered by neither.
    pairs += misses * (positives + hits / 2);
    positives += hits;
    negatives += misses;
    precisions += hits * (positives / (positives + negatives));
  }
  return { roc_auc: pairs / (positives * negatives), pr_auc: precisions / positives };
}

function rates(predictions: ScoredPredictions['predictions'], order: Int32Array, positive: ArrayLike<number>) {
  let [tp, fp, fn, tn] = [0, 0, 0, 0];
  for (const row of predictions === null ? [] : order) {
    const p = positive[row]!;
    if (predictions?.[row] === 1) [tp, fp] = [tp + p, fp + 1 - p];
    else if (predictions?.[row] === 0) [fn, tn] = [fn + p, tn + 1 - p];
  }
  return {
    accuracy: (tp + tn) / (tp + fp + fn + tn),
    precision: tp / (tp + fp),
    recall: tp / (tp + fn),
    specificity: tn / (tn + fp),
    f1: (2 * tp) / (2 * tp + fp + fn),
  };
}

/** Standard deviations of the metrics over draws of the labels by their probabilities. */
function spreadOf(given: ScoredPredictions, order: Int32Array, random: Uniform): Values {
  const stride = Math.max(1, Math.ceil(order.length / DRAWN_ROWS));
  // Every so many-th row along the scores stands for its neighbours.
  const used = order.filter((_, place) => place % stride === 0);
  const scale = Math.sqrt(used.length / Math.max(1, order.length));
  const drawn = new Float64Array(given.scores.length);
  const sums = NAMES.map(() => ({ n: 0, sum: 0, squares: 0 }));
  for (let draw = 0; draw < DRAWS; draw++) {
    for (const row of used) drawn[row] = Number(random() < given.probabilities[row]!);
    const values = valuesOf(given, used, drawn);
    for (const [i, name] of NAMES.entries()) {
      // A draw may have no positive row, and no such metric then.
      if (Number.isNaN(values[name])) continue;
      const sum = sums[i]!;
      sum.n++;
      sum.sum += values[name];
      sum.squares += values[name] ** 2;
    }
  }
  const deviations = sums.map(({ n, sum, squares }) => Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2)) * scale);
  // One entry for each name.
  return Object.fromEntries(NAMES.map((name, i) => [name, deviations[i] ?? Number.NaN])) as Values;
}
