import { MAX_EXAMPLES } from '../../../formats/prediction/misfits.ts';
import type { MisfitValue, ParsedRecords, RowViolation } from '../../../formats/prediction/record-types.ts';
import { rowsOf } from '../../../formats/prediction/violated-rows.ts';
import { shown } from '../../../formats/unreadable.ts';
import type { CategoryColumn, ColumnType } from '../../../stats/column.ts';
import type { Task } from '../../model/find-task.ts';
import { labelAmong } from './label-text.ts';
import { labelTexts } from './settling-rows.ts';

/** What labels can be, as the label column of the training data shows. Plain data: it crosses to other threads. */
export type LabelExpectation = {
  readonly type: ColumnType;
  /** Null: any number. */
  readonly classes: readonly string[] | null;
};

/** The label column of training data; `values`: all that are in it, null where they are too many to be listed. */
export type TrainedLabels = { readonly type: ColumnType; readonly values: readonly string[] | null };

/** More different labels than this are no classes. */
const MOST_CLASSES = 1000;

/** What a model's task makes of its training labels; null where nothing can be expected. Pure. */
export function expectedLabels(task: Task, trained: TrainedLabels | null): LabelExpectation | null {
  if (trained === null) return null;
  const { type, values } = trained;
  if (task === 'regression' || task === 'ranking') return { type, classes: null };
  if (values === null || values.length < 2 || values.length > MOST_CLASSES) return null;
  const numbers = type === 'int64' || type === 'float64';
  // Without a task, more than two numbers may be amounts as well.
  return task === 'other' && numbers && values.length > 2 ? null : { type, classes: values };
}

/**
 * The records with their labels read as the training data has them, `true` as 1 where it has 0 and 1. A label that is
 * none of the training data's is kept as it was sent: it is a violation. Pure.
 */
export function withTypedLabels(
  parsed: ParsedRecords,
  given: { readonly labels: LabelExpectation | null; readonly strict: boolean },
): ParsedRecords {
  const { labels, strict } = given;
  const position = labels === null ? -1 : parsed.fields.findIndex(({ name }) => name === 'label');
  const column = parsed.batch.columns[position];
  if (labels === null || column === undefined) return parsed;
  const sent = labelTexts(column, column.length);
  const typed = new Map<string, { readonly label: string; readonly fits: boolean }>();
  const classes = new Set(labels.classes);
  const foreign: number[] = [];
  let changed = false;
  const texts = sent.map((text, row) => {
    if (text === null) return null;
    let known = typed.get(text);
    if (known === undefined) {
      const label = labelAmong(text, classes);
      known = { label, fits: labels.classes === null ? isNumber(label) : classes.has(label) };
      typed.set(text, known);
    }
    if (!known.fits) foreign.push(row);
    if (known.label !== text) changed = true;
    return known.label;
  });
  if (!changed && foreign.length === 0) return parsed;
  const columns = changed ? parsed.batch.columns.with(position, textColumn(texts)) : parsed.batch.columns;
  const fields = changed ? parsed.fields.with(position, { name: 'label', type: 'text' }) : parsed.fields;
  const misfits = foreign.map((row): MisfitValue => {
    return { row, column: 'label', expected: labels.type, value: shown(sent[row] ?? '', 100) };
  });
  const violation: RowViolation = {
    column: 'label',
    code: labels.classes === null ? 'type' : 'unexpected',
    count: foreign.length,
    examples: misfits.slice(0, MAX_EXAMPLES).map(({ value }) => value),
    rows: rowsOf(foreign, column.length),
  };
  return {
    ...parsed,
    fields,
    batch: { ...parsed.batch, columns },
    violations: foreign.length === 0 ? parsed.violations : [...parsed.violations, violation],
    misfits: strict ? [...parsed.misfits, ...misfits] : parsed.misfits,
  };
}

const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));

function textColumn(texts: readonly (string | null)[]): CategoryColumn {
  const places = new Map<string, number>();
  const codes = Int32Array.from(texts, (text) => {
    if (text === null) return -1;
    const code = places.get(text) ?? places.size;
    places.set(text, code);
    return code;
  });
  return { kind: 'category', type: 'text', length: codes.length, codes, dictionary: [...places.keys()] };
}
