import type { NumberColumn } from '../column.ts';
import { jensenShannonDivergence } from '../distances/jensen-shannon.ts';
import { lInfinity } from '../distances/l-infinity.ts';
import { takeNumbers } from '../summaries/taken-numbers.ts';
import { countTexts } from '../verdict/paired-texts.ts';
import { type CompatColumn, type CompatFinding, type Tool, withoutScore } from './finding.ts';
import { histogramDivergence } from './histogram-divergence.ts';
import { interpolatedHistogram } from './interpolated-histogram.ts';
import { pairedCounts } from './shares.ts';

/** Values of a rank histogram by default. */
const RANKS = 1000;

/**
 * TensorFlow Data Validation 1.16.1's comparators: on the rank histograms of texts the L-infinity distance of the
 * shares, and on them and on the standard histograms of numbers the Jensen-Shannon divergence (base 2, without the
 * root), all as of statistics that one job made of a DataFrame, in which NaN is missing. It has no limits of its own:
 * each is written into the schema by hand. Source: its `anomalies/metrics.cc`.
 */
export const TFDV: Tool = {
  version: '1.16.1',
  rule: 'none: thresholds are written into the schema, column by column',
  compareColumn,
  drifts: null,
};

function compareColumn({ name, reference, current }: CompatColumn): CompatFinding {
  if (reference.kind === 'number' && current.kind === 'number') {
    return compareNumbers(name, reference, current);
  }
  if (reference.kind !== 'category' || current.kind !== 'category') {
    return withoutScore(name, 'Only numbers with numbers and texts with texts are compared.');
  }
  const counts = pairedCounts(largest(countTexts(reference)), largest(countTexts(current)));
  const largestChange = lInfinity(counts.reference, counts.current);
  if (largestChange === null) return withoutScore(name, 'A side has no values.', 'infinity_norm');
  return {
    column: name,
    method: 'infinity_norm',
    score: largestChange.value,
    threshold: null,
    drift: null,
    details: {
      value: counts.keys[largestChange.index] ?? null,
      jensen_shannon_divergence: jensenShannonDivergence(counts.reference, counts.current),
    },
    reason: null,
  };
}

function compareNumbers(name: string, reference: NumberColumn, current: NumberColumn): CompatFinding {
  const method = 'jensen_shannon_divergence';
  const [before, after] = [takeNumbers(reference).numbers, takeNumbers(current).numbers];
  if (before.length === 0 || after.length === 0) return withoutScore(name, 'A side has no values.', method);
  const score = histogramDivergence(interpolatedHistogram(before), interpolatedHistogram(after));
  if (score === null) return withoutScore(name, 'The numbers span more than a double can hold.', method);
  return { column: name, method, score, threshold: null, drift: null, details: {}, reason: null };
}

/** The most frequent values; of equals the first by code unit. */
function largest(counts: ReadonlyMap<string, number>): Map<string, number> {
  const ranked = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return new Map(ranked.slice(0, RANKS));
}
