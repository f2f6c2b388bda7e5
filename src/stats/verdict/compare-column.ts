import type { CategoryColumn, Column, NumberColumn } from '../column.ts';
import { type NumberLoops, PLAIN_LOOPS } from '../summaries/number-loops.ts';
import { binEdges } from '../summaries/quantile-bins.ts';
import { alignSides, type Sides } from './align-sides.ts';
import { categoryBins, categoryCells } from './category-bins.ts';
import { categoryFindings } from './category-findings.ts';
import { cellsOfBins, usedCells } from './cells.ts';
import type { Comparison } from './column-comparison.ts';
import { compareFreeText } from './compare-free-text.ts';
import { compareVectors } from './compare-vectors.ts';
import { missingFinding } from './findings.ts';
import { isEarlier } from './judge-method.ts';
import type { Finding, JudgeColumn, JudgePolicy, ReferenceOutline, SideCounts } from './judgement.ts';
import { complete, decision, floorOf } from './made-findings.ts';
import type { MeasureName } from './measures.ts';
import { numberBins } from './number-bins.ts';
import { numberFindings } from './number-findings.ts';
import { numberPair } from './number-pair.ts';
import { countTogether } from './paired-texts.ts';
import { type NumberSample, nullsOf, numberSample, rowsOf } from './samples.ts';
import { selectMeasures } from './select-measures.ts';

/** Above this share of different texts, and above this number of them, a column is one of identifiers. */
const IDENTIFIER_SHARE = 0.5;
const IDENTIFIER_TEXTS = 100;

const UNSEEN = 'unseen_share/difference@1';

const NEARLY_UNIQUE = 'Nearly every value is different, as in a column of identifiers or free text.';

const NO_ROWS: SideCounts = { rows: 0, nulls: 0, nan: 0, unseen: 0, below: 0, above: 0 };

function plainCounts(column: Column | null): SideCounts {
  return column === null ? NO_ROWS : { ...NO_ROWS, rows: rowsOf(column), nulls: nullsOf(column) };
}

function incomparable(column: JudgeColumn<ReferenceOutline>, why: string): Comparison {
  return {
    kind: column.reference?.kind ?? column.profile.kind,
    incomparable: why,
    insufficient: null,
    fewValues: null,
    usable: { reference: 0, window: 0 },
    cells: 0,
    p: null,
    decidedBy: null,
    counts: { reference: plainCounts(column.reference), window: plainCounts(column.window) },
    bins: [],
    findings: [],
  };
}

/** Of the findings of one test, the one that is to be decided by. */
function deciding(findings: readonly Finding[]): Finding {
  const last = findings.at(-1);
  if (last === undefined) throw new Error('a test without a finding');
  return last;
}

/** Many windows are judged against one reference, whose columns never change: each is sorted once. */
const sortedReferences = new WeakMap<NumberColumn, NumberSample>();

function referenceSample(column: NumberColumn, loops: NumberLoops): NumberSample {
  // What others hand out is not there for ever.
  if (!loops.lasting) return numberSample(column, loops);
  const known = sortedReferences.get(column) ?? numberSample(column, loops);
  sortedReferences.set(column, known);
  return known;
}

function edgesFor(profile: ReferenceOutline, { finite }: NumberSample): readonly number[] {
  if (profile.kind !== 'number') return [];
  return 'bins' in profile ? (profile.bins?.edges ?? []) : binEdges(finite);
}

function compareNumbers(
  column: JudgeColumn<ReferenceOutline>,
  sides: Sides<NumberColumn>,
  { policy, loops }: { readonly policy: JudgePolicy; readonly loops: NumberLoops },
): Comparison {
  const r = referenceSample(sides.reference, loops);
  const w = numberSample(sides.window, loops);
  const bins = numberBins(r, w, edgesFor(column.profile, r));
  const usable = { reference: r.sorted.length, window: w.sorted.length };
  const floor = floorOf({ reference: r.rows, window: w.rows }, usable, policy);
  const selected = selectMeasures('number', policy);
  const pair = numberPair({ r, w, cells: cellsOfBins(bins) }, loops.walk);
  const { tests, distances } = complete(selected, (names) => numberFindings(names, pair, policy).map((one) => [one]));
  const made = tests.flat();
  const shown = numberFindings(selected.shown, pair, policy);
  const missing = missingFinding(bins, policy);
  const anyMissing = r.sorted.length < r.rows || w.sorted.length < w.rows;
  const outside = (kind: 'below' | 'above', side: 'reference' | 'window') =>
    bins.find((bin) => bin.kind === kind)?.[side] ?? 0;
  const counts = (sample: typeof r, side: 'reference' | 'window'): SideCounts => ({
    rows: sample.rows,
    nulls: sample.nulls,
    nan: sample.nan,
    unseen: 0,
    below: outside('below', side),
    above: outside('above', side),
  });
  return {
    kind: 'number',
    incomparable: null,
    ...floor,
    cells: 0,
    ...decision(anyMissing ? [...made, missing] : made, missing, floor),
    counts: { reference: counts(r, 'reference'), window: counts(w, 'window') },
    bins,
    findings: [...shown, ...made, ...distances.flat(), missing],
  };
}

function compareCategories(
  column: JudgeColumn<ReferenceOutline>,
  sides: Sides<CategoryColumn>,
  policy: JudgePolicy,
): Comparison {
  const paired = countTogether(sides.reference, sides.window);
  const referenceNulls = nullsOf(sides.reference);
  const windowNulls = nullsOf(sides.window);
  const filled = sides.reference.length - referenceNulls;
  const different = paired.r.reduce((sum, count) => sum + Number(count > 0), 0);
  if (different > IDENTIFIER_TEXTS && different > IDENTIFIER_SHARE * filled) {
    const described = isEarlier(policy.method) ? null : compareFreeText(sides, policy);
    return described ?? incomparable(column, NEARLY_UNIQUE);
  }
  const known = 'top' in column.profile ? column.profile.top.values.map(({ value }) => String(value)) : [];
  const texts = { paired, referenceNulls, windowNulls, known };
  const bins = categoryBins(texts);
  const pair = { cells: categoryCells(texts), bins: cellsOfBins(bins) };
  const selected = selectMeasures('category', policy);
  // A text has values that were never seen; of a boolean there are two.
  const made = (names: readonly MeasureName[]) =>
    categoryFindings(sides.reference.type === 'text' ? names : names.filter((name) => name !== UNSEEN), pair, policy);
  const { tests, distances } = complete(selected, made);
  const counts = { rows: sides.reference.length, nulls: referenceNulls, nan: 0, unseen: 0, below: 0, above: 0 };
  const unseen = bins.find((bin) => bin.kind === 'unseen')?.window ?? 0;
  const usable = { reference: filled, window: sides.window.length - windowNulls };
  const floor = floorOf({ reference: sides.reference.length, window: sides.window.length }, usable, policy);
  const missing = missingFinding(bins, policy);
  return {
    kind: 'category',
    incomparable: null,
    ...floor,
    cells: usedCells(pair.cells),
    ...decision(tests.map(deciding), missing, floor),
    counts: {
      reference: counts,
      window: { ...counts, rows: sides.window.length, nulls: windowNulls, unseen },
    },
    bins,
    findings: [
      ...tests.flat(),
      ...distances.flat(),
      // Missing is a cell of the chi-square, so beside that its own p-value would count it twice.
      floor.fewValues === null ? { ...missing, p: null } : missing,
    ],
  };
}

/** All measures on one column. Pure; cost O(n log n) at most for sorting and counting. */
export function compareColumn(
  column: JudgeColumn<ReferenceOutline>,
  policy: JudgePolicy,
  loops: NumberLoops = PLAIN_LOOPS,
): Comparison {
  if (column.reference === null) return incomparable(column, 'The reference has no such column.');
  if (column.window === null) return incomparable(column, 'The window has no such column.');
  if (column.unlogged === true && nullsOf(column.window) === rowsOf(column.window)) {
    return incomparable(
      column,
      'No prediction has held it so far. If the model does not use it, name it in the roles: as the label, or under ignore.',
    );
  }
  const { reference, window } = alignSides(column.reference, column.window, column.asCategory ?? false);
  if (rowsOf(reference) === 0 || rowsOf(window) === 0) {
    const side = rowsOf(window) === 0 ? 'window' : 'reference';
    return { ...incomparable(column, ''), incomparable: null, insufficient: `The ${side} has no rows.` };
  }
  if (reference.kind === 'time' || window.kind === 'time') {
    return incomparable(column, 'Points in time move on by themselves; they are not compared.');
  }
  if (reference.kind === 'number' && window.kind === 'number') {
    return compareNumbers(column, { reference, window }, { policy, loops });
  }
  if (reference.kind === 'category' && window.kind === 'category') {
    return compareCategories(column, { reference, window }, policy);
  }
  if (reference.kind === 'vector' && window.kind === 'vector' && reference.type === window.type) {
    return compareVectors(column, { reference, window }, policy);
  }
  return incomparable(column, `The reference holds ${reference.type}, the window ${window.type}.`);
}
