import { concatenate } from '../../formats/columns/concatenate-columns.ts';
import type { Violation } from '../../formats/prediction/record-types.ts';
import { type Column, type ColumnType, dimensionOf } from '../../stats/column.ts';
import { MOST_VALUES } from '../../stats/sampling/vector-sample.ts';
import type { Judgement, JudgePolicy } from '../../stats/verdict/judgement.ts';
import { WholeTable } from '../../stats/verdict/whole-table.ts';
import type { JudgedColumn } from '../configuration/judged-columns.ts';
import { middleSequence } from '../log/logged-columns.ts';
import { type ReferenceFiles, referenceColumns } from '../reference/reference-columns.ts';
import { type BatchFile, type Span, type WindowColumns, windowColumns } from './window-columns.ts';

export type JudgeTaskInput = {
  readonly reference: PinnedFiles | LoggedRows;
  readonly columns: readonly JudgedColumn[];
  /** In order of settlement. */
  readonly batches: readonly (BatchFile & { readonly sequence: number })[];
  /** Rows of the window, to plan by. */
  readonly rows: number;
  readonly span: Span;
  readonly policy: JudgePolicy;
  /** Bytes of memory that a native reader may take. */
  readonly memoryBytes: number;
  /** Values held at a time; `BUDGET` when absent. */
  readonly budget?: number;
};

/** `fresh`: read it again, whatever is kept. */
type PinnedFiles = ReferenceFiles & { readonly rows: number; readonly fresh: boolean };

/** Rows of other windows to compare with. `rows`: how many, to plan by. */
type LoggedRows = { readonly batches: readonly BatchFile[]; readonly spans: readonly Span[]; readonly rows: number };

export type JudgeTaskOutput = {
  /** Rows taken of each batch, in the order given. */
  readonly batchRows: readonly number[];
  /** Rows taken of each batch of the reference; empty where it is a version. */
  readonly referenceRows: readonly number[];
  /** What the rows taken of each batch broke; null where its object does not keep it. */
  readonly violations: readonly (readonly Violation[] | null)[];
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
  const rows = input.reference.rows + input.rows;
  // Of vectors a sample is held.
  const slotsOf = ({ profile }: JudgedColumn): number =>
    Math.max(1, Math.min(dimensionOf(profile.type), (2 * MOST_VALUES) / rows));
  const groups = columnGroups(input.columns, rows, input.budget, slotsOf);
  const whole = new WholeTable(input.policy, input.columns.length);
  let batchRows: readonly number[] = input.batches.map(() => 0);
  let referenceRows: readonly number[] = [];
  let violations: JudgeTaskOutput['violations'] = input.batches.map(() => null);
  for (const group of groups) {
    const { rows: takenRows, columns: reference } = await readReference(input, group, groups.length === 1);
    const window = await windowColumns(input.batches, [input.span], group.map(loggedColumn));
    referenceRows = takenRows;
    batchRows = window.rows;
    violations = window.violations;
    const middle = middleSequence(input.batches.map(({ sequence }, i) => ({ sequence, rows: window.rows[i] ?? 0 })));
    group.forEach(({ name, role, profile, asCategory, since }, i) => {
      // A column that began later, with the window half come, is no column that the window lost.
      const unlogged = since === null || since > middle;
      const sides = { reference: reference[i] ?? null, window: window.columns[i] ?? null };
      whole.add({ name, role, profile, asCategory, unlogged, ...sides });
    });
  }
  return { batchRows, referenceRows, violations, judgement: whole.conclude() };
}

const noRows = (type: ColumnType): Column => concatenate([], type);

const loggedColumn = ({ logged, profile }: JudgedColumn) => ({ logged, type: profile.type });

async function readReference(
  { reference, memoryBytes }: JudgeTaskInput,
  group: readonly JudgedColumn[],
  alone: boolean,
): Promise<Pick<WindowColumns, 'rows' | 'columns'>> {
  if ('batches' in reference) {
    // Without any window to compare with there are no rows, not no columns.
    if (reference.batches.length === 0) return { rows: [], columns: group.map(({ profile }) => noRows(profile.type)) };
    return windowColumns(reference.batches, reference.spans, group.map(loggedColumn));
  }
  const wanted = group.map(({ name, profile }) => ({ name, type: profile.type }));
  const columns = await referenceColumns(reference, wanted, { keep: alone && !reference.fresh, memoryBytes });
  return { rows: [], columns };
}

/**
 * Runs of columns whose values fit the budget; always at least one run, which counts the rows.
 * @param slotsOf values of a column in a row
 */
export function columnGroups<C>(
  columns: readonly C[],
  rows: number,
  budget = BUDGET,
  slotsOf: (column: C) => number = () => 1,
): C[][] {
  const width = Math.max(1, Math.floor(budget / Math.max(1, rows)));
  const groups: C[][] = [[]];
  let used = 0;
  for (const column of columns) {
    const slots = slotsOf(column);
    if (used > 0 && used + slots > width) {
      groups.push([]);
      used = 0;
    }
    groups.at(-1)?.push(column);
    used += slots;
  }
  return groups;
}
