import type { CategoryColumn, Column } from '../column.ts';
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
/** Different texts that its sketch holds all of. */
const HELD = 1024;
/** Bytes of a text beyond which it is counted as this one. */
const LONGEST = 1024;
const TOO_LONG = '__LARGE_BYTES__';

/**
 * TensorFlow Data Validation 1.16.1's comparators: on the rank histograms of texts the L-infinity distance of the
 * shares, and on them and on the standard histograms of numbers, booleans among them, the Jensen-Shannon divergence (base
 * 2, without the root), all as of statistics that one job made of a DataFrame, in which NaN is missing. It has no limits of
 * its own: each is written into the schema by hand. Source: its `anomalies/metrics.cc`,
 * `statistics/generators/top_k_uniques_sketch_stats_generator.py` and tfx_bsl's `sketches/misragries_sketch.cc`.
 */
export const TFDV: Tool = {
  version: '1.16.1',
  rule: 'none: thresholds are written into the schema, column by column',
  compareColumn,
  drifts: null,
};

function compareColumn({ name, reference, current }: CompatColumn): CompatFinding {
  const numbers = [numbersOf(reference), numbersOf(current)] as const;
  if (numbers[0] !== null && numbers[1] !== null) return compareNumbers(name, numbers[0], numbers[1]);
  if (!isText(reference) || !isText(current)) {
    return withoutScore(name, 'Only numbers with numbers and texts with texts are compared.');
  }
  return compareTexts(name, countShortened(reference), countShortened(current));
}

/** In the order of the rows, a boolean as 0 or 1; null for what is no number. */
function numbersOf(column: Column): Float64Array | null {
  if (column.kind === 'number') return takeNumbers(column).numbers;
  if (column.kind !== 'category' || column.type === 'text') return null;
  return Float64Array.from(column.codes.subarray(0, column.length).filter((code) => code >= 0));
}

const isText = (column: Column): column is CategoryColumn => column.kind === 'category' && column.type === 'text';

type Counts = ReadonlyMap<string, number>;

function compareTexts(name: string, reference: Counts, current: Counts): CompatFinding {
  const method = 'infinity_norm';
  if (Math.max(reference.size, current.size) > HELD) {
    const reason = `Of more than ${HELD} different texts its sketch holds some, by the order of a hash table.`;
    return withoutScore(name, reason, method);
  }
  const counts = pairedCounts(largest(reference), largest(current));
  const largestChange = lInfinity(counts.reference, counts.current);
  if (largestChange === null) return withoutScore(name, 'A side has no values.', method);
  return {
    column: name,
    method,
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

function compareNumbers(name: string, before: Float64Array, after: Float64Array): CompatFinding {
  const method = 'jensen_shannon_divergence';
  if (before.length === 0 || after.length === 0) return withoutScore(name, 'A side has no values.', method);
  const score = histogramDivergence(interpolatedHistogram(before), interpolatedHistogram(after));
  if (score === null) return withoutScore(name, 'The numbers span more than a double can hold.', method);
  return { column: name, method, score, threshold: null, drift: null, details: {}, reason: null };
}

/** Rows by text, those that are too long for its sketch together. */
function countShortened(column: CategoryColumn): Counts {
  const counts = new Map<string, number>();
  for (const [text, count] of countTexts(column)) {
    const key = isTooLong(text) ? TOO_LONG : text;
    counts.set(key, (counts.get(key) ?? 0) + count);
  }
  return counts;
}

/** A code unit takes up to three bytes of UTF-8. */
const isTooLong = (text: string): boolean => 3 * text.length > LONGEST && encoder.encode(text).length > LONGEST;

const encoder = new TextEncoder();

/** The most frequent values; of equals the last by code point. */
function largest(counts: Counts): Counts {
  const ranked = [...counts].sort(([a, x], [b, y]) => y - x || byCodePoint(b, a));
  return new Map(ranked.slice(0, RANKS));
}

/** As the bytes of UTF-8 are in order, which code units are not. */
function byCodePoint(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
  if (Number.isNaN(x) || Number.isNaN(y)) return a.length - b.length;
  // Surrogates stand for what lies behind all single units.
  return Number(isSurrogate(x)) - Number(isSurrogate(y)) || x - y;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xe000;
