import type { CategoryColumn, NumberColumn } from '../column.ts';
import { jensenShannonDivergence } from '../distances/jensen-shannon.ts';
import { wasserstein } from '../distances/wasserstein.ts';
import { kolmogorovSmirnov } from '../hypothesis-tests/kolmogorov-smirnov.ts';
import { zProportions } from '../hypothesis-tests/z-proportions.ts';
import { chiSquareTail } from '../special/chi-square.ts';
import { pooledValues } from '../summaries/pooled-values.ts';
import { countTexts } from '../verdict/paired-texts.ts';
import { numberSample } from '../verdict/samples.ts';
import {
  type CompatColumn,
  type CompatFinding,
  type TableDrift,
  type Tool,
  undecided,
  withoutScore,
} from './finding.ts';
import { moments } from './moments.ts';
import { type PairedCounts, pairedCounts, totalOf } from './shares.ts';

/** Up to so many rows of the reference, tests decide; beyond, distances. */
const SMALL_REFERENCE = 1000;
/** Numbers with at most so many different values are taken as categories by the choice of the method. */
const FEW_VALUES = 5;
/** Whole numbers with at most so many different values are categories by the inference of types. */
const INTEGER_CARDINALITY = 10;
/** Texts of which more than this share differ are free text. */
const TEXT_SHARE = 0.5;
const LEVEL = 0.05;
const DISTANCE = 0.1;
const SMALLEST_STD = 0.001;
/** The table drifts at this share of drifted columns. */
const DRIFT_SHARE = 0.5;

/**
 * Evidently 0.7.23's data drift preset with nothing but its defaults. Nulls, NaN and infinities are dropped from each
 * column before anything else. Source: its `calculations/stattests` and `core/datasets.py`.
 */
export const EVIDENTLY: Tool = {
  version: '0.7.23',
  rule: `at least ${DRIFT_SHARE * 100} % of the columns drift`,
  compareColumn,
  drifts,
};

/**
 * Columns that are left open count among all columns, so that the share of drifted ones has a least and a most. Its own
 * count keeps infinities, which its columns drop: of one that has some, near its limit, the two may say different things.
 */
function drifts(findings: readonly CompatFinding[]): TableDrift {
  const drifted = findings.filter(({ drift }) => drift === true).length;
  const open = findings.filter((finding) => finding.undecided === true);
  const all = findings.filter(({ drift }) => drift !== null).length + open.length;
  if (all === 0) return { drift: null, reason: 'No column is compared.' };
  if (open.some(({ reason }) => reason === EMPTY)) return { drift: null, reason: EMPTY };
  if (drifted / all >= DRIFT_SHARE) return { drift: true, reason: null };
  if ((drifted + open.length) / all < DRIFT_SHARE) return { drift: false, reason: null };
  const named = open.slice(0, 5).map(({ column }) => column);
  const rest = open.length > named.length ? ' and others' : '';
  return {
    drift: null,
    reason: `${drifted} of ${all} columns drift; what it says of ${named.join(', ')}${rest}, which could tip it, cannot be had.`,
  };
}

const EMPTY = 'An empty column makes the whole report fail.';

type Side = { readonly column: NumberColumn | CategoryColumn; readonly finite: Float64Array; readonly n: number };

function sideOf(column: NumberColumn | CategoryColumn): Side {
  if (column.kind === 'number') {
    const { finite } = numberSample(column);
    return { column, finite, n: finite.length };
  }
  return { column, finite: new Float64Array(0), n: totalOf(countTexts(column).values()) };
}

function compareColumn({ name, reference, current }: CompatColumn): CompatFinding {
  if (reference.kind === 'time' || current.kind === 'time') return withoutScore(name, 'Dates are not compared.');
  if (reference.kind === 'vector' || current.kind === 'vector') return withoutScore(name, 'Vectors are not compared.');
  if (reference.kind !== current.kind) return undecided(name, 'The types of the two sides differ.');
  const sides = { reference: sideOf(reference), current: sideOf(current) };
  if (sides.reference.n === 0 || sides.current.n === 0) {
    return undecided(name, EMPTY);
  }
  const counts = countsOf(sides.reference, sides.current);
  // Types are inferred from the current table.
  const seen = distinctOf(counts.current);
  if (current.kind === 'category' && current.type === 'text' && seen > sides.current.n * TEXT_SHARE) {
    const method = `${sides.reference.n > SMALL_REFERENCE ? 'Absolute' : 'Percentile'} text content drift`;
    return undecided(name, 'Texts are judged by a classifier over TF-IDF whose training is random.', method);
  }
  const numeric = current.kind === 'number' && !(current.type === 'int64' && seen <= INTEGER_CARDINALITY);
  return sides.reference.n <= SMALL_REFERENCE
    ? smallReference(name, { ...sides, counts, numeric })
    : largeReference(name, { ...sides, counts, numeric });
}

/** Rows of both sides by the different values of either. */
type Counts = { readonly values: number } & Pick<PairedCounts, 'reference' | 'current'>;

function countsOf(reference: Side, current: Side): Counts {
  if (reference.column.kind === 'category' && current.column.kind === 'category') {
    const counts = pairedCounts(countTexts(reference.column), countTexts(current.column));
    return { values: counts.keys.length, ...counts };
  }
  const { values, x, y } = pooledValues(reference.finite, current.finite);
  return { values: values.length, reference: Float64Array.from(x), current: Float64Array.from(y) };
}

const distinctOf = (counts: Float64Array): number => counts.filter((count) => count > 0).length;

type Given = {
  readonly reference: Side;
  readonly current: Side;
  readonly counts: Counts;
  readonly numeric: boolean;
};

function smallReference(name: string, { reference, current, counts, numeric }: Given): CompatFinding {
  const { values } = counts;
  if (numeric && values > FEW_VALUES) {
    const { p } = kolmogorovSmirnov(reference.finite, current.finite);
    return scored(name, { method: 'K-S p_value', score: p, threshold: LEVEL, drift: p <= LEVEL });
  }
  const p = values > 2 ? goodnessOfFit(counts) : shareTest(counts);
  return scored(name, {
    method: values > 2 ? 'chi-square p_value' : 'Z-test p_value',
    score: p,
    threshold: LEVEL,
    drift: p < LEVEL,
  });
}

function largeReference(name: string, given: Given): CompatFinding {
  const { reference, current, counts, numeric } = given;
  if (numeric && counts.values > FEW_VALUES) {
    const norm = Math.max(moments(reference.finite).std, SMALLEST_STD);
    const score = wasserstein(reference.finite, current.finite) / norm;
    return scored(name, {
      method: 'Wasserstein distance (normed)',
      score,
      threshold: DISTANCE,
      drift: score >= DISTANCE,
      details: { norm },
    });
  }
  // Natural logarithms: at most sqrt(ln 2).
  const score = Math.sqrt((jensenShannonDivergence(counts.reference, counts.current) ?? 0) * Math.LN2);
  return scored(name, {
    method: 'Jensen-Shannon distance',
    score,
    threshold: DISTANCE,
    drift: score >= DISTANCE,
    details: { base: 'e', bins: counts.reference.length },
  });
}

function scored(
  column: string,
  finding: Omit<CompatFinding, 'column' | 'reason' | 'details'> & Partial<Pick<CompatFinding, 'details'>>,
): CompatFinding {
  return { column, details: {}, ...finding, reason: null };
}

/**
 * Goodness of fit of the current counts to the reference's, scaled: the reference is taken for the truth, and a value
 * that it lacks makes p zero.
 */
function goodnessOfFit({ reference, current }: Counts): number {
  const scale = totalOf(current) / totalOf(reference);
  let statistic = 0;
  for (let i = 0; i < reference.length; i++) {
    const expected = reference[i]! * scale;
    if (expected === 0) return 0;
    statistic += (current[i]! - expected) ** 2 / expected;
  }
  return chiSquareTail(statistic, reference.length - 1);
}

/** Two proportions with the pooled share, two-sided. One value on both sides is no drift. */
function shareTest({ values, reference, current }: Counts): number {
  if (values === 1) return 1;
  const found = zProportions({ x: reference[0]!, n: totalOf(reference), y: current[0]!, m: totalOf(current) });
  return found?.p ?? 1;
}
