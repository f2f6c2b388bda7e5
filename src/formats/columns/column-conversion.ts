/**
 * Columns that come with a type → the type that is wanted, by the rules that cells of text follow in
 * `json/columns.ts`: whole decimals are integers, integers are decimals, a text may be a time, and nothing else
 * changes its kind. What does not fit is null, and told.
 */
import type { CategoryColumn, Column, ColumnType, NumberColumn, TimeColumn } from '../../stats/column.ts';
import { isValid, kindOf } from '../../stats/column.ts';
import { vectorText } from '../../stats/vector-text.ts';
import type { Misfit } from '../json/columns.ts';
import { TextDictionary } from '../text/text-dictionary.ts';
import { DATE_ONLY, NOT_A_TIME, readTime } from '../text/time-text.ts';
import { CodeSink, type ColumnSink, columnSink, ValueSink } from './column-sink.ts';

const DAY_MS = 86_400_000;

/** The column as `type`; the same one where it has that type. */
export function convertColumn(column: Column, type: ColumnType, misfit: Misfit): Column {
  if (column.type === type) return column;
  if (column.kind === 'number' && type === 'float64') return { ...column, type, exact: null };
  if (column.kind === 'number' && type === 'int64') return integers(column, misfit);
  if (column.kind === 'time' && type === 'timestamp') return { ...column, type };
  if (column.kind === 'time' && type === 'date') return dates(column, misfit);
  if (column.kind === 'category' && column.type === 'text' && kindOf(type) === 'time')
    return times(column, type, misfit);
  const sink = columnSink(type, column.length, new TextDictionary());
  for (let row = 0; row < column.length; row++) refuse(column, row, sink, misfit);
  return sink.finish(column.length);
}

/** Times as text in one spelling (RFC 3339, UTC), as a sender without types would have written them. */
export function timesAsText(column: TimeColumn): CategoryColumn {
  const dictionary = new TextDictionary();
  const codes = new Int32Array(column.length).fill(-1);
  for (let row = 0; row < column.length; row++) {
    const text = cellText(column, row);
    if (text !== null) codes[row] = dictionary.codeOf(text);
  }
  return { kind: 'category', type: 'text', length: column.length, codes, dictionary: dictionary.snapshot() };
}

/** True when the row has a value. */
export function isPresent(column: Column, row: number): boolean {
  return column.kind === 'category' ? column.codes[row]! >= 0 : isValid(column.valid, row);
}

/** A value in its plainest spelling; `null` where there is none. */
export function cellText(column: Column, row: number): string | null {
  if (!isPresent(column, row)) return null;
  if (column.kind === 'category') return column.dictionary[column.codes[row]!]!;
  if (column.kind === 'number') return String(column.exact?.[row] ?? column.values[row]!);
  if (column.kind === 'vector') return vectorText(column, row);
  return timeText(column, column.values[row]!);
}

function timeText({ type }: TimeColumn, millis: number): string {
  const date = new Date(Math.floor(millis));
  // Times beyond what a Date can hold have no other spelling.
  if (Number.isNaN(date.getTime())) return String(millis);
  const text = date.toISOString();
  if (type === 'date') return text.slice(0, text.indexOf('T'));
  const micros = Math.round((millis - Math.floor(millis)) * 1000);
  return micros === 0 ? text : `${text.slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}

function refuse(column: Column, row: number, sink: ColumnSink, misfit: Misfit): void {
  if (!(sink instanceof CodeSink)) sink.setNull(row);
  const text = cellText(column, row);
  if (text !== null) misfit(row, text);
}

function integers(column: NumberColumn, misfit: Misfit): Column {
  const sink = new ValueSink('int64', column.length);
  for (let row = 0; row < column.length; row++) {
    const value = column.values[row]!;
    if (isValid(column.valid, row) && Number.isSafeInteger(value)) sink.values[row] = value + 0;
    else refuse(column, row, sink, misfit);
  }
  return sink.finish(column.length);
}

function dates(column: TimeColumn, misfit: Misfit): Column {
  const sink = new ValueSink('date', column.length);
  for (let row = 0; row < column.length; row++) {
    const value = column.values[row]!;
    if (isValid(column.valid, row) && value % DAY_MS === 0) sink.values[row] = value;
    else refuse(column, row, sink, misfit);
  }
  return sink.finish(column.length);
}

function times(column: CategoryColumn, type: ColumnType, misfit: Misfit): Column {
  const sink = new ValueSink(type === 'date' ? 'date' : 'timestamp', column.length);
  const out = new Float64Array(1);
  for (let row = 0; row < column.length; row++) {
    const bytes = Buffer.from(cellText(column, row) ?? '', 'utf8');
    const found = readTime(bytes, 0, bytes.length, out);
    if (found === DATE_ONLY || (found !== NOT_A_TIME && type === 'timestamp')) sink.values[row] = out[0]!;
    else refuse(column, row, sink, misfit);
  }
  return sink.finish(column.length);
}
