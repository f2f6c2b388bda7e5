/** The twin of the loops over numbers in `cells.ts` of `csv`. */
import { digits, mantissa, scaled } from './decimal.ts';
import { LOOKED_AT, MOST_DIGITS, MOST_INTEGER, MOST_WHOLE, plainDecimal, plainInteger } from './plain-digits.ts';

/** Evidence bits (see `csv-types.ts`) of the cells that were plain. */
export let seenNumbers: i32 = 0;
/** How many cells there was nothing in. */
export let absentNumbers: i32 = 0;

const INTEGER = 1;
const DECIMAL = 4;

/**
 * Reads the cells of one column as numbers. Numbers of at most 19 digits without exponent, and integers of at most
 * 15, are plain; the rows of all other cells are written to `oddRows`, counted from `from`, and their number returned.
 * Rows without anything in the cell are written there too, from its last place on downwards; `oddRows` has one for each row.
 * `whole`: the column is int64, where -0 is 0.
 */
export function numbers(
  starts: usize,
  ends: usize,
  width: i32,
  from: i32,
  to: i32,
  column: i32,
  whole: i32,
  out: usize,
  oddRows: usize,
): i32 {
  let odds = 0;
  let absents = 0;
  let evidence = 0;
  const step = width << 2;
  let at = (from * width + column) << 2;
  for (let i = 0; i < to - from; i++, at += step) {
    const s = load<i32>(starts + at);
    let e = load<i32>(ends + at);
    if (e < 0) e = ~e;
    if (s == e) {
      leave(i, to - from - ++absents, out, oddRows);
      continue;
    }
    const negative = load<u8>(s) == 45;
    const first = s + i32(negative);
    if (e >= LOOKED_AT) {
      const plain = plainNumber(first, e);
      if (plain == plain) {
        evidence |= seenPlain;
        // The sign bit, which is no branch that could be guessed wrong.
        const value = f64.reinterpret_i64(i64.reinterpret_f64(plain) | (<i64>negative << 63));
        store<f64>(out + (i << 3), whole ? value + 0.0 : value);
        continue;
      }
    }
    let p = first;
    if (e - s <= 21) p = digits(first, e, 0);
    const integral = p - first;
    // No number, or leading zeros, which make a text of it.
    if (integral == 0 || (integral > 1 && load<u8>(first) == 48)) {
      odds = leave(i, odds, out, oddRows);
      continue;
    }
    let value: f64;
    if (p == e) {
      if (integral > 15) {
        odds = leave(i, odds, out, oddRows);
        continue;
      }
      value = <f64>(<i64>mantissa);
      evidence |= INTEGER;
    } else {
      const dot = p;
      if (load<u8>(dot) == 46) p = digits(dot + 1, e, mantissa);
      const fraction = p - dot - 1;
      value = p == e && fraction > 0 && integral + fraction <= 19 ? scaled(mantissa, fraction) : NaN;
      if (value != value) {
        odds = leave(i, odds, out, oddRows);
        continue;
      }
      evidence |= DECIMAL;
    }
    if (negative) value = -value;
    store<f64>(out + (i << 3), whole ? value + 0.0 : value);
  }
  seenNumbers = evidence;
  absentNumbers = absents;
  return odds;
}

/** Evidence of the number that `plainNumber` has read. */
let seenPlain: i32 = 0;

/** The number in `[first, end)`, which may have no sign; NaN where it is left to others. */
// @ts-ignore: how AssemblyScript is told; TypeScript knows no decorators of functions.
@inline
function plainNumber(first: i32, end: i32): f64 {
  const length = end - first;
  const dots = i8x16.bitmask(i8x16.eq(v128.load(first), i8x16.splat(46)));
  // A place behind the digits where there is no dot.
  const until = dots == 0 ? 16 : ctz(dots);
  if (until >= length) {
    seenPlain = INTEGER;
    const fits = length > 0 && length <= MOST_INTEGER;
    return fits && !(length > 1 && load<u8>(first) == 48) ? plainInteger(first, end) : NaN;
  }
  seenPlain = DECIMAL;
  const fits = until > 0 && until <= MOST_WHOLE && until + 1 < length && length <= MOST_DIGITS + 1;
  return fits && !(until > 1 && load<u8>(first) == 48) ? plainDecimal(first, first + until, end) : NaN;
}

/** Leaves row `i` to the careful reader, with 0 in its slot; `place` is its own among the rows that are left. */
function leave(i: i32, place: i32, out: usize, oddRows: usize): i32 {
  store<f64>(out + (i << 3), 0);
  store<i32>(oddRows + (place << 2), i);
  return place + 1;
}
