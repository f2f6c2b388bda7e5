/** Columns with one value in all rows, which stands in no file. */
import type { Column, ColumnType, VectorType } from '../../stats/column.ts';
import { specialValue } from '../csv/types.ts';
import { decimalValue, integerValue } from '../text/decimal.ts';
import { readTime } from '../text/time-text.ts';
import { absentColumn, BOOLEAN_DICTIONARY } from './column-sink.ts';

type Repeated = {
  readonly type: Exclude<ColumnType, VectorType>;
  /** As a text table has it, which fits the type; null for no value. */
  readonly text: string | null;
};

const MOST_SAFE = 2 ** 53;

/** So many rows of the value. */
export function repeated({ type, text }: Repeated, rows: number): Column {
  if (text === null) return absentColumn(type, rows);
  if (type === 'text') {
    return { kind: 'category', type, length: rows, codes: new Int32Array(rows), dictionary: [text], distinct: true };
  }
  const bytes = Buffer.from(text.trim());
  if (type === 'boolean') {
    const codes = new Int32Array(rows).fill(bytes.toString().toLowerCase() === 'true' ? 1 : 0);
    return { kind: 'category', type, length: rows, codes, dictionary: BOOLEAN_DICTIONARY };
  }
  if (type === 'date' || type === 'timestamp') {
    const time = new Float64Array(1);
    readTime(bytes, 0, bytes.length, time);
    return { kind: 'time', type, length: rows, values: new Float64Array(rows).fill(time[0]!), valid: null };
  }
  const value = numberOf(bytes);
  const exact = type === 'int64' && Math.abs(value) >= MOST_SAFE ? integerValue(bytes, 0, bytes.length) : null;
  return {
    ...{ kind: 'number', type, length: rows, valid: null },
    values: new Float64Array(rows).fill(type === 'int64' ? value + 0 : value),
    exact: exact === null ? null : new BigInt64Array(rows).fill(exact),
  };
}

function numberOf(bytes: Buffer): number {
  const value = decimalValue(bytes, 0, bytes.length);
  return Number.isNaN(value) ? (specialValue(bytes, 0, bytes.length) ?? Number.NaN) : value;
}
