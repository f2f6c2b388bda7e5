import { type Metric, metric, noMetric, Z95 } from './metric.ts';

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

function variance(values: readonly number[]): number {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let sum = 0;
  for (const value of values) sum += (value - mean) ** 2;
  return sum / (values.length - 1);
}

/**
 * Area under the ROC curve: the share of (positive, negative) pairs that the score orders rightly, ties as half,
 * by Mann and Whitney's rank sum. Its interval is DeLong's (1988) from the placement of each row among those of
 * the other class, computed by midranks (Sun and Xu 2014); none when all pairs are ordered alike or a class has
 * one row. `labels` are 1 and 0, `scores` finite. Cost O(n log n).
 */
export function rocAuc(labels: ArrayLike<number>, scores: ArrayLike<number>): Metric {
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
  if (positives === 0 || negatives === 0) return noMetric(METHOD, n, 'the labels have one class only');
  const ofPositives: number[] = [];
  const ofNegatives: number[] = [];
  for (let i = 0; i < n; i++) {
    const among = all[i]! - classRanks[labels[i]!]![i]!;
    if (labels[i] === 1) ofPositives.push(among / negatives);
    else ofNegatives.push(1 - among / positives);
  }
  let auc = 0;
  for (const placement of ofPositives) auc += placement;
  auc /= positives;
  const error = Math.sqrt(variance(ofPositives) / positives + variance(ofNegatives) / negatives);
  if (!(error > 0)) return metric(METHOD, n, { value: auc, low: Number.NaN, high: Number.NaN });
  return metric(METHOD, n, { value: auc, low: auc - Z95 * error, high: auc + Z95 * error, least: 0, most: 1 });
}
