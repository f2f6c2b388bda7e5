import { driftSlices } from '../table/drift-slices.ts';
import { TableSample } from '../table/table-sample.ts';
import { alignSides } from './align-sides.ts';
import { type Comparison, compareColumn } from './compare-column.ts';
import { conclude } from './conclude.ts';
import type { JudgeColumn, Judgement, JudgePolicy } from './judgement.ts';
import { tableFindings } from './table-findings.ts';

/**
 * Judges a table whose columns come one by one, so that they need not all be held at once; of those that are looked at
 * as whole rows it keeps a sample. `judge` is this on all of them.
 */
export class WholeTable {
  readonly #policy: JudgePolicy;
  readonly #sample: TableSample;
  readonly #columns: Pick<JudgeColumn, 'name' | 'role'>[] = [];
  readonly #comparisons: Comparison[] = [];

  /** `columns`: how many there are, to plan by. */
  constructor(policy: JudgePolicy, columns: number) {
    this.#policy = policy;
    this.#sample = new TableSample(columns);
  }

  /** Compares a column. Whole rows leave out what could not be compared, and segments, which are not judged. */
  add(column: JudgeColumn): void {
    const { name, role, reference, window, asCategory = false } = column;
    const comparison = compareColumn(column, this.#policy);
    this.#columns.push({ name, role });
    this.#comparisons.push(comparison);
    const { tableMeasures, slices } = this.#policy;
    if ((tableMeasures.length === 0 && !slices) || role === 'segment' || comparison.incomparable !== null) return;
    if (reference !== null && window !== null) this.#sample.add(name, alignSides(reference, window, asCategory));
  }

  /** The judgement, once all columns were compared. */
  conclude(): Judgement {
    const { tableMeasures, slices } = this.#policy;
    const { pair } = this.#sample;
    const table = tableMeasures.length === 0 ? undefined : tableFindings(pair, tableMeasures);
    const judgement = conclude(this.#columns, { comparisons: this.#comparisons, table }, this.#policy);
    if (!slices) return judgement;
    const drifted = judgement.columns.filter(({ verdict }) => verdict === 'drift').map(({ name }) => name);
    return { ...judgement, slices: driftSlices(pair, drifted) };
  }
}
