/** One Arrow array → one column. What has no place in the column model answers `null`. */
import { type Batch, type DataType, TimeUnit, Type } from '@uwdata/flechette';
import type { CategoryColumn, Column, ColumnType, NumberColumn, TimeColumn, Validity } from '../../stats/column.ts';
import { isValid, isVectorType } from '../../stats/column.ts';
import { absentColumn, BOOLEAN_DICTIONARY } from '../columns/column-sink.ts';
import { readIntegers, readThousands } from '../columns/int64.ts';
import { unreadable } from '../unreadable.ts';
import { beyondInt64, INT64_MAX, isDecimal, isWholeDecimal, lowWords, nearestDoubles } from './decimals.ts';
import { type NamedValues, namedColumn, namedType, namedValues } from './named-values.ts';
import { bufferOf, textColumn, textOffsets } from './text-column.ts';
import { fixedVectorType, vectorsOfArrow } from './vectors.ts';

const DAY_MS = 86_400_000;
const NO_TEXTS: readonly string[] = [];

/** The column type that an Arrow type reads as, or `null` where it alone has none (lists, maps, binary). */
export function columnTypeOfArrow(type: DataType): ColumnType | null {
  switch (type.typeId) {
    case Type.Int:
    // In the unit that the file states, as in Parquet, which has no such type.
    case Type.Duration:
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
    case Type.Time:
    case Type.Null:
      return 'text';
    case Type.Dictionary:
    case Type.RunEndEncoded:
      return typeOfNamed(type);
    case Type.FixedSizeList:
      return fixedVectorType(type);
    default:
      return null;
  }
}

/** Times that are finer than what is kept of them: a double of milliseconds has room for microseconds. */
export const isNanoseconds = (type: DataType): boolean =>
  (type.typeId === Type.Timestamp || type.typeId === Type.Time) && type.unit === TimeUnit.NANOSECOND;

/** Vectors that are named are not read. */
function typeOfNamed(type: DataType): ColumnType | null {
  const named = namedType(type);
  const found = named === null ? null : columnTypeOfArrow(named);
  return found === null || isVectorType(found) ? null : found;
}

/** Reads an array whose type has a column type. Throws `unreadable-data` when its buffers contradict each other. */
export function columnOfArrow(batch: Batch<unknown>, type: ColumnType): Column {
  if (batch.type.typeId === Type.Null) return absentColumn(type, batch.length);
  const valid = validityOf(batch);
  if (isVectorType(type)) return vectorsOfArrow(batch, type, { from: 0, to: batch.length, valid });
  if (batch.type.typeId !== Type.RunEndEncoded) checkValues(batch);
  if (namedType(batch.type) !== null) {
    const named = namedValues(batch, valid);
    return type === 'text' && isTextDictionary(batch)
      ? dictionaryColumn(batch, named)
      : namedColumn(named, type, (part) => columnOfArrow(part, type));
  }
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
  if (raw instanceof BigInt64Array && isInteger(batch.type)) {
    const present = zeroed(raw.slice(0, length), valid, 0n);
    if (readIntegers(present, values)) exact = present;
  } else if (raw instanceof BigUint64Array && batch.type.typeId === Type.Int) {
    const present = zeroed(raw.slice(0, length), valid, 0n);
    for (const value of present) if (value > INT64_MAX) throw beyondInt64();
    const signed = new BigInt64Array(present.buffer, present.byteOffset, length);
    if (readIntegers(signed, values)) exact = signed;
  } else if (isWholeDecimal(batch.type) && raw instanceof BigUint64Array) {
    const signed = lowWords(raw, valid, { length, bits: batch.type.bitWidth });
    if (readIntegers(signed, values)) exact = signed;
  } else if (isDecimal(batch.type)) {
    nearestDoubles(batch, batch.type, { out: values, valid });
  } else {
    for (let i = 0; i < length; i++) if (isValid(valid, i)) values[i] = Number(batch.value(i));
  }
  return { kind: 'number', type, length, values, valid, exact };
}

const isInteger = ({ typeId }: DataType): boolean => typeId === Type.Int || typeId === Type.Duration;

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

function isTextDictionary({ type }: Batch<unknown>): boolean {
  const named = type.typeId === Type.Dictionary ? type.dictionary.typeId : null;
  return named === Type.Utf8 || named === Type.LargeUtf8;
}

function dictionaryColumn(batch: Batch<unknown>, { parts, places }: NamedValues): CategoryColumn {
  const dictionary = dictionaryTexts(batch, parts);
  return withoutNullEntries({ kind: 'category', type: 'text', length: places.length, codes: places, dictionary });
}

/** flechette's dictionary batches carry the texts of their dictionary as `cache`, without what it takes for byte order marks. */
function dictionaryTexts(batch: Batch<unknown>, parts: readonly Batch<unknown>[]): readonly string[] {
  if (!('cache' in batch)) return NO_TEXTS;
  const { cache } = batch as Batch<unknown> & { readonly cache: Iterable<string> };
  const texts = Array.isArray(cache) ? cache : [...cache];
  const marked = parts.flatMap((part, i) => markedTexts(part, i === 0 ? 0 : rowsBefore(parts, i)));
  if (marked.length === 0) return texts;
  const whole = texts.slice();
  for (const [i, text] of marked) if (typeof whole[i] === 'string') whole[i] = text;
  return whole;
}

const rowsBefore = (parts: readonly Batch<unknown>[], i: number): number =>
  parts.slice(0, i).reduce((sum, part) => sum + part.length, 0);

const MARK = Buffer.from('\ufeff');

/** The texts that begin with a byte order mark, which is a character like others here, by their place from `before` on. */
function markedTexts(part: Batch<unknown>, before: number): [number, string][] {
  const offsets = textOffsets(part);
  if (offsets === null || !(part.values instanceof Uint8Array)) return [];
  const bytes = bufferOf(part.values);
  if (!bytes.includes(MARK)) return [];
  const found: [number, string][] = [];
  for (let i = 0; i < part.length; i++) {
    const text = bytes.toString('utf8', offsets[i], offsets[i + 1]);
    if (text.startsWith('\ufeff')) found.push([before + i, text]);
  }
  return found;
}

/** A dictionary entry may itself be null; its rows are absent. */
function withoutNullEntries(column: CategoryColumn): CategoryColumn {
  const missing = column.dictionary.findIndex((text) => typeof text !== 'string');
  if (missing < 0) return column;
  const codes = column.codes.map((code) => (code >= 0 && typeof column.dictionary[code] !== 'string' ? -1 : code));
  return { ...column, codes, dictionary: column.dictionary.map((text) => text ?? '') };
}
