import { roundHalfEven } from '../hypothesis-tests/kolmogorov-smirnov.ts';
import { chiSquareTail } from '../special/chi-square.ts';
import { kolmogorovTail } from '../special/kolmogorov.ts';
import { placeOf } from '../summaries/place-of.ts';
import { countTexts } from '../verdict/paired-texts.ts';
import { numberSample } from '../verdict/samples.ts';
import { type CompatColumn, type CompatFinding, type Tool, withoutScore } from './finding.ts';
import { pairedCounts } from './shares.ts';

/** Different values up to which the sketch of frequent items counts each of them. */
const COUNTED = 512;
const DRIFT = 0.05;

/** Values up to which the sketch of numbers holds each of them. */
const HELD = 1024;
/** Quantiles of either side at which the distribution functions are compared. */
const PLACES = 100;

/**
 * whylogs 1.6.4's default scores: of texts a chi-square test of goodness of fit on its frequent items, of numbers the
 * largest difference of the distribution functions at a hundred quantiles of each, with the p-value of Kolmogorov and
 * Smirnov. Below p = .05 it says DRIFT, below .15 POSSIBLE_DRIFT. Source: its `viz/drift/column_drift_algorithms.py`.
 */
export const WHYLOGS: Tool = {
  version: '1.6.4',
  rule: 'none',
  compareColumn,
  drifts: null,
};

function compareColumn({ name, reference, current }: CompatColumn): CompatFinding {
  const [x, y] = [sortedNumbers(reference), sortedNumbers(current)];
  if (x !== null && y !== null) return compareNumbers(name, x, y);
  if (reference.kind !== 'category' || current.kind !== 'category') {
    return withoutScore(name, 'Only numbers with numbers and texts with texts are compared.');
  }
  const before = countTexts(reference);
  const after = countTexts(current);
  if (Math.max(before.size, after.size) > COUNTED) {
    return withoutScore(name, `Beyond ${COUNTED} different values its counts are estimates.`, 'chi-square');
  }
  const counts = pairedCounts(before, after);
  if (before.size === 0 || after.size === 0) return withoutScore(name, 'A side has no values.', 'chi-square');
  // Rows without a value are counted among all, though they are no item.
  const [n, m] = [reference.length, current.length];
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

/** It has booleans in the sketch of numbers too. Null for what is no number. */
function sortedNumbers(column: CompatColumn['reference']): Float64Array | null {
  if (column.kind === 'number') return numberSample(column).sorted;
  if (column.kind !== 'category' || column.type !== 'boolean') return null;
  return Float64Array.from(column.codes.filter((code) => code >= 0)).sort();
}

function compareNumbers(name: string, x: Float64Array, y: Float64Array): CompatFinding {
  if (x.length === 0 || y.length === 0) return withoutScore(name, 'A side has no values.', 'ks');
  if (Math.max(x.length, y.length) > HELD) {
    return withoutScore(name, `Of more than ${HELD} numbers its sketch holds a random part.`, 'ks');
  }
  let statistic = 0;
  for (const place of [...quantiles(x), ...quantiles(y)]) {
    statistic = Math.max(statistic, Math.abs(shareBelow(x, place) - shareBelow(y, place)));
  }
  const p = kolmogorovTail(roundHalfEven((x.length * y.length) / (x.length + y.length)), statistic);
  return {
    column: name,
    method: 'ks',
    score: p,
    threshold: DRIFT,
    drift: p < DRIFT,
    details: { statistic },
    reason: null,
  };
}

/** The values at ranks ⌊k n / 99⌋, k = 0 … 99. */
function quantiles(sorted: Float64Array): number[] {
  const step = 1 / (PLACES - 1);
  return Array.from({ length: PLACES }, (_, k) => {
    const rank = k === PLACES - 1 ? sorted.length : Math.floor(k * step * sorted.length);
    return sorted[Math.min(rank, sorted.length - 1)]!;
  });
}

/** The sketch's distribution function: of smaller values, not of equal ones. */
const shareBelow = (sorted: Float64Array, value: number): number => placeOf(sorted, (v) => v >= value) / sorted.length;
