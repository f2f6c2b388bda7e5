import { TableSample } from '../table/table-sample.ts';
import { alignSides } from './align-sides.ts';
import type { Comparison } from './compare-column.ts';
import type { JudgeColumn, Judgement, JudgePolicy } from './judgement.ts';
import { tableFindings } from './table-findings.ts';

/** Gathers the rows that measures of the whole table need while its columns are compared one by one. */
export class WholeTable {
  readonly #policy: Pick<JudgePolicy, 'tableMeasures'>;
  readonly #sample: TableSample;

  /** `columns`: how many there are, to plan by. */
  constructor(policy: Pick<JudgePolicy, 'tableMeasures'>, columns: number) {
    this.#policy = policy;
    this.#sample = new TableSample(columns);
  }

  /** Takes in a column that could be compared; a segment is described, not judged. */
  add(column: JudgeColumn, { incomparable }: Pick<Comparison, 'incomparable'>): void {
    const { name, role, reference, window, asCategory = false } = column;
    if (this.#policy.tableMeasures.length === 0 || role === 'segment' || incomparable !== null) return;
    if (reference !== null && window !== null) this.#sample.add(name, alignSides(reference, window, asCategory));
  }

  /** What a judgement says of whole rows; nothing where nothing was asked for. */
  findings(): Pick<Judgement, 'table'> {
    const { tableMeasures } = this.#policy;
    return tableMeasures.length === 0 ? {} : { table: tableFindings(this.#sample.pair, tableMeasures) };
  }
}
