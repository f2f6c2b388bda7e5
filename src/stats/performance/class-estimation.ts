import type { Uniform } from '../sampling/xoshiro128.ts';
import { classAverage, type RateName } from './class-averages.ts';
import { weightedAreas } from './confidence-based-estimation.ts';
import type { ConfusionCounts } from './confusion-matrix.ts';
import { type Metric, metric, noMetric, Z95 } from './metric.ts';

export type ScoredClasses = {
  /** `scores[class][row]`, finite; rows are ranked by them. */
  readonly scores: readonly Float64Array[];
  /** That the row is of the class: calibrated scores, adding up to 1 in each row. */
  readonly probabilities: readonly Float64Array[];
  /** Predicted classes as places in `scores`, -1 where there is none; null when there are none at all. */
  readonly predictions: Int32Array | null;
};

const NAMES = ['roc_auc_ovr', 'accuracy', 'f1_macro', 'precision_macro', 'recall_macro', 'specificity_macro'] as const;
export type EstimatedClassName = (typeof NAMES)[number];
type Values = Record<EstimatedClassName, number>;

const DRAWS = 100;
/** Cells (rows by classes) that a draw is made of at most. */
const DRAWN_CELLS = 40_000;

/**
 * Confidence-based estimation with several classes: as `estimateBinary`, from the expected table of class by predicted
 * class, and each class's expected area against the rest. Cost O(classes · n log n).
 */
export function estimateClasses(
  given: ScoredClasses,
  options: {
    readonly random: Uniform;
    readonly referenceErrors: Readonly<Partial<Record<EstimatedClassName, number>>>;
  },
): Record<EstimatedClassName, Metric> {
  const n = given.scores[0]?.length ?? 0;
  const orders = given.scores.map((ofClass) =>
    Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => ofClass[b]! - ofClass[a]!),
  );
  const expected = valuesOf(given, orders, given.probabilities);
  const spread = spreadOf(given, options.random);
  const found = NAMES.map((name): [EstimatedClassName, Metric] => {
    const method = `${name}/cbpe@1`;
    const value = expected[name];
    if (Number.isNaN(value)) {
      const reason =
        name === 'roc_auc_ovr' || n === 0 ? 'no row has scores of every class' : 'there are no predicted classes';
      return [name, noMetric(method, n, reason)];
    }
    const half = Z95 * Math.hypot(spread[name], options.referenceErrors[name] ?? 0);
    return [name, metric(method, n, { value, low: value - half, high: value + half, least: 0, most: 1 })];
  });
  // One entry for each name.
  return Object.fromEntries(found) as Record<EstimatedClassName, Metric>;
}

/** The metrics where a row is of each class with the weight `weights[class][row]`. */
function valuesOf(given: ScoredClasses, orders: readonly Int32Array[], weights: readonly Float64Array[]): Values {
  const areas = orders.map((order, c) => weightedAreas(given.scores[c]!, order, weights[c]!).roc_auc);
  const curves = areas.filter((area) => !Number.isNaN(area));
  const counts = expectedCounts(given.predictions, orders[0] ?? new Int32Array(0), weights);
  const average = (rate: RateName): number =>
    counts === null ? Number.NaN : (classAverage(counts, rate, 'macro').value ?? Number.NaN);
  return {
    roc_auc_ovr: curves.reduce((sum, area) => sum + area, 0) / curves.length,
    accuracy: counts === null ? Number.NaN : traceOf(counts) / counts.n,
    f1_macro: average('f1'),
    precision_macro: average('precision'),
    recall_macro: average('recall'),
    specificity_macro: average('specificity'),
  };
}

function traceOf({ classes, counts }: ConfusionCounts): number {
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += counts[c * classes + c]!;
  return sum;
}

function expectedCounts(
  predictions: Int32Array | null,
  rows: Int32Array,
  weights: readonly Float64Array[],
): ConfusionCounts | null {
  if (predictions === null) return null;
  const classes = weights.length;
  const counts = new Float64Array(classes * classes);
  let n = 0;
  for (const row of rows) {
    const predicted = predictions[row]!;
    if (predicted < 0) continue;
    n++;
    for (let c = 0; c < classes; c++) counts[c * classes + predicted]! += weights[c]![row]!;
  }
  return { classes, n, counts };
}

/** Standard deviations of the metrics over draws of the labels by their probabilities. */
function spreadOf(given: ScoredClasses, random: Uniform): Values {
  const rows = given.scores[0]?.length ?? 0;
  const classes = given.scores.length;
  const stride = Math.max(1, Math.ceil((rows * classes) / DRAWN_CELLS));
  const used = Int32Array.from({ length: Math.ceil(rows / stride) }, (_, i) => i * stride);
  const scale = Math.sqrt(used.length / Math.max(1, rows));
  const orders = given.scores.map((ofClass) => used.toSorted((a, b) => ofClass[b]! - ofClass[a]!));
  const drawn = given.scores.map(() => new Float64Array(rows));
  const values: Values[] = [];
  for (let draw = 0; draw < DRAWS; draw++) {
    for (const row of used) {
      let left = random();
      for (let c = 0; c < classes; c++) {
        const p = given.probabilities[c]![row]!;
        drawn[c]![row] = Number(left >= 0 && left < p);
        left -= p;
      }
    }
    values.push(valuesOf(given, orders, drawn));
  }
  // One entry for each name.
  return Object.fromEntries(
    NAMES.map((name) => [name, deviation(values.map((value) => value[name])) * scale]),
  ) as Values;
}

/** The spread of those that are numbers: a draw may lack a class, and the metric with it. */
function deviation(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length);
}
