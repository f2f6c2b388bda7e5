import { judgedMetrics } from '../../src/domain/configuration/performance-config.ts';
import { binaryPerformance } from '../../src/stats/performance/binary-classification.ts';
import { comparePerformance } from '../../src/stats/performance/compare-performance.ts';
import { type Uniform, xoshiro128 } from '../../src/stats/sampling/xoshiro128.ts';
import { DEFAULT_POLICY } from '../../src/stats/verdict/judge.ts';
import { median } from './measure.ts';
import type { BenchResult } from './report.ts';

const REFERENCE_ROWS = 8000;
const DAILY_ROWS = 1000;
const SEEDS = [1, 2, 3, 4, 5];
const LONGEST = 40;

/** Labels of a model whose scores are probabilities; a share of them says the opposite. */
function outcomes(rows: number, flipped: number, random: Uniform) {
  const scores = Float64Array.from({ length: rows }, () => (random() < 0.5 ? random() ** 3 : 1 - random() ** 3));
  const labels = Float64Array.from(scores, (score) => {
    const label = random() < score ? 1 : 0;
    return random() < flipped ? 1 - label : label;
  });
  return binaryPerformance({ labels, scores, predictions: scores.map((score) => (score > 0.5 ? 1 : 0)) }).metrics;
}

/**
 * Labels that flip while the inputs stay what they were: no input tells of it, the performance does, once a window is
 * labelled.
 */
export function benchFlippedLabels(days: number): BenchResult {
  const daysUntil = (flipped: number): number =>
    median(
      SEEDS.map((seed) => {
        const found = windowsOf(seed, { days: LONGEST, flipped }).indexOf(true);
        return found < 0 ? LONGEST : found + 1;
      }),
    );
  const alarms = SEEDS.reduce((sum, seed) => sum + count(windowsOf(seed, { days, flipped: 0 })), 0);
  return {
    name: 'delay, 5 % of the labels flipped',
    what: `labelled windows until performance is found worse; ${LONGEST}: it is not`,
    unit: 'windows',
    value: daysUntil(0.05),
    aim: null,
    figures: {
      '10 % flipped': daysUntil(0.1),
      '2 % flipped': daysUntil(0.02),
      'false alarms a year': (alarms / SEEDS.length / days) * 365,
    },
  };
}

const count = (found: readonly boolean[]): number => found.filter(Boolean).length;

/** Whether each of some days is worse than the reference. */
function windowsOf(seed: number, { days, flipped }: { readonly days: number; readonly flipped: number }): boolean[] {
  const random = xoshiro128(seed);
  const reference = outcomes(REFERENCE_ROWS, 0, random);
  const judged = judgedMetrics('binary', undefined, reference);
  return Array.from({ length: days }, () => {
    const window = outcomes(DAILY_ROWS, flipped, random);
    const compared = comparePerformance(window, reference, { judged, alpha: DEFAULT_POLICY.alpha });
    return compared.some(({ verdict }) => verdict === 'worse');
  });
}
