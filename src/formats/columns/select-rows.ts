import type { Column, ColumnBatch, Validity, VectorColumn } from '../../stats/column.ts';
import { isValid } from '../../stats/column.ts';

/** The rows of a batch at the given positions, in that order. Dictionaries are shared, not shortened. */
export function selectRows(batch: ColumnBatch, positions: Int32Array): ColumnBatch {
  return { rows: positions.length, columns: batch.columns.map((column) => selectFrom(column, positions)) };
}

function selectFrom(column: Column, positions: Int32Array): Column {
  const length = positions.length;
  if (column.kind === 'category') {
    return { ...column, length, codes: positions.map((position) => column.codes[position] ?? -1) };
  }
  const valid = selectValidity(column.valid, positions);
  if (column.kind === 'vector') return { ...column, length, values: selectVectors(column, positions), valid };
  const values = Float64Array.from(positions, (position) => column.values[position] ?? 0);
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
  positions.forEach((position, row) => {
    if (isValid(valid, position)) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
  });
  return bits;
}
