import { numberLoops } from '../../compute/number-loops.ts';
import type { Column, ColumnType } from '../../stats/column.ts';
import { type CompatTool, compareColumnAs } from '../../stats/compat/compare-as.ts';
import type { CompatFinding } from '../../stats/compat/finding.ts';
import type { ColumnProfile } from '../../stats/profile.ts';
import type { JudgeColumn, JudgePolicy, ReferenceOutline } from '../../stats/verdict/judgement.ts';
import { type ComparedColumn, compareOneOf } from '../../stats/verdict/whole-table.ts';
import { type KeptColumn, readCompared, readKept, readTogether, releaseCompared } from '../profile/kept-columns.ts';
import { type ColumnOutline, wholeReference } from './column-outline.ts';

/** A column that both tables have: where its rows lie, and what is known of them. Plain data. */
export type SharedColumn<Known extends ColumnOutline = ColumnOutline> = {
  readonly name: string;
  readonly reference: Known;
  readonly current: Known;
  readonly rows: { readonly reference: KeptColumn; readonly current: KeptColumn };
  /** Whether its numbers are codes of classes. */
  readonly asCategory: boolean;
};

/** What a thread is asked to do for a comparison. */
export type CompareRequest<Known extends ColumnOutline = ColumnOutline> = {
  readonly column: SharedColumn<Known>;
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

/** Compares one column of two tables, of whose reference all rows are at hand. */
export function comparePart(request: CompareRequest): ComparePart {
  const { rows } = request.column;
  const column = readSides(request.column);
  const part = compareRead(request, column);
  releaseCompared(rows.reference, column.reference);
  releaseCompared(rows.current, column.window);
  return part;
}

/** The same of a column that was read already. */
export function compareRead({ policy, columns, as }: CompareRequest, column: ReadColumn): ComparePart {
  const { name, reference, window } = column;
  const loops = numberLoops();
  const compared = compareOneOf(columns, column, policy, loops);
  loops.release();
  return {
    compared,
    compat: as === null ? null : compareColumnAs(as, { name, reference, current: window }),
  };
}

/** A column of both sides, ready to be judged. */
export type ReadColumn<Known extends ReferenceOutline = ReferenceOutline> = JudgeColumn<Known> & {
  readonly reference: Column;
  readonly window: Column;
};

function readSides(column: SharedColumn): ReadColumn {
  const { name, reference: known, asCategory } = column;
  return { name, role: 'feature', profile: wholeReference(known), asCategory, ...readRows(column) };
}

/** Texts of both sides as codes of one list: to count them takes no look at a text then. */
function readRows(column: SharedColumn): Pick<ReadColumn, 'reference' | 'window'> {
  if (column.reference.type !== 'text' || typeOfCurrent(column) !== 'text') {
    return { reference: readReference(column, readCompared), window: readCurrent(column, readCompared) };
  }
  const [reference, window] = readTogether([column.rows.reference, column.rows.current]);
  return { reference: reference!, window: window! };
}

type ReadRows = (kept: KeptColumn, type: ColumnType) => Column;

/** With the rows as they lie in the tables, to be matched with those of other columns. */
export function readJudged(column: SharedColumn<ColumnProfile>): ReadColumn<ColumnProfile> {
  const { name, reference: profile, asCategory } = column;
  const sides = { reference: readReference(column), window: readCurrent(column, readKept) };
  return { name, role: 'feature', profile, asCategory, ...sides };
}

export const readReference = ({ reference, rows }: SharedColumn, read: ReadRows = readKept): Column =>
  read(rows.reference, reference.type);

const readCurrent = (column: SharedColumn, read: ReadRows): Column => read(column.rows.current, typeOfCurrent(column));

/** Digits are text where the reference says that they are, and a column without a value has any type. */
function typeOfCurrent({ reference, current }: SharedColumn): ColumnType {
  if (current.nulls === current.rows) return reference.type;
  return reference.type === 'text' && current.kind === 'number' ? 'text' : current.type;
}
