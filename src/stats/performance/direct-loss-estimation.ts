import type { BinnedFeature } from '../table/binned-table.ts';
import { type BoostingOptions, scoreRow, trainRegressionTrees } from '../table/boosted-trees.ts';
import { type Metric, metric, noMetric, Z95 } from './metric.ts';

/** The reference's rows come first in the features' codes, then the window's. */
export type LossTable = {
  readonly features: readonly BinnedFeature[];
  /** Of the reference's rows, both finite. */
  readonly labels: Float64Array;
  readonly predictions: Float64Array;
  /** Of the window's rows, those with a prediction; the last rows of the features. */
  readonly windowRows: number;
};

type LossName = 'mae' | 'mape' | 'mse' | 'rmse' | 'msle';

export type LossEstimate = {
  readonly metrics: Readonly<Record<LossName, Metric>>;
  /** On the reference, rows that a model did not see: the mean loss it expects, and the mean loss there was. */
  readonly check: Readonly<Partial<Record<LossName, { readonly estimated: number; readonly realised: number }>>>;
  /** The metrics of some of the window's rows, by their places: the models are those of all of them. */
  readonly within: (rows: readonly number[]) => Readonly<Record<LossName, Metric>>;
};

const BOOSTING: BoostingOptions = { trees: 60, depth: 4, learningRate: 0.1, leafRows: 20 };
const FOLDS = 2;
/** Of the reference, below which nothing is learnt. */
const LEAST_ROWS = 100;

type Loss = (label: number, prediction: number) => number;

const LOSSES: Readonly<Record<Exclude<LossName, 'rmse'>, Loss>> = {
  mae: (label, prediction) => Math.abs(prediction - label),
  mape: (label, prediction) => Math.abs((prediction - label) / label),
  mse: (label, prediction) => (prediction - label) ** 2,
  msle: (label, prediction) => (Math.log1p(prediction) - Math.log1p(label)) ** 2,
};

/**
 * Direct loss estimation (DLE; NannyML's): boosted trees learn on the reference how large the loss of a prediction is, from
 * the features and the prediction, and their mean over the window is the loss to expect there. Two models learn on one
 * half each and both answer for the window, so that each half checks the model that did not see it. The band is that of
 * the losses around what the models expect, for as many rows as window and reference have. It holds as long as
 * errors of the same size are made on the same inputs. Cost O(rows · features), some 500 passes a loss.
 */
export function estimateLoss(table: LossTable): LossEstimate {
  const found = (['mae', 'mape', 'mse', 'msle'] as const).map((name) => [name, estimated(name, table)] as const);
  const by = Object.fromEntries(found) as Record<Exclude<LossName, 'rmse'>, Estimated>;
  const { check } = by.mse;
  const checks = found.flatMap(([name, one]) => (one.check === null ? [] : [[name, one.check] as const]));
  const each = (of: (one: Estimated) => Metric) =>
    withRoot({ mae: of(by.mae), mape: of(by.mape), mse: of(by.mse), msle: of(by.msle) });
  return {
    metrics: each(({ metric: whole }) => whole),
    check: {
      ...Object.fromEntries(checks),
      ...(check !== null && { rmse: { estimated: root(check.estimated), realised: root(check.realised) } }),
    },
    within: (rows) => each((one) => one.within(rows)),
  };
}

const root = (x: number | null): number => (x === null ? Number.NaN : Math.sqrt(Math.max(0, x)));

function withRoot(by: Readonly<Record<Exclude<LossName, 'rmse'>, Metric>>): Record<LossName, Metric> {
  const { mae, mape, mse, msle } = by;
  const { value, low, high } = mse;
  const rmse =
    value === null
      ? { ...mse, method: 'rmse/dle@1' }
      : metric('rmse/dle@1', mse.n, { value: root(value), low: root(low), high: root(high) });
  return { mae, mape, mse, rmse, msle };
}

const STRATA = 10;

/**
 * Standard error of the window's mean loss around what is expected: residuals of the reference in ten strata of the
 * expected loss, counted as often as the window has such rows. A stratum that the reference has few rows of
 * is one that little is known of.
 */
function errorAround(window: Float64Array, held: Float64Array, residuals: Float64Array): number {
  const sorted = held.toSorted();
  const edges = Array.from({ length: STRATA - 1 }, (_, i) => sorted[Math.floor(((i + 1) * held.length) / STRATA)]!);
  const stratumOf = (loss: number): number => edges.filter((edge) => edge <= loss).length;
  const strata = Array.from({ length: STRATA }, () => ({ rows: 0, squares: 0, share: 0 }));
  for (const [i, loss] of held.entries()) {
    const stratum = strata[stratumOf(loss)]!;
    stratum.rows++;
    stratum.squares += residuals[i]! ** 2;
  }
  for (const loss of window) strata[stratumOf(loss)]!.share += 1 / window.length;
  let variance = 0;
  for (const { rows, squares, share } of strata) {
    if (rows > 0) variance += (squares / rows) * (share / window.length + (share * share) / rows);
  }
  return Math.sqrt(variance);
}

type Estimated = {
  readonly metric: Metric;
  readonly check: { estimated: number; realised: number } | null;
  readonly within: (rows: readonly number[]) => Metric;
};

function estimated(name: Exclude<LossName, 'rmse'>, table: LossTable): Estimated {
  const { features, labels, predictions, windowRows } = table;
  const method = `${name}/dle@1`;
  const n = labels.length;
  const size = n + windowRows;
  const none = (reason: string): Estimated => ({
    metric: noMetric(method, windowRows, reason),
    check: null,
    within: (some) => noMetric(method, some.length, reason),
  });
  if (n < LEAST_ROWS) return none(`the reference has ${n} rows to learn from; ${LEAST_ROWS} are needed`);
  if (windowRows === 0) return none('no row of the window has a prediction');
  const targets = new Float64Array(size);
  for (let i = 0; i < n; i++) targets[i] = LOSSES[name](labels[i]!, predictions[i]!);
  if (targets.some((target) => !Number.isFinite(target))) return none('the reference has rows without such a loss');
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  const models = Array.from({ length: FOLDS }, (_, fold) =>
    trainRegressionTrees(features, { targets, rows: rows.filter((row) => row % FOLDS !== fold) }, BOOSTING),
  );
  // What the splits add is not looked at.
  const given = { weight: 0, parts: new Float64Array(features.length) };
  const expected = (fold: number, row: number): number => scoreRow(models[fold]!, features, { row, ...given });
  const held = Float64Array.from(rows, (row) => expected(row % FOLDS, row));
  const residuals = held.map((value, row) => targets[row]! - value);
  const found = new Float64Array(windowRows);
  for (let i = 0; i < windowRows; i++) {
    for (let fold = 0; fold < FOLDS; fold++) found[i]! += expected(fold, n + i) / FOLDS;
  }
  const mean = (values: Float64Array, count: number): number => values.reduce((sum, v) => sum + v, 0) / count;
  const metricOf = (losses: Float64Array): Metric => {
    const count = losses.length;
    if (count === 0) return noMetric(method, 0, 'no row of the window has a prediction');
    const value = mean(losses, count);
    const half = Z95 * errorAround(losses, held, residuals);
    return metric(method, count, { value: Math.max(0, value), low: value - half, high: value + half, least: 0 });
  };
  return {
    metric: metricOf(found),
    check: { estimated: mean(held, n), realised: mean(targets, n) },
    within: (some) => metricOf(Float64Array.from(some, (row) => found[row]!)),
  };
}
