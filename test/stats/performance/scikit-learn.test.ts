import { describe, expect, it } from 'vitest';
import { binaryPerformance } from '../../../src/stats/performance/binary-classification.ts';
import { type Metric, Z95 } from '../../../src/stats/performance/metric.ts';
import { multiclassPerformance } from '../../../src/stats/performance/multiclass-classification.ts';
import { rankingPerformance } from '../../../src/stats/performance/ranking.ts';
import { regressionPerformance } from '../../../src/stats/performance/regression.ts';
import { relativeError } from '../samples.ts';
import { binaryOutcomes, EXPECTED, multiclassOutcomes, rankingOutcomes, regressionOutcomes } from './outcomes.ts';

const FOUND: Readonly<Record<keyof typeof EXPECTED, Readonly<Record<string, Metric>>>> = {
  binary: binaryPerformance(binaryOutcomes(), Float64Array.of(0, -10, -500, 100)).metrics,
  multiclass: multiclassPerformance(multiclassOutcomes()).metrics,
  regression: regressionPerformance(regressionOutcomes(), 0.3).metrics,
  ranking: rankingPerformance(rankingOutcomes()).metrics,
};

describe('agrees with scikit-learn to 1e-9', () => {
  for (const [task, metrics] of Object.entries(FOUND)) {
    const expected = EXPECTED[task as keyof typeof EXPECTED].values;

    it.each(Object.keys(expected))(`${task}: %s`, (name) => {
      expect(relativeError(metrics[name]?.value ?? Number.NaN, expected[name]!)).toBeLessThan(1e-9);
    });

    it(`${task}: nothing is measured that is not checked`, () => {
      const unchecked = Object.keys(metrics).filter((name) => !(name in expected));
      expect(unchecked).toEqual(task === 'ranking' ? ['hit_rate'] : []);
    });
  }
});

/** The intervals of shares are Wilson's, of PR AUC a logit one: not of the bootstrap's shape, but of its size. */
const LOOSE = new Set(['pr_auc', 'gain', 'lift', 'calibration_error']);

describe('has intervals as wide as the bootstrap finds them', () => {
  for (const task of ['binary', 'multiclass', 'regression'] as const) {
    it.each(Object.entries(EXPECTED[task].errors))(`${task}: %s`, (name, error) => {
      const metric = FOUND[task][name];
      const half = (metric!.high! - metric!.low!) / 2 / Z95;
      expect(Math.abs(half / error - 1)).toBeLessThan(LOOSE.has(name) ? 0.35 : 0.1);
    });
  }
});
