import { type Metric, meanMetric, metric, noMetric, shareMetric, Z95 } from './metric.ts';
import { rocAuc } from './roc-auc.ts';

export type BinaryOutcomes = {
  /** 1 for the positive class, 0 for the other; NaN where there is no label (such rows are left out). */
  readonly labels: ArrayLike<number>;
  /** Predicted classes, 1, 0 or NaN; null when there are none. */
  readonly predictions: ArrayLike<number> | null;
  /** Scores of the positive class, higher for more likely, or NaN; null when there are none. */
  readonly scores: ArrayLike<number> | null;
};

export type ConfusionMatrix = {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly falseNegative: number;
  readonly trueNegative: number;
};

export type BinaryPerformance = {
  /** Rows with a label. */
  readonly labelled: number;
  readonly positives: number;
  readonly confusion: ConfusionMatrix | null;
  readonly metrics: Readonly<
    Record<'roc_auc' | 'accuracy' | 'precision' | 'recall' | 'f1' | 'log_loss' | 'brier', Metric>
  >;
};

/** Scores are kept this far from 0 and 1, or one confident error would make the mean infinite. */
const CLIP = 1e-15;

function isClass(x: number | undefined): x is 0 | 1 {
  return x === 0 || x === 1;
}

function confusionOf(outcomes: BinaryOutcomes): ConfusionMatrix | null {
  const { labels, predictions } = outcomes;
  if (predictions === null) return null;
  const cells = [0, 0, 0, 0];
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    const predicted = predictions[i];
    if (isClass(label) && isClass(predicted)) cells[2 * label + predicted]!++;
  }
  const [trueNegative, falsePositive, falseNegative, truePositive] = cells;
  return {
    truePositive: truePositive!,
    falsePositive: falsePositive!,
    falseNegative: falseNegative!,
    trueNegative: trueNegative!,
  };
}

/**
 * F1 = 2 TP / (2 TP + FP + FN), with a normal interval by the delta method on the multinomial shares
 * (Takahashi et al. 2022).
 */
function f1Metric(confusion: ConfusionMatrix): Metric {
  const { truePositive, falsePositive, falseNegative, trueNegative } = confusion;
  const method = 'f1/delta@1';
  const n = truePositive + falsePositive + falseNegative + trueNegative;
  const wrong = falsePositive + falseNegative;
  if (truePositive + wrong === 0) return noMetric(method, n, 'no row is positive or predicted so');
  const value = (2 * truePositive) / (2 * truePositive + wrong);
  const a = truePositive / n;
  const b = wrong / n;
  const da = (2 * b) / (2 * a + b) ** 2;
  const db = (-2 * a) / (2 * a + b) ** 2;
  const error = Math.sqrt((da * da * a * (1 - a) + db * db * b * (1 - b) - 2 * da * db * a * b) / n);
  return metric(method, n, { value, low: value - Z95 * error, high: value + Z95 * error, least: 0, most: 1 });
}

function classMetrics(confusion: ConfusionMatrix | null) {
  if (confusion === null) {
    const none = (method: string): Metric => noMetric(method, 0, 'there are no predicted classes');
    return {
      accuracy: none('accuracy/wilson@1'),
      precision: none('precision/wilson@1'),
      recall: none('recall/wilson@1'),
      f1: none('f1/delta@1'),
    };
  }
  const { truePositive, falsePositive, falseNegative, trueNegative } = confusion;
  const n = truePositive + falsePositive + falseNegative + trueNegative;
  return {
    accuracy: shareMetric('accuracy/wilson@1', truePositive + trueNegative, n),
    precision: shareMetric('precision/wilson@1', truePositive, truePositive + falsePositive),
    recall: shareMetric('recall/wilson@1', truePositive, truePositive + falseNegative),
    f1: f1Metric(confusion),
  };
}

function scoredRows(outcomes: BinaryOutcomes): { labels: Float64Array; scores: Float64Array } {
  const labels: number[] = [];
  const scores: number[] = [];
  for (let i = 0; i < outcomes.labels.length; i++) {
    const label = outcomes.labels[i];
    const score = outcomes.scores?.[i];
    if (!isClass(label) || score === undefined || !Number.isFinite(score)) continue;
    labels.push(label);
    scores.push(score);
  }
  return { labels: Float64Array.from(labels), scores: Float64Array.from(scores) };
}

function scoreMetrics(outcomes: BinaryOutcomes) {
  const { labels, scores } = scoredRows(outcomes);
  const n = labels.length;
  const methods = { auc: 'roc_auc/delong@1', logLoss: 'log_loss/natural@1', brier: 'brier@1' };
  const none = (method: string, reason: string): Metric => noMetric(method, n, reason);
  if (n === 0) {
    const reason = outcomes.scores === null ? 'there are no scores' : 'no row has both label and score';
    return {
      roc_auc: none(methods.auc, reason),
      log_loss: none(methods.logLoss, reason),
      brier: none(methods.brier, reason),
    };
  }
  const roc = rocAuc(labels, scores);
  if (scores.some((score) => score < 0 || score > 1)) {
    const reason = 'scores outside [0, 1] are no probabilities';
    return { roc_auc: roc, log_loss: none(methods.logLoss, reason), brier: none(methods.brier, reason) };
  }
  const logLosses = new Float64Array(n);
  const squares = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const p = Math.min(1 - CLIP, Math.max(CLIP, scores[i]!));
    logLosses[i] = labels[i] === 1 ? -Math.log(p) : -Math.log1p(-p);
    squares[i] = (scores[i]! - labels[i]!) ** 2;
  }
  return {
    roc_auc: roc,
    log_loss: meanMetric(methods.logLoss, logLosses, n),
    brier: meanMetric(methods.brier, squares, n),
  };
}

/** Performance of a binary classifier on the rows that have a label. Cost O(n log n). */
export function binaryPerformance(outcomes: BinaryOutcomes): BinaryPerformance {
  let labelled = 0;
  let positives = 0;
  for (let i = 0; i < outcomes.labels.length; i++) {
    const label = outcomes.labels[i];
    if (!isClass(label)) continue;
    labelled++;
    positives += label;
  }
  const confusion = confusionOf(outcomes);
  return { labelled, positives, confusion, metrics: { ...scoreMetrics(outcomes), ...classMetrics(confusion) } };
}
