import { xoshiro128 } from '../sampling/xoshiro128.ts';
import { type NumberLoops, PLAIN_LOOPS } from '../summaries/number-loops.ts';
import { outOfFoldScores } from '../table/domain-classifier.ts';
import { driftSlices } from '../table/drift-slices.ts';
import type { ColumnPair } from '../table/table-pair.ts';
import { type Sides, samplePair } from '../table/table-sample.ts';
import { alignSides } from './align-sides.ts';
import type { Comparison } from './column-comparison.ts';
import { compareColumn } from './compare-column.ts';
import { conclude } from './conclude.ts';
import type { JudgeColumn, Judgement, JudgePolicy, ReferenceOutline } from './judgement.ts';
import { tableFindings } from './table-findings.ts';
import { weightOf } from './weights.ts';

/** Chance is an argument: the same table has the same slices for ever. */
const SEED = 3;

/** What one column adds to the judgement of its table; plain data, so that columns can be compared apart and at once. */
export type ComparedColumn = Pick<JudgeColumn, 'name' | 'role'> & {
  readonly comparison: Comparison;
  /** Some rows of it, where the table is also looked at as whole rows. */
  readonly sampled: ColumnPair | null;
};

/**
 * Compares a column of a table with so many of them. Whole rows leave out what could not be compared, and segments, which
 * are not judged.
 */
export function compareOneOf(
  columns: number,
  column: JudgeColumn<ReferenceOutline>,
  policy: JudgePolicy,
  loops?: NumberLoops,
): ComparedColumn {
  const { name, role, reference, window, asCategory = false } = column;
  const comparison = compareColumn(column, policy, loops);
  const unused = policy.tableMeasures.length === 0 && !policy.slices;
  // Free text has no cells, and no place in a row of values.
  const left = comparison.incomparable !== null || (comparison.kind === 'category' && comparison.cells === 0);
  if (unused || role === 'segment' || left || reference === null || window === null) {
    return { name, role, comparison, sampled: null };
  }
  const sides = alignSides(reference, window, asCategory);
  return { name, role, comparison, sampled: samplePair(name, sides, columns) };
}

/**
 * Judges a table whose columns come one by one, so that they need not all be held at once; of those that are looked at
 * as whole rows it keeps a sample. `judge` is this on all of them.
 */
export class WholeTable {
  readonly #policy: JudgePolicy;
  readonly #width: number;
  readonly #loops: NumberLoops;
  readonly #columns: ComparedColumn[] = [];

  /** `columns`: how many there are, to plan by. `loops`: what numbers of columns that are added are compared by. */
  constructor(policy: JudgePolicy, columns: number, loops: NumberLoops = PLAIN_LOOPS) {
    this.#policy = policy;
    this.#loops = loops;
    this.#width = columns;
  }

  /** Compares a column. */
  add(column: JudgeColumn): void {
    this.take(compareOneOf(this.#width, column, this.#policy, this.#loops));
    this.#loops.release();
  }

  /** Takes a column that was compared elsewhere, by the same policy, as one of as many. */
  take(compared: ComparedColumn): void {
    this.#columns.push(compared);
  }

  /** The judgement, once all columns were compared. */
  conclude(): Judgement {
    const judgement = this.judged();
    return this.#policy.slices ? this.sliced(judgement, []) : judgement;
  }

  /** The same before it is known which rows carry the drift. */
  judged(): Judgement {
    const { tableMeasures } = this.#policy;
    const comparisons = this.#columns.map(({ comparison }) => comparison);
    const table = tableMeasures.length === 0 ? undefined : tableFindings(this.#counting(), tableMeasures);
    return conclude(this.#columns, { comparisons, table }, this.#policy);
  }

  /** With the conditions that carry most of the drift. `besides`: columns that are not judged and may tell rows apart. */
  sliced(judgement: Judgement, besides: readonly (Pick<JudgeColumn, 'name'> & Sides)[]): Judgement {
    const drifted = judgement.columns
      .filter(({ verdict, weight = 1 }) => verdict === 'drift' && weight > 0)
      .map(({ name }) => name);
    const pair = this.#pair();
    const more = besides.flatMap(({ name, ...sides }) => samplePair(name, sides, this.#width) ?? []);
    // What whole rows show is explained by what tells them apart, whichever measure found it.
    const differ = judgement.table?.some(({ drift }) => drift === true) ?? false;
    const scores = differ ? outOfFoldScores(this.#counting(), { random: xoshiro128(SEED) }) : null;
    return { ...judgement, slices: driftSlices([...pair, ...more], drifted, scores, this.#policy.slicesMethod) };
  }

  /** A column that decides nothing does not do so by way of whole rows either. */
  #counting(): ColumnPair[] {
    return this.#pair().filter(({ name }) => weightOf(this.#policy, name) > 0);
  }

  #pair(): ColumnPair[] {
    return this.#columns.flatMap(({ sampled }) => sampled ?? []);
  }
}
