import { type Metric, metric, noMetric, Z95 } from './metric.ts';

const METHOD = 'pr_auc/average-precision/logit@1';

/**
 * Area under the precision-recall curve as average precision, Σ (Rₖ - Rₖ₋₁) Pₖ over the distinct scores from the
 * highest down: no interpolation, which would flatter (Davis and Goadrich 2006). The interval is the logit one of
 * Boyd, Eng and Page (2013), with the positives as its sample; none at 0 and 1. `labels` are 1 and 0, `scores`
 * finite. Cost O(n log n).
 */
export function prAuc(labels: ArrayLike<number>, scores: ArrayLike<number>): Metric {
  const n = labels.length;
  let positives = 0;
  for (let i = 0; i < n; i++) positives += labels[i]!;
  if (positives === 0) return noMetric(METHOD, n, 'no label is positive');
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  let area = 0;
  let hits = 0;
  for (let i = 0; i < n; ) {
    const before = hits;
    const score = scores[order[i]!];
    for (; i < n && scores[order[i]!] === score; i++) hits += labels[order[i]!]!;
    area += ((hits - before) / positives) * (hits / i);
  }
  const value = Math.min(1, area);
  const centre = Math.log(value / (1 - value));
  const half = Z95 / Math.sqrt(positives * value * (1 - value));
  const inverse = (logit: number): number => (value < 1 ? 1 / (1 + Math.exp(-logit)) : Number.NaN);
  return metric(METHOD, n, { value, low: inverse(centre - half), high: inverse(centre + half) });
}
