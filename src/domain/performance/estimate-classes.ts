import { type EstimatedClassName, estimateClasses } from '../../stats/performance/class-estimation.ts';
import { type Calibration, calibrate, neededCalibration } from '../../stats/performance/isotonic-calibration.ts';
import { xoshiro128 } from '../../stats/sampling/xoshiro128.ts';
import type { Outcomes } from '../outcome/outcomes.ts';
import { type ClassEstimateInput, checkOf, ESTIMATE_SEED, type Estimated, noEstimate } from './estimated.ts';

/** The same with several classes, each with a score of its own. Pure. */
export function estimateClassesWindow({ reference, window, errors }: ClassEstimateInput): Estimated {
  const names = [...reference.classScores.keys()].filter((name) => window.classScores.has(name)).sort();
  const unscored = reference.labels.find((label) => !names.includes(label));
  if (names.length < 2 || unscored !== undefined) {
    return noEstimate(
      `not every class has scores in reference and window${unscored === undefined ? '' : `: "${unscored.slice(0, 100)}" has none`}`,
    );
  }
  const known = classRows(reference, names);
  const given = classRows(window, names);
  if (known.labels.length === 0) return noEstimate('no row of the reference has both label and scores');
  const random = xoshiro128(ESTIMATE_SEED);
  const calibrations = calibrationsOf(known);
  const estimate = (rows: ScoredByClass, by: readonly (Calibration | null)[]) =>
    estimateClasses({ ...rows, probabilities: normalised(rows.scores, by) }, { random, referenceErrors: errors });
  const [even, odd] = [0, 1].map((half) => everyOtherOfClasses(known, half)) as [ScoredByClass, ScoredByClass];
  const plain = calibrations.every((calibration) => calibration === null);
  const tested = plain ? known : odd;
  const realised = estimateClasses(
    { ...tested, probabilities: names.map((_, c) => Float64Array.from(tested.labels, (label) => Number(label === c))) },
    { random, referenceErrors: {} },
  );
  return {
    metrics: estimate(given, calibrations),
    parameters: { calibrated: !plain, reference_rows: known.labels.length, seed: ESTIMATE_SEED },
    check: checkOf<EstimatedClassName>(estimate(tested, plain ? calibrations : calibrationsOf(even)), realised),
    reason: null,
  };
}

type ScoredByClass = {
  readonly labels: Int32Array;
  readonly scores: readonly Float64Array[];
  readonly predictions: Int32Array | null;
};

function classRows({ labels, predictions, classScores }: Outcomes, names: readonly string[]): ScoredByClass {
  const codes = new Map(names.map((name, code) => [name, code]));
  const columns = names.map((name) => classScores.get(name) ?? []);
  const rows = predictions.flatMap((_, row) => (columns.every((column) => Number.isFinite(column[row])) ? [row] : []));
  const codeOf = (text: string | null | undefined): number => codes.get(text ?? '') ?? -1;
  return {
    labels: Int32Array.from(rows, (row) => codeOf(labels[row])),
    scores: columns.map((column) => Float64Array.from(rows, (row) => column[row] ?? 0)),
    predictions: predictions.some((text) => text !== null)
      ? Int32Array.from(rows, (row) => codeOf(predictions[row]))
      : null,
  };
}

function everyOtherOfClasses({ labels, scores, predictions }: ScoredByClass, half: number): ScoredByClass {
  const own = (_: unknown, i: number): boolean => i % 2 === half;
  return {
    labels: labels.filter(own),
    scores: scores.map((ofClass) => ofClass.filter(own)),
    predictions: predictions?.filter(own) ?? null,
  };
}

/** Each class against the rest. */
function calibrationsOf({ labels, scores }: ScoredByClass): (Calibration | null)[] {
  return scores.map((ofClass, c) =>
    neededCalibration({ scores: ofClass, labels: Float64Array.from(labels, (label) => Number(label === c)) }),
  );
}

/** Calibrated scores that add up to 1 in each row; a row whose scores are all 0 is of any class alike. */
function normalised(scores: readonly Float64Array[], by: readonly (Calibration | null)[]): Float64Array[] {
  const probabilities = scores.map((ofClass, c) => {
    const calibration = by[c] ?? null;
    return calibration === null ? ofClass.slice() : ofClass.map((score) => calibrate(calibration, score));
  });
  for (let row = 0; row < (scores[0]?.length ?? 0); row++) {
    const sum = probabilities.reduce((total, ofClass) => total + (ofClass[row] ?? 0), 0);
    for (const ofClass of probabilities) ofClass[row] = sum > 0 ? (ofClass[row] ?? 0) / sum : 1 / scores.length;
  }
  return probabilities;
}
