import { type Metric, meanMetric } from './metric.ts';

/** Probabilities are kept this far from 0 and 1, or one confident error would make the mean infinite. */
const CLIP = 1e-15;

const clipped = (p: number): number => Math.min(1 - CLIP, Math.max(CLIP, p));

/** Mean of -ln of the probability that was given to what happened. `scores`: of the label 1, in [0, 1]. Cost O(n). */
export function logLoss(labels: ArrayLike<number>, scores: ArrayLike<number>): Metric {
  const losses = Float64Array.from(labels, (label, i) => {
    const p = clipped(scores[i]!);
    return label === 1 ? -Math.log(p) : -Math.log1p(-p);
  });
  return meanMetric('log_loss/natural@1', losses, losses.length);
}

/** Mean squared distance of the probability from the label, in [0, 1] (Brier 1950, halved for two classes). Cost O(n). */
export function brierScore(labels: ArrayLike<number>, scores: ArrayLike<number>): Metric {
  const squares = Float64Array.from(labels, (label, i) => (scores[i]! - label) ** 2);
  return meanMetric('brier@1', squares, squares.length);
}

/** Mean of -ln of the probability of the class that came. `labels`: codes into `scores`. Cost O(n). */
export function classLogLoss(labels: Int32Array, scores: readonly Float64Array[]): Metric {
  const losses = Float64Array.from(labels, (label, i) => -Math.log(clipped(scores[label]![i]!)));
  return meanMetric('log_loss/natural@1', losses, losses.length);
}

/** Mean over the rows of Σ over the classes (probability - happened)², in [0, 2] (Brier 1950). Cost O(classes · n). */
export function classBrierScore(labels: Int32Array, scores: readonly Float64Array[]): Metric {
  const squares = new Float64Array(labels.length);
  for (const [code, ofClass] of scores.entries()) {
    for (let i = 0; i < labels.length; i++) squares[i]! += (ofClass[i]! - Number(labels[i] === code)) ** 2;
  }
  return meanMetric('brier/classes@1', squares, squares.length);
}
