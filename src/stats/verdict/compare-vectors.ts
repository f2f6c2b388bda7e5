import type { VectorColumn } from '../column.ts';
import { shuffledRows } from '../sampling/shuffle.ts';
import { type SampledVectors, sampleVectors } from '../sampling/vector-sample.ts';
import { xoshiro128 } from '../sampling/xoshiro128.ts';
import { radixSort } from '../summaries/radix-sort.ts';
import { type Matrix, takeRows } from '../table/matrix.ts';
import type { Sides } from './align-sides.ts';
import type { Comparison } from './column-comparison.ts';
import { missingFinding } from './findings.ts';
import type { JudgeColumn, JudgedBin, JudgePolicy, ReferenceOutline, SideCounts } from './judgement.ts';
import { complete, decision, floorOf } from './made-findings.ts';
import { numberBins } from './number-bins.ts';
import type { NumberSample } from './samples.ts';
import { selectMeasures } from './select-measures.ts';
import { vectorFindings } from './vector-findings.ts';

/** Chance is an argument: the same columns are compared alike for ever. */
const SEED = 7;

/**
 * A column of vectors, by its finite vectors: random ones of each side where there are more than can be held. Whether
 * that is unlikely under no drift say the distance of the centroids, the discrepancy of the means under a kernel and,
 * where some have no value, the change of the missing share, together (Bonferroni). Bins are of the norm.
 */
export function compareVectors(
  column: JudgeColumn<ReferenceOutline>,
  sides: Sides<VectorColumn>,
  policy: JudgePolicy,
): Comparison {
  const [r, w] = [sampleVectors(sides.reference), sampleVectors(sides.window)];
  const pair = { x: shuffled(r, SEED), y: shuffled(w, SEED + 1) };
  const { tests, distances } = complete(selectMeasures('vector', policy), (names) =>
    vectorFindings(names, pair, policy).map((one) => [one]),
  );
  const made = tests.flat();
  const missing = missingFinding(presence(r, w), policy);
  const anyMissing = [r, w].some(({ whole }) => whole.nulls + whole.nan > 0);
  const filled = ({ whole }: SampledVectors): number => whole.rows - whole.nulls - whole.nan;
  const usable = { reference: filled(r), window: filled(w) };
  const floor = floorOf({ reference: r.whole.rows, window: w.whole.rows }, usable, policy);
  return {
    kind: 'vector',
    incomparable: null,
    ...floor,
    cells: 0,
    ...decision(anyMissing ? [...made, missing] : made, missing, floor),
    counts: { reference: countsOf(r), window: countsOf(w) },
    bins: normBins(column, r, w),
    findings: [...made, ...distances.flat(), missing],
  };
}

/** Rows in random order: what is measured on neighbours must not depend on how they came. */
function shuffled({ length, dimension, values }: SampledVectors, seed: number): Matrix {
  return takeRows({ rows: length, columns: dimension, values }, shuffledRows(length, xoshiro128(seed)));
}

function countsOf({ whole }: SampledVectors): SideCounts {
  return { ...whole, unseen: 0, below: 0, above: 0 };
}

function presence(r: SampledVectors, w: SampledVectors): JudgedBin[] {
  const missing = ({ whole }: SampledVectors): number => whole.nulls + whole.nan;
  const ends = { lower: null, upper: null };
  return [
    {
      kind: 'value',
      label: 'present',
      ...ends,
      reference: r.whole.rows - missing(r),
      window: w.whole.rows - missing(w),
    },
    { kind: 'missing', label: 'missing', ...ends, reference: missing(r), window: missing(w) },
  ];
}

function normBins({ profile }: JudgeColumn<ReferenceOutline>, r: SampledVectors, w: SampledVectors): JudgedBin[] {
  const edges = profile.kind === 'vector' ? (profile.norm.bins?.edges ?? []) : [];
  return numberBins(normsOf(r), normsOf(w), edges);
}

/** The norms of a sample; of those without one as many as the sample is of the whole. */
function normsOf({ length, dimension, values, whole }: SampledVectors): NumberSample {
  const norms = Float64Array.from({ length }, (_, row) =>
    Math.sqrt(values.subarray(row * dimension, (row + 1) * dimension).reduce((sum, v) => sum + v * v, 0)),
  );
  const sorted = radixSort(norms);
  const finite = whole.rows - whole.nulls - whole.nan;
  const share = finite > 0 ? length / finite : 1;
  const [nulls, nan] = [Math.round(whole.nulls * share), Math.round(whole.nan * share)];
  return { rows: length + nulls + nan, nulls, nan, sorted, finite: sorted };
}
