import { describe, expect, it } from 'vitest';
import { binaryPerformance } from '../../../src/stats/performance/binary-classification.ts';
import { type Metric, Z95 } from '../../../src/stats/performance/metric.ts';
import { multiclassPerformance } from '../../../src/stats/performance/multiclass-classification.ts';
import { rankingPerformance } from '../../../src/stats/performance/ranking.ts';
import { regressionPerformance } from '../../../src/stats/performance/regression.ts';
import { relativeError } from '../samples.ts';
import { binaryOutcomes, EXPECTED, multiclassOutcomes, rankingOutcomes, regressionOutcomes } from './outcomes.ts';

type Task = keyof typeof EXPECTED;

/** Made anew by whoever asks, in a test: what fails there names it. */
const MEASURED: Readonly<Record<Task, () => Readonly<Record<string, Metric>>>> = {
  binary: () => binaryPerformance(binaryOutcomes(), Float64Array.of(0, -10, -500, 100)).metrics,
  multiclass: () => multiclassPerformance(multiclassOutcomes()).metrics,
  regression: () => regressionPerformance(regressionOutcomes(), 0.3).metrics,
  ranking: () => rankingPerformance(rankingOutcomes()).metrics,
};
const TASKS = ['binary', 'multiclass', 'regression', 'ranking'] as const;

describe('agrees with scikit-learn to 1e-9', () => {
  for (const task of TASKS) {
    const expected = EXPECTED[task].values;

    it.each(Object.keys(expected))(`${task}: %s`, (name) => {
      expect(relativeError(MEASURED[task]()[name]?.value ?? Number.NaN, expected[name]!)).toBeLessThan(1e-9);
    });

    it(`${task}: nothing is measured that is not checked`, () => {
      const unchecked = Object.keys(MEASURED[task]()).filter((name) => !(name in expected));
      expect(unchecked).toEqual(task === 'ranking' ? ['hit_rate'] : []);
    });
  }
});

/** The intervals of shares are Wilson's, of PR AUC a logit one: not of the bootstrap's shape, but of its size. */
const LOOSE = new Set(['pr_auc', 'gain', 'lift', 'calibration_error']);

describe('has intervals as wide as the bootstrap finds them', () => {
  for (const task of ['binary', 'multiclass', 'regression'] as const) {
    it.each(Object.entries(EXPECTED[task].errors))(`${task}: %s`, (name, error) => {
      const metric = MEASURED[task]()[name];
      // Below a calibration error lies what chance adds to it as well.
      const half =
        (name === 'calibration_error' ? metric!.high! - metric!.value! : (metric!.high! - metric!.low!) / 2) / Z95;
      expect(Math.abs(half / error - 1)).toBeLessThan(LOOSE.has(name) ? 0.35 : 0.1);
    });
  }
});

describe('says by which method each value was made', () => {
  it.each(TASKS)('%s', (task) => {
    const methods = Object.entries(MEASURED[task]()).map(([name, { method }]) => [name, method]);
    expect(Object.fromEntries(methods)).toEqual(METHODS[task]);
  });
});

/** Stored beside every number, so a change of one is a change of what was stored. */
const METHODS: Readonly<Record<Task, Readonly<Record<string, string>>>> = {
  binary: {
    roc_auc: 'roc_auc/delong@1',
    pr_auc: 'pr_auc/average-precision/logit@1',
    gain: 'gain/top-0.1@1',
    lift: 'lift/top-0.1@1',
    log_loss: 'log_loss/natural@1',
    brier: 'brier@1',
    calibration_error: 'calibration_error/equal-width-10@2',
    accuracy: 'accuracy/wilson@1',
    precision: 'precision/wilson@1',
    recall: 'recall/wilson@1',
    specificity: 'specificity/wilson@1',
    f1: 'f1/delta@1',
    business_value: 'business_value/mean@1',
  },
  multiclass: {
    accuracy: 'accuracy/wilson@1',
    precision_macro: 'precision_macro/delta@1',
    precision_weighted: 'precision_weighted/delta@1',
    precision_micro: 'precision_micro/wilson@1',
    recall_macro: 'recall_macro/delta@1',
    recall_weighted: 'recall_weighted/delta@1',
    recall_micro: 'recall_micro/wilson@1',
    f1_macro: 'f1_macro/delta@1',
    f1_weighted: 'f1_weighted/delta@1',
    f1_micro: 'f1_micro/wilson@1',
    specificity_macro: 'specificity_macro/delta@1',
    roc_auc_ovr: 'roc_auc_ovr/macro/delong@1',
    log_loss: 'log_loss/natural@1',
    brier: 'brier/classes@1',
    calibration_error: 'calibration_error/equal-width-10@2',
  },
  regression: {
    mae: 'mae@1',
    mape: 'mape/nonzero-labels@1',
    mse: 'mse@1',
    rmse: 'rmse@1',
    msle: 'msle@1',
    rmsle: 'rmsle@1',
    r2: 'r2/delta@1',
    bias: 'bias@1',
    quantile_loss: 'quantile_loss/q-0.3@1',
  },
  ranking: {
    ndcg: 'ndcg/linear/top-10@1',
    map: 'map@1',
    hit_rate: 'hit_rate/top-10@1',
  },
};
