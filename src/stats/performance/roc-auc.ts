import { type Metric, noMetric, normalMetric } from './metric.ts';

const METHOD = 'roc_auc/delong@1';

/** Midranks (1-based; the mean of the ranks that tied values share) of `values` in the order of `order`. */
function midranks(values: ArrayLike<number>, order: readonly number[]): Float64Array {
  const ranks = new Float64Array(values.length);
  for (let i = 0; i < order.length; ) {
    let j = i;
    while (j < order.length && values[order[j]!] === values[order[i]!]) j++;
    for (let k = i; k < j; k++) ranks[order[k]!] = (i + j + 1) / 2;
    i = j;
  }
  return ranks;
}

export type RankedAuc = {
  readonly auc: number;
  /** What each row adds to the error: the root of the sum of their squares is DeLong's. NaN for a class of one row. */
  readonly parts: Float64Array;
};

/**
 * The area under the ROC curve by Mann and Whitney's rank sum, and each row's part in its error, from its placement
 * among the rows of the other class (DeLong 1988; by midranks, Sun and Xu 2014). Null when the labels have one class.
 * `labels` are 1 and 0, `scores` finite. Cost O(n log n).
 */
export function rankedAuc(labels: ArrayLike<number>, scores: ArrayLike<number>): RankedAuc | null {
  const n = labels.length;
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  const all = midranks(scores, order);
  const classRanks = [0, 1].map((label) =>
    midranks(
      scores,
      order.filter((i) => labels[i] === label),
    ),
  );
  let positives = 0;
  for (let i = 0; i < n; i++) positives += labels[i]!;
  const negatives = n - positives;
  if (positives === 0 || negatives === 0) return null;
  const parts = new Float64Array(n);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const among = all[i]! - classRanks[labels[i]!]![i]!;
    parts[i] = labels[i] === 1 ? among / negatives : 1 - among / positives;
    if (labels[i] === 1) sum += parts[i]!;
  }
  const auc = sum / positives;
  const scale = [Math.sqrt(negatives * (negatives - 1)), Math.sqrt(positives * (positives - 1))] as const;
  // A class of one row has no variance: 0 / 0 says so.
  for (let i = 0; i < n; i++) parts[i] = scale[labels[i]!]! > 0 ? (parts[i]! - auc) / scale[labels[i]!]! : Number.NaN;
  return { auc, parts };
}

/** The root of a sum of squares. */
export function rootSumOfSquares(parts: Float64Array): number {
  let sum = 0;
  for (const part of parts) sum += part * part;
  return Math.sqrt(sum);
}

/**
 * Area under the ROC curve: the share of (positive, negative) pairs that the score orders rightly, ties as half.
 * Its interval is DeLong's (1988); none when all pairs are ordered alike or a class has one row. `labels` are 1 and
 * 0, `scores` finite. Cost O(n log n).
 */
export function rocAuc(labels: ArrayLike<number>, scores: ArrayLike<number>): Metric {
  const ranked = rankedAuc(labels, scores);
  if (ranked === null) return noMetric(METHOD, labels.length, 'the labels have one class only');
  const error = rootSumOfSquares(ranked.parts);
  return normalMetric(METHOD, labels.length, { value: ranked.auc, error, least: 0, most: 1 });
}
