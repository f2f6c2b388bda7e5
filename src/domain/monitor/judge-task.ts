import { type Comparison, compareColumn } from '../../stats/verdict/compare-column.ts';
import { conclude } from '../../stats/verdict/judge.ts';
import type { Judgement, JudgePolicy } from '../../stats/verdict/judgement.ts';
import { WholeTable } from '../../stats/verdict/whole-table.ts';
import type { JudgedColumn } from './judged-columns.ts';
import { type ReferenceFiles, referenceColumns } from './reference-columns.ts';
import { type BatchFile, type Span, windowColumns } from './window-columns.ts';

export type JudgeTaskInput = {
  /** `fresh`: read it again, whatever is kept. */
  readonly reference: ReferenceFiles & { readonly rows: number; readonly fresh: boolean };
  readonly columns: readonly JudgedColumn[];
  readonly batches: readonly BatchFile[];
  /** Rows of the window, to plan by. */
  readonly rows: number;
  readonly span: Span;
  readonly policy: JudgePolicy;
  /** Bytes of memory that a native reader may take. */
  readonly memoryBytes: number;
  /** Values held at a time; `BUDGET` when absent. */
  readonly budget?: number;
};

export type JudgeTaskOutput = {
  /** Rows taken of each batch, in the order given. */
  readonly batchRows: readonly number[];
  readonly judgement: Judgement;
};

/** Values held at a time, reference and window together: 128 MiB of doubles, and as much again sorted. */
const BUDGET = 2 ** 24;

/**
 * Compute task: judges a window against its reference from their bytes. Columns are read in groups that fit the
 * budget, so memory grows with the rows of a few columns, never with the width of the table.
 * @throws TidemarkError `unreadable-data`.
 */
export async function judgeTask(input: JudgeTaskInput): Promise<JudgeTaskOutput> {
  const groups = columnGroups(input.columns, input.reference.rows + input.rows, input.budget);
  const comparisons: Comparison[] = [];
  const whole = new WholeTable(input.policy, input.columns.length);
  let batchRows: readonly number[] = input.batches.map(() => 0);
  for (const group of groups) {
    const keep = groups.length === 1 && !input.reference.fresh;
    const reference = await referenceColumns(
      input.reference,
      group.map(({ name, profile }) => ({ name, type: profile.type })),
      { keep, memoryBytes: input.memoryBytes },
    );
    const window = await windowColumns(
      input.batches,
      input.span,
      group.map(({ logged, profile }) => ({ logged, type: profile.type })),
    );
    batchRows = window.rows;
    group.forEach(({ name, role, profile, asCategory, unlogged }, i) => {
      const sides = { reference: reference[i] ?? null, window: window.columns[i] ?? null };
      const column = { name, role, profile, asCategory, unlogged, ...sides };
      const comparison = compareColumn(column, input.policy);
      comparisons.push(comparison);
      whole.add(column, comparison);
    });
  }
  const judgement = { ...conclude(input.columns, comparisons, input.policy), ...whole.findings() };
  return { batchRows, judgement };
}

/** Runs of columns whose values fit the budget; always at least one run, which counts the rows. */
export function columnGroups<C>(columns: readonly C[], rows: number, budget = BUDGET): C[][] {
  const width = Math.max(1, Math.floor(budget / Math.max(1, rows)));
  const groups: C[][] = [];
  for (let from = 0; from < Math.max(1, columns.length); from += width) groups.push(columns.slice(from, from + width));
  return groups;
}
