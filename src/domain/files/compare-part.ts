import type { Column, ColumnType } from '../../stats/column.ts';
import { type CompatTool, compareColumnAs } from '../../stats/compat/compare-as.ts';
import type { CompatFinding } from '../../stats/compat/finding.ts';
import type { ColumnProfile } from '../../stats/profile.ts';
import type { JudgeColumn, JudgePolicy } from '../../stats/verdict/judgement.ts';
import { type ComparedColumn, compareOneOf } from '../../stats/verdict/whole-table.ts';
import { type KeptColumn, readCompared, readKept } from '../profile/kept-columns.ts';

/** A column that both tables have: where its rows lie, and what is known of them. Plain data. */
export type SharedColumn = {
  readonly name: string;
  readonly reference: ColumnProfile;
  readonly current: ColumnProfile;
  readonly rows: { readonly reference: KeptColumn; readonly current: KeptColumn };
  /** Whether its numbers are codes of classes. */
  readonly asCategory: boolean;
};

/** What a thread is asked to do for a comparison. */
export type CompareRequest = {
  readonly column: SharedColumn;
  readonly policy: JudgePolicy;
  /** Of the table, to plan by. */
  readonly columns: number;
  readonly as: CompatTool | null;
};

export type ComparePart = {
  readonly compared: ComparedColumn;
  /** What the other tool says; null when none was asked for. */
  readonly compat: CompatFinding | null;
};

/** Compares one column of two tables. */
export function comparePart(request: CompareRequest): ComparePart {
  return compareRead(request, readJudged(request.column, readCompared));
}

/** The same of a column that was read already. */
export function compareRead({ policy, columns, as }: CompareRequest, column: ReadColumn): ComparePart {
  const { name, reference, window } = column;
  return {
    compared: compareOneOf(columns, column, policy),
    compat: as === null ? null : compareColumnAs(as, { name, reference, current: window }),
  };
}

/** A column of both sides, ready to be judged. */
export type ReadColumn = JudgeColumn & { readonly reference: Column; readonly window: Column };

type ReadRows = (kept: KeptColumn, type: ColumnType) => Column;

/** `read`: `readKept` where rows of several columns are to be matched, which a sample's are not. */
export function readJudged(column: SharedColumn, read: ReadRows = readKept): ReadColumn {
  const { name, reference: profile, asCategory } = column;
  const sides = { reference: readReference(column, read), window: readCurrent(column, read) };
  return { name, role: 'feature', profile, asCategory, ...sides };
}

export const readReference = ({ reference, rows }: SharedColumn, read: ReadRows = readKept): Column =>
  read(rows.reference, reference.type);

/** Digits are text where the reference says that they are, and a column without a value has any type. */
function readCurrent({ reference, current, rows }: SharedColumn, read: ReadRows): Column {
  if (current.nulls === current.rows) return read(rows.current, reference.type);
  const type: ColumnType = reference.type === 'text' && current.kind === 'number' ? 'text' : current.type;
  return read(rows.current, type);
}
