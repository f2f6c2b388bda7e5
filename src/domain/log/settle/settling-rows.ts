import type { Column } from '../../../stats/column.ts';
import { isValid } from '../../../stats/column.ts';
import { vectorText } from '../../../stats/vector-text.ts';
import { type ColumnValues, valuesOf } from '../prepare/column-values.ts';
import { contentHashes, idHash } from '../prepare/row-hash.ts';
import { type BatchTable, columnNamed } from '../read-batch.ts';
import { labelText } from './label-text.ts';

/** What settlement needs of a batch's rows; entry `i` belongs to row `i`. */
export type SettlingRows = {
  readonly idHashes: readonly string[];
  readonly contents: BigInt64Array<ArrayBuffer>;
  /** Whole milliseconds since 1970; NaN where a label came without a time. */
  readonly times: Float64Array<ArrayBuffer>;
  /** Null where there is none; empty when no row has one. */
  readonly labels: readonly (string | null)[];
  readonly columns: readonly ColumnValues[];
};

/**
 * Takes a decoded batch down to what is indexed of it, so that the columns can be let go.
 * @param known columns whose values need not be counted any more
 */
export function settlingRows(table: BatchTable, known: ReadonlySet<string>): SettlingRows {
  const label = columnNamed(table, 'label');
  return {
    idHashes: textsOf(columnNamed(table, 'prediction_id'), table.batch.rows).map((id) => idHash(id ?? '')),
    contents: contentHashes(table.fields, table.batch),
    times: timesOf(columnNamed(table, 'timestamp'), table.batch.rows),
    labels: label === null ? [] : labelTexts(label, table.batch.rows),
    columns: valuesOf(table, known),
  };
}

/**
 * A column's values as text, null where there is none. A number is written as JavaScript writes it, so that 1
 * and 1.0 are one label, and exactly where it is an integer beyond 2^53.
 */
export function textsOf(column: Column | null, rows: number): (string | null)[] {
  const texts = Array.from<string | null>({ length: rows }).fill(null);
  if (column === null) return texts;
  if (column.kind === 'category') {
    for (let row = 0; row < rows; row++) texts[row] = column.dictionary[column.codes[row] ?? -1] ?? null;
    return texts;
  }
  for (let row = 0; row < rows; row++) {
    if (!isValid(column.valid, row)) continue;
    const value = column.values[row] ?? 0;
    if (column.kind === 'vector') texts[row] = vectorText(column, row);
    else if (column.kind === 'time') texts[row] = new Date(value).toISOString();
    else texts[row] = String(column.exact?.[row] ?? value);
  }
  return texts;
}

/** The same of labels, and of predictions that are held against them: each by the text that it is known by. */
export function labelTexts(column: Column | null, rows: number): (string | null)[] {
  if (column?.kind !== 'category') return textsOf(column, rows);
  return textsOf({ ...column, dictionary: column.dictionary.map(labelText) }, rows);
}

/** A fraction of a millisecond is cut, never rounded: rounding up would carry the last event of a window into the next. */
function timesOf(column: Column | null, rows: number): Float64Array<ArrayBuffer> {
  const times = new Float64Array(rows).fill(Number.NaN);
  if (column === null || column.kind === 'category' || column.kind === 'vector') return times;
  for (let row = 0; row < rows; row++) {
    if (isValid(column.valid, row)) times[row] = Math.floor(column.values[row] ?? 0);
  }
  return times;
}
