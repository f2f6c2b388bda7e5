import { businessValue } from './business-value.ts';
import { calibrationError } from './calibration-error.ts';
import { classAverage, type RateName } from './class-averages.ts';
import { type ConfusionCounts, confusionCounts } from './confusion-matrix.ts';
import { type Metric, noMetric, shareMetric } from './metric.ts';
import { oneVersusRestAuc } from './one-vs-rest-auc.ts';
import { classBrierScore, classLogLoss } from './probability-losses.ts';

export type MulticlassOutcomes = {
  /** How many classes there are: codes go from 0 to `classes` - 1. */
  readonly classes: number;
  /** -1 where there is no label. */
  readonly labels: Int32Array;
  /** -1 where there is none; null when there are none at all. */
  readonly predictions: Int32Array | null;
  /** `scores[class][row]`, NaN where there is none; null where not every class of a label has scores. */
  readonly scores: readonly Float64Array[] | null;
};

export type MulticlassPerformance = {
  /** Rows with a label. */
  readonly labelled: number;
  readonly confusion: ConfusionCounts | null;
  readonly metrics: Readonly<Record<string, Metric>>;
};

const AVERAGED: readonly RateName[] = ['precision', 'recall', 'f1', 'specificity'];

/** The sum of a row's probabilities may differ from 1 by this much. */
const ROUNDING = 1e-3;

/**
 * Performance of a classifier of several classes on the rows that have a label: from its classes, its scores, or
 * both. Averages over the classes are macro (each alike) and weighted (by labels); the micro ones of precision, recall
 * and F1 are all the accuracy. `values` as in `businessValue`. Cost O(classes · n log n).
 */
export function multiclassPerformance(
  outcomes: MulticlassOutcomes,
  values: Float64Array | null = null,
): MulticlassPerformance {
  const { labels, predictions, classes } = outcomes;
  const counts = predictions && confusionCounts(labels, predictions, classes);
  return {
    labelled: labels.reduce((sum, label) => sum + Number(label >= 0), 0),
    confusion: counts,
    metrics: {
      ...classMetrics(counts),
      ...(counts !== null && values !== null && { business_value: businessValue(counts, values) }),
      ...scoreMetrics(outcomes),
    },
  };
}

function classMetrics(counts: ConfusionCounts | null): Record<string, Metric> {
  if (counts === null) return { accuracy: noMetric('accuracy/wilson@1', 0, 'there are no predicted classes') };
  let hits = 0;
  for (let c = 0; c < counts.classes; c++) hits += counts.counts[c * counts.classes + c]!;
  const metrics: Record<string, Metric> = { accuracy: shareMetric('accuracy/wilson@1', hits, counts.n) };
  for (const rate of AVERAGED) {
    metrics[`${rate}_macro`] = classAverage(counts, rate, 'macro');
    if (rate !== 'specificity') metrics[`${rate}_weighted`] = classAverage(counts, rate, 'weighted');
    if (rate !== 'specificity') metrics[`${rate}_micro`] = shareMetric(`${rate}_micro/wilson@1`, hits, counts.n);
  }
  return metrics;
}

function scoreMetrics({ labels, scores }: MulticlassOutcomes): Record<string, Metric> {
  const none = (reason: string, n = 0): Record<string, Metric> => ({
    log_loss: noMetric('log_loss/natural@1', n, reason),
    brier: noMetric('brier/classes@1', n, reason),
    calibration_error: noMetric('calibration_error@1', n, reason),
  });
  const noAuc = (reason: string): Metric => noMetric('roc_auc_ovr/macro/delong@1', 0, reason);
  if (scores === null) {
    const reason = 'there are no scores of every class';
    return { roc_auc_ovr: noAuc(reason), ...none(reason) };
  }
  const known = Int32Array.from(labels.keys()).filter(
    (row) => labels[row]! >= 0 && scores.every((ofClass) => Number.isFinite(ofClass[row])),
  );
  if (known.length === 0) {
    const reason = 'no row has both label and scores';
    return { roc_auc_ovr: noAuc(reason), ...none(reason) };
  }
  const labelled = known.map((row) => labels[row]!);
  const scored = scores.map((ofClass) => Float64Array.from(known, (row) => ofClass[row]!));
  const roc_auc_ovr = oneVersusRestAuc(labelled, scored);
  if (!areProbabilities(scored)) {
    return { roc_auc_ovr, ...none('scores that do not add up to 1 are no probabilities', known.length) };
  }
  return {
    roc_auc_ovr,
    log_loss: classLogLoss(labelled, scored),
    brier: classBrierScore(labelled, scored),
    calibration_error: confidenceError(labelled, scored),
  };
}

function areProbabilities(scores: readonly Float64Array[]): boolean {
  const sums = new Float64Array(scores[0]?.length ?? 0);
  for (const ofClass of scores) {
    for (let i = 0; i < sums.length; i++) {
      if (!(ofClass[i]! >= 0 && ofClass[i]! <= 1)) return false;
      sums[i]! += ofClass[i]!;
    }
  }
  return sums.every((sum) => Math.abs(sum - 1) <= ROUNDING);
}

/** Calibration of the highest score as the probability that its class is right (Guo et al. 2017); ties: the first class. */
function confidenceError(labels: Int32Array, scores: readonly Float64Array[]): Metric {
  const confidence = new Float64Array(labels.length).fill(-1);
  const right = new Float64Array(labels.length);
  for (const [code, ofClass] of scores.entries()) {
    for (let i = 0; i < labels.length; i++) {
      if (ofClass[i]! <= confidence[i]!) continue;
      confidence[i] = ofClass[i]!;
      right[i] = Number(labels[i] === code);
    }
  }
  return calibrationError(right, confidence);
}
