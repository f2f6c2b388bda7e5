/** Arrow's texts, however they are kept, as columns of codes. */
import { isUtf8 } from 'node:buffer';
import { type Batch, TimeUnit, Type } from '@uwdata/flechette';
import { type CategoryColumn, isValid, type Validity } from '../../stats/column.ts';
import { readIntegers } from '../columns/int64.ts';
import { TextDictionary } from '../text/text-dictionary.ts';
import { unreadable } from '../unreadable.ts';
import { integerAt } from './decimals.ts';

/** The texts of a batch, also of times of day and of integers that no int64 holds. Throws `unreadable-data` when its buffers contradict each other. */
export function textColumn(batch: Batch<unknown>, valid: Validity): CategoryColumn {
  const { length } = batch;
  const codes = new Int32Array(length).fill(-1);
  const dictionary = new TextDictionary();
  const offsets = textOffsets(batch);
  if (offsets !== null && batch.values instanceof Uint8Array) {
    const { bytes, first, last } = usedBytes(batch.values, offsets, length);
    for (let i = 0; i < length; i++) {
      if (!isValid(valid, i)) continue;
      const start = offsets[i]!;
      const end = offsets[i + 1]!;
      if (!(start >= first && end >= start && end <= last)) throw outside();
      codes[i] = dictionary.code(bytes, start, end);
    }
  } else {
    const textOf = textsOf(batch);
    for (let i = 0; i < length; i++) if (isValid(valid, i)) codes[i] = dictionary.codeOf(textOf(i));
  }
  return { kind: 'category', type: 'text', length, codes, dictionary: dictionary.snapshot() };
}

function textsOf(batch: Batch<unknown>): (i: number) => string {
  if (batch.type.typeId === Type.Utf8View) return viewedTexts(batch);
  return batch.type.typeId === Type.Time ? timesOfDay(batch) : integerTexts(batch);
}

/** What lies outside of it are no texts of these rows: a slice of a longer column may carry half a character along. */
function usedBytes(values: Uint8Array, offsets: Int32Array | Float64Array, length: number) {
  const bytes = bufferOf(values);
  const [first, last] = [offsets[0] ?? 0, offsets[length] ?? 0];
  if (!(first >= 0 && last >= first && last <= bytes.length)) throw outside();
  if (!isUtf8(bytes.subarray(first, last))) throw noUtf8();
  return { bytes, first, last };
}

export const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

const outside = (): Error => unreadable('An Arrow text column has offsets outside its bytes; write the file again.');
const noUtf8 = (): Error => unreadable('An Arrow text column holds bytes that are not UTF-8; write the file again.');

/** Where texts begin in their bytes; `null` for what has no offsets. */
export function textOffsets({ offsets }: Batch<unknown>): Int32Array | Float64Array | null {
  if (offsets instanceof Int32Array) return offsets;
  if (!(offsets instanceof BigInt64Array)) return null;
  const wide = new Float64Array(offsets.length);
  readIntegers(offsets, wide);
  return wide;
}

const RECORD = 16;
/** Texts of so many bytes stand in their record. */
const INLINE = 12;

/** A record has the length, and then the text, or its first bytes, the number of its buffer and the place there. */
function viewedTexts(batch: Batch<unknown>): (i: number) => string {
  const records = bufferOf(batch.values as Uint8Array);
  return (i) => {
    const length = records.readInt32LE(RECORD * i);
    const inline = length <= INLINE;
    const bytes = inline ? records : viewedBuffer(batch, records.readInt32LE(RECORD * i + 8));
    const start = inline ? RECORD * i + 4 : records.readInt32LE(RECORD * i + 12);
    const end = start + length;
    if (bytes === null || !(length >= 0 && start >= 0 && end <= bytes.length)) throw outside();
    if (!isUtf8(bytes.subarray(start, end))) throw noUtf8();
    return bytes.toString('utf8', start, end);
  };
}

function viewedBuffer(batch: Batch<unknown>, place: number): Buffer | null {
  const { data } = batch as Batch<unknown> & { readonly data?: readonly Uint8Array[] };
  const found = data?.[place];
  return found === undefined ? null : bufferOf(found);
}

/** The digits of integers. */
function integerTexts({ type, values }: Batch<unknown>): (i: number) => string {
  if (type.typeId !== Type.Decimal || !(values instanceof BigUint64Array)) return (i) => String(values[i]);
  const stride = type.bitWidth / 64;
  return (i) => String(integerAt(values, i, stride));
}

/** How many of its units are a second. */
const UNITS = {
  [TimeUnit.SECOND]: 1,
  [TimeUnit.MILLISECOND]: 1e3,
  [TimeUnit.MICROSECOND]: 1e6,
  [TimeUnit.NANOSECOND]: 1e9,
};

/** Times of day to the microsecond, as Parquet's are read: `07:05:00.25`. */
function timesOfDay({ type, values }: Batch<unknown>): (i: number) => string {
  const perSecond = type.typeId === Type.Time ? UNITS[type.unit] : 1;
  return (i) => {
    const units = Number(values[i]);
    const seconds = Math.floor(units / perSecond);
    const micros = Math.floor((units % perSecond) * (1e6 / perSecond));
    const clock = [seconds / 3600, (seconds / 60) % 60, seconds % 60]
      .map((part) => twoDigits(Math.floor(part)))
      .join(':');
    return micros === 0 ? clock : `${clock}.${String(micros).padStart(6, '0').replace(/0+$/, '')}`;
  };
}

const twoDigits = (part: number): string => String(part).padStart(2, '0');
