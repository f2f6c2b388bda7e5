import type { Column } from '../stats/column.ts';

/** Rows `[from, to)` of a column; `from` must be a multiple of 8 so that whole mask bytes are taken. */
export function sliceColumn(column: Column, from: number, to: number): Column {
  const length = to - from;
  if (length === column.length) return column;
  if (column.kind === 'category') return { ...column, length, codes: column.codes.slice(from, to) };
  const values = column.values.slice(from, to);
  const valid = column.valid === null ? null : column.valid.slice(from >> 3, (to + 7) >> 3);
  if (valid !== null && (length & 7) !== 0) valid[valid.length - 1]! &= (1 << (length & 7)) - 1;
  if (column.kind === 'time') return { ...column, length, values, valid };
  return { ...column, length, values, valid, exact: column.exact === null ? null : column.exact.slice(from, to) };
}
