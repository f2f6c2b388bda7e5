/** Arrow's decimals: integers of 32 to 256 bits, so many of whose digits are decimal places. */
import { type Batch, type DataType, type DecimalType, Type } from '@uwdata/flechette';
import { isValid, type Validity } from '../../stats/column.ts';
import { unreadable } from '../unreadable.ts';

/** Powers of ten that are doubles. */
const POWERS = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));

export const isDecimal = (type: DataType): type is DecimalType => type.typeId === Type.Decimal;

/** Decimals without decimal places: how many databases export their integers. */
export const isWholeDecimal = (type: DataType): type is DecimalType => isDecimal(type) && type.scale === 0;

/** The most that an int64 holds. */
export const INT64_MAX = 0x7fff_ffff_ffff_ffffn;

/** Met where no survey came first, which makes such a column text. */
export const beyondInt64 = (): Error => unreadable('An integer column holds values beyond int64; store them as text.');

/** Integers of 64 bits or more, all of which an int64 holds. Throws `unreadable-data` at one that it does not. */
export function lowWords(words: BigUint64Array, valid: Validity, { length, bits }: { length: number; bits: number }) {
  return BigInt64Array.from({ length }, (_, i) => {
    if (!isValid(valid, i)) return 0n;
    const value = integerAt(words, i, bits / 64);
    if (value > INT64_MAX || value < -INT64_MAX - 1n) throw beyondInt64();
    return value;
  });
}

/** An integer of `stride` words of 64 bits, the lowest first. */
export function integerAt(words: BigUint64Array, i: number, stride: number): bigint {
  let value = 0n;
  for (let k = stride - 1; k >= 0; k--) value = (value << 64n) | words[i * stride + k]!;
  return BigInt.asIntN(64 * stride, value);
}

/** Writes the double that is nearest to each decimal; absent rows stay as they are. */
export function nearestDoubles({ values: raw, length }: Batch<unknown>, type: DecimalType, into: Nearest): void {
  const { out, valid } = into;
  const { scale, bitWidth } = type;
  for (let i = 0; i < length; i++) {
    if (!isValid(valid, i)) continue;
    if (raw instanceof BigUint64Array) out[i] = nearest(integerAt(raw, i, bitWidth / 64), scale);
    else out[i] = nearest(Number(raw[i]!), scale);
  }
}

type Nearest = { readonly out: Float64Array; readonly valid: Validity };

/** Two doubles that are exact have a quotient that is the nearest; all others are spelled out and read. */
function nearest(integer: bigint | number, scale: number): number {
  const double = Number(integer);
  const power = POWERS[scale];
  if (power !== undefined && Number.isSafeInteger(double)) return double / power;
  return Number(`${integer}e${-scale}`);
}
