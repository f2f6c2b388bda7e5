import { concatenate } from '../../formats/columns/concatenate-columns.ts';
import type { CategoryColumn, Column, ColumnType, NumberColumn } from '../../stats/column.ts';
import { isValid, kindOf } from '../../stats/column.ts';

/**
 * A column as one of the wanted type, row for row. Numbers and their texts are turned into each other; what
 * cannot be said in the wanted type has no value.
 */
export function conform(column: Column | null, rows: number, type: ColumnType): Column {
  if (column?.type === type) return column;
  if (column?.kind === 'category' && kindOf(type) === 'number') return conform(parsed(column), rows, type);
  if (column?.kind === 'number' && type === 'int64') return whole(column);
  if (column?.kind === 'number' && type === 'boolean') return truth(column);
  if (column?.kind === 'category' && type === 'boolean') return onlyTruth(column);
  return concatenate([{ rows, column }], type);
}

/** Labels, which are kept as text, as a column. */
export function labelColumn(labels: readonly string[], type: ColumnType): Column {
  const dictionary = [...new Set(labels)];
  const codes = new Map(dictionary.map((text, code) => [text, code]));
  const column: CategoryColumn = {
    kind: 'category',
    type: 'text',
    length: labels.length,
    codes: Int32Array.from(labels, (label) => codes.get(label) ?? -1),
    dictionary,
  };
  return conform(column, labels.length, type);
}

function parsed({ codes, dictionary, length }: CategoryColumn): NumberColumn {
  const numbers = dictionary.map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
  const values = new Float64Array(length);
  const present = (row: number): boolean => {
    const value = numbers[codes[row] ?? -1] ?? Number.NaN;
    if (!Number.isFinite(value)) return false;
    values[row] = value;
    return true;
  };
  return { kind: 'number', type: 'float64', length, values, valid: maskOf(length, present), exact: null };
}

function whole(column: NumberColumn): NumberColumn {
  const values = new Float64Array(column.length);
  const present = (row: number): boolean => {
    const value = column.values[row] ?? 0;
    if (!isValid(column.valid, row) || !Number.isSafeInteger(value)) return false;
    values[row] = value;
    return true;
  };
  return { ...column, type: 'int64', values, valid: maskOf(column.length, present), exact: null };
}

const TRUTH = ['false', 'true'];

function truth(column: NumberColumn): CategoryColumn {
  const codes = Int32Array.from(column.values, (value, row) =>
    isValid(column.valid, row) && (value === 0 || value === 1) ? value : -1,
  );
  return { kind: 'category', type: 'boolean', length: column.length, codes, dictionary: TRUTH };
}

function onlyTruth(column: CategoryColumn): CategoryColumn {
  const known = column.dictionary.map((text) => TRUTH.indexOf(text.toLowerCase()));
  const codes = column.codes.map((code) => known[code] ?? -1);
  return { kind: 'category', type: 'boolean', length: column.length, codes, dictionary: TRUTH };
}

/** Arrow's validity of the rows that are present; null when all are. */
function maskOf(length: number, present: (row: number) => boolean): Uint8Array | null {
  const mask = new Uint8Array((length + 7) >> 3);
  let all = true;
  for (let row = 0; row < length; row++) {
    if (present(row)) mask[row >> 3] = (mask[row >> 3] ?? 0) | (1 << (row & 7));
    else all = false;
  }
  return all ? null : mask;
}
