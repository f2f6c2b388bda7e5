import type { Column } from '../../stats/column.ts';
import { sliceValidity } from './validity-mask.ts';

/** Rows `[from, to)` of a column; `from` must be a multiple of 8 so that whole mask bytes are taken. */
export function sliceColumn(column: Column, from: number, to: number): Column {
  const length = to - from;
  if (length === column.length) return column;
  if (column.kind === 'category') return { ...column, length, codes: column.codes.slice(from, to) };
  const width = column.kind === 'vector' ? column.dimension : 1;
  const values = column.values.slice(from * width, to * width);
  const valid = sliceValidity(column.valid, from, to);
  if (column.kind !== 'number') return { ...column, length, values, valid };
  return { ...column, length, values, valid, exact: column.exact === null ? null : column.exact.slice(from, to) };
}
