import { chiSquareTail } from '../special/chi-square.ts';
import { countTexts } from '../verdict/category-bins.ts';
import { type CompatColumn, type CompatFinding, type Tool, withoutScore } from './finding.ts';
import { pairedCounts, totalOf } from './shares.ts';

/** Different values up to which the sketch of frequent items counts each of them. */
const COUNTED = 512;
const DRIFT = 0.05;

/**
 * whylogs 1.6.4's default scores of texts: a chi-square test of goodness of fit on its frequent items. Below p = .05 it
 * says DRIFT, below .15 POSSIBLE_DRIFT. Source: its `viz/drift/column_drift_algorithms.py`.
 */
export const WHYLOGS: Tool = {
  version: '1.6.4',
  rule: 'none',
  compareColumn,
  drifts: null,
};

function compareColumn({ name, reference, current }: CompatColumn): CompatFinding {
  if (reference.kind === 'number' && current.kind === 'number') {
    const reason = 'The test runs on KLL sketches, which hold a random part of more than about a thousand rows.';
    return withoutScore(name, reason, 'ks');
  }
  if (reference.kind !== 'category' || current.kind !== 'category') {
    return withoutScore(name, 'Only numbers with numbers and texts with texts are compared.');
  }
  const before = countTexts(reference);
  const after = countTexts(current);
  if (Math.max(before.size, after.size) > COUNTED) {
    return withoutScore(name, `Beyond ${COUNTED} different values its counts are estimates.`, 'chi-square');
  }
  const counts = pairedCounts(before, after);
  const [n, m] = [totalOf(counts.reference), totalOf(counts.current)];
  if (n === 0 || m === 0) return withoutScore(name, 'A side has no values.', 'chi-square');
  let statistic = 0;
  for (let i = 0; i < counts.keys.length; i++) {
    // Whole rows are expected, so a rare value may be expected none: then the statistic is infinite.
    const expected = Math.trunc((counts.reference[i]! / n) * m);
    statistic += expected === 0 ? Number.POSITIVE_INFINITY : (counts.current[i]! - expected) ** 2 / expected;
  }
  const p = statistic === Number.POSITIVE_INFINITY ? 0 : chiSquareTail(statistic, Math.max(1, after.size - 1));
  return {
    column: name,
    method: 'chi-square',
    score: p,
    threshold: DRIFT,
    drift: p < DRIFT,
    details: { statistic: Number.isFinite(statistic) ? statistic : null },
    reason: Number.isFinite(statistic) ? null : 'The statistic is infinite: of a value no row was expected.',
  };
}
