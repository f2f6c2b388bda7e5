import type { ConfusionCounts } from './confusion-matrix.ts';
import { type Metric, noMetric, normalMetric } from './metric.ts';

/** A rate of one class and its partial derivatives. */
type Rate = { readonly value: number; readonly d: number; readonly r: number; readonly q: number };

/** From shares of all rows: right ones of the class (d), labelled so (r), predicted so (q). */
type RateOf = (d: number, r: number, q: number) => Rate;

/** What cannot be divided counts as 0, as scikit-learn has it. */
const ZERO: Rate = { value: 0, d: 0, r: 0, q: 0 };

const RATES = {
  precision: (d, _, q) => (q === 0 ? ZERO : { value: d / q, d: 1 / q, r: 0, q: -d / (q * q) }),
  recall: (d, r) => (r === 0 ? ZERO : { value: d / r, d: 1 / r, r: -d / (r * r), q: 0 }),
  f1: (d, r, q) => {
    const both = r + q;
    if (both === 0) return ZERO;
    return { value: (2 * d) / both, d: 2 / both, r: (-2 * d) / (both * both), q: (-2 * d) / (both * both) };
  },
  specificity: (d, r, q) => {
    const others = 1 - r;
    if (others <= 0) return ZERO;
    return { value: (others - q + d) / others, d: 1 / others, r: (d - q) / (others * others), q: -1 / others };
  },
} satisfies Record<string, RateOf>;

export type RateName = keyof typeof RATES;

/**
 * The mean of a one-against-the-others rate over the classes that a label or a prediction names: `macro`, each class
 * alike, or `weighted` by its labels. Its interval is normal, by the delta method on the multinomial shares of the
 * confusion matrix (Takahashi et al. 2022). Cost O(classes²).
 */
export function classAverage(confusion: ConfusionCounts, rate: RateName, average: 'macro' | 'weighted'): Metric {
  const { classes, n, counts } = confusion;
  const method = `${rate}_${average}/delta@1`;
  if (n === 0) return noMetric(method, n, 'no row has both label and predicted class');
  const { diagonal, rows, columns } = margins(confusion);
  const used = Array.from({ length: classes }, (_, c) => c).filter((c) => rows[c]! + columns[c]! > 0);
  const byRow = new Float64Array(classes);
  const byColumn = new Float64Array(classes);
  const byHit = new Float64Array(classes);
  let value = 0;
  for (const c of used) {
    const found = RATES[rate](diagonal[c]!, rows[c]!, columns[c]!);
    const weight = average === 'macro' ? 1 / used.length : rows[c]!;
    value += weight * found.value;
    byRow[c] = weight * found.r + (average === 'macro' ? 0 : found.value);
    byColumn[c] = weight * found.q;
    byHit[c] = weight * found.d;
  }
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue;
    const [label, predicted] = [Math.floor(i / classes), i % classes];
    const slope = byRow[label]! + byColumn[predicted]! + (label === predicted ? byHit[label]! : 0);
    mean += (counts[i]! / n) * slope;
    squares += (counts[i]! / n) * slope * slope;
  }
  const error = Math.sqrt(Math.max(0, squares - mean * mean) / n);
  return normalMetric(method, n, { value, error, least: 0, most: 1 });
}

/** Shares of all rows, by class: on the diagonal, of labels, of predictions. */
function margins({ classes, n, counts }: ConfusionCounts) {
  const diagonal = new Float64Array(classes);
  const rows = new Float64Array(classes);
  const columns = new Float64Array(classes);
  for (let i = 0; i < counts.length; i++) {
    const [label, predicted] = [Math.floor(i / classes), i % classes];
    const share = counts[i]! / n;
    rows[label]! += share;
    columns[predicted]! += share;
    if (label === predicted) diagonal[label]! += share;
  }
  return { diagonal, rows, columns };
}
