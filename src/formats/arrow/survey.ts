/** What no Arrow type tells of a column, and only all of its rows do. */
import { type Batch, type DataType, type Table, Type } from '@uwdata/flechette';
import { isValid } from '../../stats/column.ts';
import { oneDimension } from '../json/columns.ts';
import { isNanoseconds, validityOf } from './columns.ts';
import { isWholeDecimal } from './decimals.ts';
import { type Leaf, leafBatch } from './leaves.ts';
import { namedType, namedValues } from './named-values.ts';
import { isNumberList, type ListLength, listLength } from './vectors.ts';

export type ArrowSurvey = {
  /** The one length of each column of lists, by position. */
  readonly lengths: ReadonlyMap<number, ListLength>;
  /** Positions of integers of which some lie beyond int64. */
  readonly beyond: ReadonlySet<number>;
  /** How many times are finer than a microsecond, by position; only those that are. */
  readonly finer: ReadonlyMap<number, number>;
};

/** Reads all rows where there is a column that has to be asked. Throws `unreadable-data`. */
export function surveyArrow(leaves: readonly Leaf[], tables: () => Iterable<Table>): ArrowSurvey {
  const types = leaves.map(({ type }) => type);
  const lengths = new Map<number, ListLength>(
    types.flatMap((type, position): [number, ListLength][] => (isNumberList(type) ? [[position, 0]] : [])),
  );
  const wide = places(types, isWideInteger);
  const nanoseconds = places(types, isNanoseconds);
  const beyond = new Set<number>();
  const finer = new Map<number, number>();
  if (lengths.size + wide.length + nanoseconds.length === 0) return { lengths, beyond, finer };
  for (const table of tables()) {
    const batchAt = (position: number): Batch<unknown> | null => leafBatch(table, leaves[position]!) ?? null;
    for (const [position, length] of lengths) {
      const batch = batchAt(position);
      if (batch !== null && length >= 0)
        lengths.set(position, oneDimension(length, listLength(batch, validityOf(batch))));
    }
    for (const position of wide) if (holdsBeyond(batchAt(position))) beyond.add(position);
    for (const position of nanoseconds) {
      const count = countFiner(batchAt(position));
      if (count > 0) finer.set(position, (finer.get(position) ?? 0) + count);
    }
  }
  return { lengths, beyond, finer };
}

/** Where columns of such a type are, or of named values of it. */
function places(types: readonly DataType[], wanted: (type: DataType) => boolean): number[] {
  return types.flatMap((type, position) => (wanted(namedType(type) ?? type) ? [position] : []));
}

/** Integers that an int64 may not hold. */
function isWideInteger(type: DataType): boolean {
  if (type.typeId === Type.Int) return type.bitWidth === 64 && !type.signed;
  return isWholeDecimal(type) && type.bitWidth > 64;
}

function holdsBeyond(batch: Batch<unknown> | null): boolean {
  if (batch !== null && namedType(batch.type) !== null)
    return namedValues(batch, validityOf(batch)).parts.some(holdsBeyond);
  if (batch === null || !(batch.values instanceof BigUint64Array)) return false;
  const valid = validityOf(batch);
  const { values, type } = batch;
  const words = type.typeId === Type.Decimal ? type.bitWidth / 64 : 1;
  for (let i = 0; i < batch.length; i++) {
    if (!isValid(valid, i)) continue;
    const sign = type.typeId === Type.Decimal && values[i * words]! >> 63n === 1n ? 0xffff_ffff_ffff_ffffn : 0n;
    if (words === 1 && values[i]! >> 63n === 1n) return true;
    // Beyond the lowest word an int64 has its sign and nothing else.
    for (let k = 1; k < words; k++) if (values[i * words + k] !== sign) return true;
  }
  return false;
}

/** 2^32 modulo 1,000: what the upper half of a time weighs in its last three digits. */
const UPPER_HALF = 296;

function countFiner(batch: Batch<unknown> | null): number {
  if (batch === null) return 0;
  let count = 0;
  if (namedType(batch.type) === null) {
    for (const finer of finerRows(batch)) count += finer;
    return count;
  }
  const { parts, places: named } = namedValues(batch, validityOf(batch));
  const finer = parts.flatMap((part) => Array.from(finerRows(part)));
  for (const place of named) count += finer[place] ?? 0;
  return count;
}

/** 1 for each row that is finer than a microsecond. */
function finerRows(batch: Batch<unknown>): Uint8Array {
  const finer = new Uint8Array(batch.length);
  if (!(batch.values instanceof BigInt64Array)) return finer;
  const valid = validityOf(batch);
  const { buffer, byteOffset } = batch.values;
  const halves = new Uint32Array(buffer, byteOffset, 2 * Math.min(batch.length, batch.values.length));
  const upper = new Int32Array(buffer, byteOffset, halves.length);
  for (let i = 0; 2 * i < halves.length; i++) {
    const remainder = ((upper[2 * i + 1]! % 1000) * UPPER_HALF + (halves[2 * i]! % 1000)) % 1000;
    if (remainder !== 0 && isValid(valid, i)) finer[i] = 1;
  }
  return finer;
}
