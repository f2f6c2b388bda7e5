/** One Arrow array → one column. What has no place in the column model answers `null`. */
import { isUtf8 } from 'node:buffer';
import { type Batch, type DataType, type DecimalType, TimeUnit, Type } from '@uwdata/flechette';
import type { CategoryColumn, Column, ColumnType, NumberColumn, TimeColumn, Validity } from '../../stats/column.ts';
import { isValid, isVectorType } from '../../stats/column.ts';
import { absentColumn, BOOLEAN_DICTIONARY } from '../columns/column-sink.ts';
import { readIntegers, readThousands } from '../columns/int64.ts';
import { TextDictionary } from '../text/text-dictionary.ts';
import { unreadable } from '../unreadable.ts';
import { fixedVectorType, vectorsOfArrow } from './vectors.ts';

const DAY_MS = 86_400_000;
const NO_TEXTS: readonly string[] = [];

/** The column type that an Arrow type reads as, or `null` where it alone has none (nested, binary, durations). */
export function columnTypeOfArrow(type: DataType): ColumnType | null {
  switch (type.typeId) {
    case Type.Int:
      return 'int64';
    case Type.Decimal:
      return isWholeDecimal(type) ? 'int64' : 'float64';
    case Type.Float:
      return 'float64';
    case Type.Bool:
      return 'boolean';
    case Type.Date:
      return 'date';
    case Type.Timestamp:
      return 'timestamp';
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Utf8View:
    case Type.Null:
      return 'text';
    case Type.Dictionary:
      return columnTypeOfArrow(type.dictionary);
    case Type.FixedSizeList:
      return fixedVectorType(type);
    default:
      return null;
  }
}

/** Times that are finer than what is kept of them: a double of milliseconds has room for microseconds. */
export const isNanoseconds = (type: DataType): boolean =>
  type.typeId === Type.Timestamp && type.unit === TimeUnit.NANOSECOND;

/** Decimals without decimal places: how many databases export their integers. */
export function isWholeDecimal(type: DataType): type is DecimalType {
  return type.typeId === Type.Decimal && type.scale === 0;
}

/** Reads an array whose type has a column type. Throws `unreadable-data` when its buffers contradict each other. */
export function columnOfArrow(batch: Batch<unknown>, type: ColumnType): Column {
  if (batch.type.typeId === Type.Null) return absentColumn(type, batch.length);
  const valid = validityOf(batch);
  if (isVectorType(type)) return vectorsOfArrow(batch, type, { from: 0, to: batch.length, valid });
  checkValues(batch);
  if (batch.type.typeId === Type.Dictionary && type === 'text') return dictionaryColumn(batch, valid);
  switch (type) {
    case 'text':
      return textColumn(batch, valid);
    case 'boolean':
      return booleanColumn(batch, valid);
    case 'timestamp':
    case 'date':
      return timeColumn(batch, valid, type);
    default:
      return numberColumn(batch, valid, type);
  }
}

/** Rows beyond the end of their buffer would read as NaN, or as the first text. */
function checkValues({ type, values, length }: Batch<unknown>): void {
  let slots = length;
  if (type.typeId === Type.Bool) slots = (length + 7) >> 3;
  else if (type.typeId === Type.Decimal) slots = (length * type.bitWidth) / (8 * bytesPerSlot(values));
  // Texts have offsets, which are checked one by one; text views have records of 16 bytes.
  else if (type.typeId === Type.Utf8 || type.typeId === Type.LargeUtf8) return;
  else if (type.typeId === Type.Utf8View) slots = 16 * length;
  if (values !== undefined && values.length >= slots) return;
  throw unreadable('An Arrow buffer is shorter than its column; write the file again.');
}

const bytesPerSlot = (values: unknown): number =>
  ArrayBuffer.isView(values) && 'BYTES_PER_ELEMENT' in values ? Number(values.BYTES_PER_ELEMENT) : 1;

/** The mask of absent rows, `null` when none is; equal columns get equal masks. */
export function validityOf({ validity, length }: Batch<unknown>): Validity {
  if (validity === undefined || validity.length === 0) return null;
  const bytes = (length + 7) >> 3;
  if (validity.length < bytes)
    throw unreadable('An Arrow validity buffer is shorter than its column; write the file again.');
  const mask = validity.slice(0, bytes);
  if ((length & 7) !== 0) mask[bytes - 1]! &= (1 << (length & 7)) - 1;
  for (let i = 0; i < length; i++) if (!isValid(mask, i)) return mask;
  return null;
}

function numberColumn(batch: Batch<unknown>, valid: Validity, type: NumberColumn['type']): NumberColumn {
  const { length } = batch;
  const raw = batch.values;
  const values = new Float64Array(length);
  let exact: BigInt64Array | null = null;
  if (raw instanceof BigInt64Array && batch.type.typeId === Type.Int) {
    const present = zeroed(raw.slice(0, length), valid, 0n);
    if (readIntegers(present, values)) exact = present;
  } else if (raw instanceof BigUint64Array && batch.type.typeId === Type.Int) {
    const present = zeroed(raw.slice(0, length), valid, 0n);
    for (const value of present) if (value > INT64_MAX) throw beyondInt64();
    const signed = new BigInt64Array(present.buffer, present.byteOffset, length);
    if (readIntegers(signed, values)) exact = signed;
  } else if (isWholeDecimal(batch.type) && raw instanceof BigUint64Array) {
    const signed = lowWords(raw, valid, { length, stride: batch.type.bitWidth / 64 });
    if (readIntegers(signed, values)) exact = signed;
  } else {
    for (let i = 0; i < length; i++) if (isValid(valid, i)) values[i] = Number(batch.value(i));
  }
  return { kind: 'number', type, length, values, valid, exact };
}

const INT64_MAX = 0x7fff_ffff_ffff_ffffn;

/** Met where no survey came first, which makes such a column text. */
const beyondInt64 = (): Error => unreadable('An integer column holds values beyond int64; store them as text.');

/** Integers of so many words, all of which an int64 holds. */
function lowWords(words: BigUint64Array, valid: Validity, { length, stride }: { length: number; stride: number }) {
  return BigInt64Array.from({ length }, (_, i) => {
    if (!isValid(valid, i)) return 0n;
    const value = integerAt(words, i, stride);
    if (value > INT64_MAX || value < -INT64_MAX - 1n) throw beyondInt64();
    return value;
  });
}

/** An integer of `stride` words of 64 bits, the lowest first. */
function integerAt(words: BigUint64Array, i: number, stride: number): bigint {
  let value = 0n;
  for (let k = stride - 1; k >= 0; k--) value = (value << 64n) | words[i * stride + k]!;
  return BigInt.asIntN(64 * stride, value);
}

function zeroed<T extends BigInt64Array | BigUint64Array>(values: T, valid: Validity, zero: bigint): T {
  if (valid !== null) for (let i = 0; i < values.length; i++) if (!isValid(valid, i)) values[i] = zero;
  return values;
}

function timeColumn(batch: Batch<unknown>, valid: Validity, type: TimeColumn['type']): TimeColumn {
  const { length } = batch;
  const values = new Float64Array(length);
  const raw = batch.values;
  if (raw instanceof BigInt64Array) {
    const finer = isNanoseconds(batch.type);
    if (finer) readThousands(raw.subarray(0, length), values);
    else readIntegers(raw.subarray(0, length), values);
    const unit = finer ? 1e3 : unitsPerMillisecond(batch.type);
    for (let i = 0; i < length; i++) values[i] = isValid(valid, i) ? values[i]! / unit : 0;
  } else {
    for (let i = 0; i < length; i++) if (isValid(valid, i)) values[i] = Number(raw[i]!) * DAY_MS;
  }
  return { kind: 'time', type, length, values, valid };
}

function unitsPerMillisecond(type: DataType): number {
  if (type.typeId !== Type.Timestamp) return 1;
  if (type.unit === TimeUnit.SECOND) return 1e-3;
  return type.unit === TimeUnit.MILLISECOND ? 1 : 1e3;
}

function booleanColumn(batch: Batch<unknown>, valid: Validity): CategoryColumn {
  const codes = new Int32Array(batch.length);
  for (let i = 0; i < codes.length; i++) codes[i] = isValid(valid, i) ? (batch.value(i) === true ? 1 : 0) : -1;
  return { kind: 'category', type: 'boolean', length: codes.length, codes, dictionary: BOOLEAN_DICTIONARY };
}

function textColumn(batch: Batch<unknown>, valid: Validity): CategoryColumn {
  const { length } = batch;
  const codes = new Int32Array(length).fill(-1);
  const dictionary = new TextDictionary();
  const offsets = textOffsets(batch);
  if (offsets !== null && batch.values instanceof Uint8Array) {
    const bytes = Buffer.from(batch.values.buffer, batch.values.byteOffset, batch.values.byteLength);
    if (!isUtf8(bytes)) throw unreadable('An Arrow text column holds bytes that are not UTF-8; write the file again.');
    for (let i = 0; i < length; i++) {
      if (!isValid(valid, i)) continue;
      const start = offsets[i]!;
      const end = offsets[i + 1]!;
      if (!(start >= 0 && end >= start && end <= bytes.length)) {
        throw unreadable('An Arrow text column has offsets outside its bytes; write the file again.');
      }
      codes[i] = dictionary.code(bytes, start, end);
    }
  } else {
    const textOf = textsOf(batch);
    for (let i = 0; i < length; i++) if (isValid(valid, i)) codes[i] = dictionary.codeOf(textOf(i));
  }
  return { kind: 'category', type: 'text', length, codes, dictionary: dictionary.snapshot() };
}

/** The text of each row of what is not stored as one run of texts: views of texts, and integers beyond int64. */
function textsOf(batch: Batch<unknown>): (i: number) => string {
  const { type, values } = batch;
  if (type.typeId !== Type.Decimal || !(values instanceof BigUint64Array)) return (i) => String(batch.value(i));
  const stride = type.bitWidth / 64;
  return (i) => String(integerAt(values, i, stride));
}

/** Where texts begin in their bytes; `null` for text views, which have no offsets. */
function textOffsets({ offsets }: Batch<unknown>): Int32Array | Float64Array | null {
  if (offsets instanceof Int32Array) return offsets;
  if (!(offsets instanceof BigInt64Array)) return null;
  const wide = new Float64Array(offsets.length);
  readIntegers(offsets, wide);
  return wide;
}

function dictionaryColumn(batch: Batch<unknown>, valid: Validity): CategoryColumn {
  const { length } = batch;
  const dictionary = dictionaryTexts(batch);
  const codes = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    const code = isValid(valid, i) ? Number(batch.values[i]!) : -1;
    if (code >= dictionary.length || (code < 0 && isValid(valid, i))) {
      throw unreadable('An Arrow dictionary column has a code that its dictionary lacks; write the file again.');
    }
    codes[i] = code;
  }
  return withoutNullEntries({ kind: 'category', type: 'text', length, codes, dictionary });
}

/** flechette's dictionary batches carry the texts of their dictionary as `cache`. */
function dictionaryTexts(batch: Batch<unknown>): readonly string[] {
  if (!('cache' in batch)) return NO_TEXTS;
  const { cache } = batch as Batch<unknown> & { readonly cache: Iterable<string> };
  return Array.isArray(cache) ? cache : [...cache];
}

/** A dictionary entry may itself be null; its rows are absent. */
function withoutNullEntries(column: CategoryColumn): CategoryColumn {
  const missing = column.dictionary.findIndex((text) => typeof text !== 'string');
  if (missing < 0) return column;
  const codes = column.codes.map((code) => (code >= 0 && typeof column.dictionary[code] !== 'string' ? -1 : code));
  return { ...column, codes, dictionary: column.dictionary.map((text) => text ?? '') };
}
