import { businessValue } from './business-value.ts';
import { calibrationError } from './calibration-error.ts';
import { type ConfusionCounts, confusionCounts } from './confusion-matrix.ts';
import { type GainPoint, liftAtTop } from './lift.ts';
import { type Metric, noMetric, normalMetric, shareMetric } from './metric.ts';
import { prAuc } from './pr-auc.ts';
import { brierScore, logLoss } from './probability-losses.ts';
import { rocAuc } from './roc-auc.ts';

export type BinaryOutcomes = {
  /** 1 for the positive class, 0 for the other; NaN where there is no label (such rows are left out). */
  readonly labels: ArrayLike<number>;
  /** Predicted classes, 1, 0 or NaN; null when there are none. */
  readonly predictions: ArrayLike<number> | null;
  /** Scores of the positive class, higher for more likely, or NaN; null when there are none. */
  readonly scores: ArrayLike<number> | null;
};

type ConfusionMatrix = {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly falseNegative: number;
  readonly trueNegative: number;
};

const CLASS_METRICS = ['accuracy', 'precision', 'recall', 'specificity', 'f1'] as const;
const RANK_METRICS = ['roc_auc', 'pr_auc', 'gain', 'lift'] as const;
const PROBABILITY_METRICS = ['log_loss', 'brier', 'calibration_error'] as const;

type BinaryMetricName = (typeof CLASS_METRICS | typeof RANK_METRICS | typeof PROBABILITY_METRICS)[number];

export type BinaryPerformance = {
  /** Rows with a label. */
  readonly labelled: number;
  readonly positives: number;
  readonly confusion: ConfusionMatrix | null;
  /** Gain and lift over the tenths of the rows; empty without scores. */
  readonly gains: readonly GainPoint[];
  readonly metrics: Readonly<Record<BinaryMetricName, Metric>> & { readonly business_value?: Metric };
};

function isClass(x: number | undefined): x is 0 | 1 {
  return x === 0 || x === 1;
}

function confusionOf({ counts }: ConfusionCounts): ConfusionMatrix {
  const [trueNegative, falsePositive, falseNegative, truePositive] = counts;
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
  return normalMetric(method, n, { value, error, least: 0, most: 1 });
}

function classMetrics(confusion: ConfusionMatrix) {
  const { truePositive, falsePositive, falseNegative, trueNegative } = confusion;
  const n = truePositive + falsePositive + falseNegative + trueNegative;
  return {
    accuracy: shareMetric('accuracy/wilson@1', truePositive + trueNegative, n),
    precision: shareMetric('precision/wilson@1', truePositive, truePositive + falsePositive),
    recall: shareMetric('recall/wilson@1', truePositive, truePositive + falseNegative),
    specificity: shareMetric('specificity/wilson@1', trueNegative, trueNegative + falsePositive),
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

function none<N extends string>(names: readonly N[], reason: string, n = 0): Record<N, Metric> {
  // Each name of the list becomes a key.
  return Object.fromEntries(names.map((name) => [name, noMetric(`${name}@1`, n, reason)])) as Record<N, Metric>;
}

function scoreMetrics(outcomes: BinaryOutcomes) {
  const { labels, scores } = scoredRows(outcomes);
  const n = labels.length;
  if (n === 0) {
    const reason = outcomes.scores === null ? 'there are no scores' : 'no row has both label and score';
    return { metrics: none([...RANK_METRICS, ...PROBABILITY_METRICS], reason), gains: [] };
  }
  const { gain, lift, curve } = liftAtTop(labels, scores);
  const ranked = { roc_auc: rocAuc(labels, scores), pr_auc: prAuc(labels, scores), gain, lift };
  const probable = scores.every((score) => score >= 0 && score <= 1)
    ? {
        log_loss: logLoss(labels, scores),
        brier: brierScore(labels, scores),
        calibration_error: calibrationError(labels, scores),
      }
    : none(PROBABILITY_METRICS, 'scores outside [0, 1] are no probabilities', n);
  return { metrics: { ...ranked, ...probable }, gains: curve };
}

/**
 * Performance of a binary classifier on the rows that have a label: from its classes, its scores, or both.
 * `values`: what each pair of label and predicted class is worth, `values[2 * label + predicted]`. Cost O(n log n).
 */
export function binaryPerformance(outcomes: BinaryOutcomes, values: Float64Array | null = null): BinaryPerformance {
  const { labels, predictions } = outcomes;
  let labelled = 0;
  let positives = 0;
  const known = Float64Array.from(labels, (label) => (isClass(label) ? label : Number.NaN));
  for (const label of known) {
    if (Number.isNaN(label)) continue;
    labelled++;
    positives += label;
  }
  const counts =
    predictions === null
      ? null
      : confusionCounts(
          known,
          Float64Array.from(predictions, (predicted) => (isClass(predicted) ? predicted : Number.NaN)),
          2,
        );
  const confusion = counts && confusionOf(counts);
  const scored = scoreMetrics(outcomes);
  return {
    labelled,
    positives,
    confusion,
    gains: scored.gains,
    metrics: {
      ...scored.metrics,
      ...(confusion === null ? none(CLASS_METRICS, 'there are no predicted classes') : classMetrics(confusion)),
      ...(counts !== null && values !== null && { business_value: businessValue(counts, values) }),
    },
  };
}
