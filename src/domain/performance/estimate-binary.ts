import { type EstimatedName, estimateBinary } from '../../stats/performance/confidence-based-estimation.ts';
import { type Calibration, calibrate, neededCalibration } from '../../stats/performance/isotonic-calibration.ts';
import { xoshiro128 } from '../../stats/sampling/xoshiro128.ts';
import { scoresOfClass } from '../outcome/measure-outcomes.ts';
import type { Outcomes } from '../outcome/outcomes.ts';
import { type ClassEstimateInput, checkOf, ESTIMATE_SEED, type Estimated, noEstimate } from './estimated.ts';

/**
 * What a binary classifier's metrics are expected to be in a window, from its scores there and the labels of the
 * reference. Pure.
 */
export function estimateBinaryWindow(input: ClassEstimateInput, positive: string): Estimated {
  const { reference, window, errors } = input;
  const known = scoredRows(reference, positive);
  const given = scoredRows(window, positive);
  if (known.scores.length === 0) return noEstimate('no row of the reference has both label and score');
  const random = xoshiro128(ESTIMATE_SEED);
  const calibration = neededCalibration(known);
  const estimate = (rows: Scored, by: Calibration | null) =>
    estimateBinary(
      { ...rows, probabilities: by === null ? rows.scores : rows.scores.map((score) => calibrate(by, score)) },
      { random, referenceErrors: errors },
    );
  // What was calibrated on a row says nothing of it: half of the reference checks the other half.
  const [even, odd] = [0, 1].map((half) => everyOther(known, half)) as [Scored, Scored];
  const halved = calibration === null ? null : neededCalibration(even);
  const tested = calibration === null ? known : odd;
  const realised = estimateBinary({ ...tested, probabilities: tested.labels }, { random, referenceErrors: {} });
  return {
    metrics: estimate(given, calibration),
    parameters: { calibrated: calibration !== null, reference_rows: known.scores.length, seed: ESTIMATE_SEED },
    check: checkOf<EstimatedName>(estimate(tested, halved), realised),
    reason: null,
  };
}

type Scored = {
  readonly labels: Float64Array;
  readonly scores: Float64Array;
  readonly predictions: Float64Array | null;
};

/** Rows with a score; `labels` are 0 where they are not known. */
function scoredRows(outcomes: Outcomes, positive: string): Scored {
  const scores = scoresOfClass(outcomes, positive) ?? [];
  const rows = scores.flatMap((score, row) => (Number.isFinite(score) ? [row] : []));
  const isPositive = (text: string | null | undefined): number => Number(text === positive);
  const predicted = (row: number): number => {
    const text = outcomes.predictions[row] ?? null;
    return text === null ? Number.NaN : isPositive(text);
  };
  return {
    labels: Float64Array.from(rows, (row) => isPositive(outcomes.labels[row])),
    scores: Float64Array.from(rows, (row) => scores[row] ?? 0),
    predictions: outcomes.predictions.some((text) => text !== null) ? Float64Array.from(rows, predicted) : null,
  };
}

function everyOther(rows: Scored, half: number): Scored {
  const own = (_: unknown, i: number): boolean => i % 2 === half;
  const { labels, scores, predictions } = rows;
  return {
    labels: labels.filter(own),
    scores: scores.filter(own),
    predictions: predictions?.filter(own) ?? null,
  };
}
