/** Arrow's lists of numbers → columns of vectors. */
import { type Batch, type DataType, Type } from '@uwdata/flechette';
import {
  type ColumnType,
  dimensionOf,
  isValid,
  type Validity,
  type VectorColumn,
  type VectorType,
  vectorType,
} from '../../stats/column.ts';
import { readIntegers } from '../columns/int64.ts';
import { unreadable } from '../unreadable.ts';

/** How long the lists of some rows are: 0 where there is none, -1 where they differ. */
export type ListLength = number;

/** True for lists whose length no type tells: only all rows together say whether they are vectors. */
export function isNumberList(type: DataType): boolean {
  return (type.typeId === Type.List || type.typeId === Type.LargeList) && isNumber(type.children[0]?.type);
}

/** The type of vectors that a type of fixed length reads as, else null. */
export function fixedVectorType(type: DataType): ColumnType | null {
  if (type.typeId !== Type.FixedSizeList || !isNumber(type.children[0]?.type)) return null;
  return vectorType(type.stride);
}

function isNumber(type: DataType | undefined): boolean {
  return type?.typeId === Type.Float || type?.typeId === Type.Int;
}

/** The one length of the lists in a batch. Throws `unreadable-data`. */
export function listLength(batch: Batch<unknown>, valid: Validity): ListLength {
  const offsets = offsetsOf(batch);
  let length = 0;
  for (let i = 0; i < batch.length; i++) {
    if (!isValid(valid, i)) continue;
    const own = offsets[i + 1]! - offsets[i]!;
    // An empty list is no vector.
    if (own === 0 || (length !== 0 && own !== length)) return -1;
    length = own;
  }
  return length;
}

/** Where a column of vectors is read from. */
export type VectorRows = { readonly from: number; readonly to: number; readonly valid: Validity };

/**
 * Some rows of a batch; `valid` is theirs. A component that is absent is NaN. Throws `unreadable-data` when a buffer is
 * shorter than its column.
 */
export function vectorsOfArrow(batch: Batch<unknown>, type: VectorType, { from, to, valid }: VectorRows): VectorColumn {
  const dimension = dimensionOf(type);
  const length = to - from;
  const values = new Float64Array(length * dimension);
  const components = batch.children[0];
  const offsets = batch.type.typeId === Type.FixedSizeList ? null : offsetsOf(batch);
  for (let row = 0; row < length; row++) {
    if (!isValid(valid, row)) continue;
    const at = offsets === null ? (from + row) * dimension : offsets[from + row]!;
    if (components === undefined || !(at >= 0) || at + dimension > components.length) throw shorter();
    copyComponents(components, { at, values, slot: row * dimension, dimension });
  }
  return { kind: 'vector', type, length, dimension, values, valid };
}

type Copy = { readonly at: number; readonly values: Float64Array; readonly slot: number; readonly dimension: number };

function copyComponents(components: Batch<unknown>, { at, values, slot, dimension }: Copy): void {
  const { values: raw, nullCount } = components;
  if (!ArrayBuffer.isView(raw) || !('length' in raw) || Number(raw.length) < at + dimension) throw shorter();
  if (nullCount === 0 && (raw instanceof Float32Array || raw instanceof Float64Array)) {
    values.set(raw.subarray(at, at + dimension), slot);
    return;
  }
  for (let j = 0; j < dimension; j++) {
    const value = components.at(at + j);
    values[slot + j] = value === null ? Number.NaN : Number(value);
  }
}

function offsetsOf({ offsets, length }: Batch<unknown>): Int32Array | Float64Array {
  if (!(offsets instanceof Int32Array || offsets instanceof BigInt64Array) || offsets.length <= length) throw shorter();
  if (offsets instanceof Int32Array) return offsets;
  const wide = new Float64Array(offsets.length);
  readIntegers(offsets, wide);
  return wide;
}

const shorter = (): Error => unreadable('An Arrow buffer is shorter than its column; write the file again.');
