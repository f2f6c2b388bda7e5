import type { Column, ColumnBatch, Validity, VectorColumn } from '../../stats/column.ts';
import { isValid } from '../../stats/column.ts';

/** The rows of a batch at the given positions, in that order. Dictionaries are shared, not shortened. */
export function selectRows(batch: ColumnBatch, positions: Int32Array): ColumnBatch {
  return { rows: positions.length, columns: batch.columns.map((column) => selectFrom(column, positions)) };
}

function selectFrom(column: Column, positions: Int32Array): Column {
  const length = positions.length;
  if (column.kind === 'category') {
    return { ...column, length, codes: selectCodes(column.codes, positions) };
  }
  const valid = selectValidity(column.valid, positions);
  if (column.kind === 'vector') return { ...column, length, values: selectVectors(column, positions), valid };
  const values = selectNumbers(column.values, positions);
  if (column.kind === 'time') return { ...column, length, values, valid };
  const exact = column.exact;
  return {
    ...column,
    length,
    values,
    valid,
    exact: exact === null ? null : BigInt64Array.from(positions, (position) => exact[position] ?? 0n),
  };
}

function selectCodes(codes: Int32Array, positions: Int32Array): Int32Array {
  const selected = new Int32Array(positions.length);
  for (let row = 0; row < positions.length; row++) selected[row] = codes[positions[row]!] ?? -1;
  return selected;
}

function selectNumbers(values: Float64Array, positions: Int32Array): Float64Array {
  const selected = new Float64Array(positions.length);
  for (let row = 0; row < positions.length; row++) selected[row] = values[positions[row]!] ?? 0;
  return selected;
}

function selectVectors({ dimension, values }: VectorColumn, positions: Int32Array): Float64Array {
  const selected = new Float64Array(positions.length * dimension);
  positions.forEach((position, row) => {
    selected.set(values.subarray(position * dimension, (position + 1) * dimension), row * dimension);
  });
  return selected;
}

function selectValidity(valid: Validity, positions: Int32Array): Validity {
  if (valid === null) return null;
  const bits = new Uint8Array((positions.length + 7) >> 3);
  for (let row = 0; row < positions.length; row++) {
    if (isValid(valid, positions[row]!)) bits[row >> 3]! |= 1 << (row & 7);
  }
  return bits;
}
