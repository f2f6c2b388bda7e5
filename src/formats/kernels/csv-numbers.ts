/** The twin of the loops over numbers in `cells.ts` of `csv`. */
import { digits, exponent, exponentEnd, mantissa, shifted, zerosFrom } from './decimal.ts';
import { LOOKED_AT, MOST_DIGITS, MOST_INTEGER, plainNumber, signed, wholeLength } from './plain-digits.ts';

/** Evidence bits (see `csv/types.ts`) of the cells that were plain. */
export let seenNumbers: i32 = 0;
/** How many cells there was nothing in. */
export let absentNumbers: i32 = 0;

const INTEGER = 1;
const DECIMAL = 4;

/**
 * Reads the cells of one column as numbers. Decimals of at most 19 digits, and integers of at most 15, are plain; the rows of
 * all other cells are written to `oddRows`, counted from `from`, and their number returned.
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
  // Added to -0 it makes 0 of it, or leaves it as it is.
  const zero: f64 = whole ? 0 : -0.0;
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
      const before = wholeLength(first);
      const plain = plainNumber(first, e, before);
      if (plain == plain) {
        evidence |= before < e - first ? DECIMAL : INTEGER;
        // Not by a branch, which could be guessed wrong.
        store<f64>(out + (i << 3), signed(plain, negative) + zero);
        continue;
      }
    }
    let value = seldomNumber(first, e);
    if (value != value) {
      odds = leave(i, odds, out, oddRows);
      continue;
    }
    evidence |= seenSeldom;
    if (negative) value = -value;
    store<f64>(out + (i << 3), value + zero);
  }
  seenNumbers = evidence;
  absentNumbers = absents;
  return odds;
}

/** Evidence of the number that `seldomNumber` was given last. */
let seenSeldom: i32 = 0;

/** A number of more bytes is left to others. */
const LONGEST = 48;

/** What `plainNumber` leaves open: decimals of more digits, many of them zeros at the beginning, and those with an exponent. */
function seldomNumber(first: i32, end: i32): f64 {
  if (end - first > LONGEST) return NaN;
  let p = digits(first, end, 0);
  const integral = p - first;
  const zero = integral > 0 && load<u8>(first) == 48;
  // No number, or leading zeros, which make a text of it.
  if (integral == 0 || (integral > 1 && zero)) return NaN;
  seenSeldom = INTEGER;
  if (p == end) return integral <= MOST_INTEGER ? <f64>(<i64>mantissa) : NaN;
  seenSeldom = DECIMAL;
  let said = zero ? 0 : integral;
  let places = 0;
  if (load<u8>(p) == 46) {
    const dot = p;
    p = digits(dot + 1, end, mantissa);
    places = p - dot - 1;
    if (places == 0) return NaN;
    // Zeros that nothing but zeros stand before count for nothing.
    said += places - (zero ? zerosFrom(dot + 1, p) : 0);
  }
  const w = mantissa;
  if (p < end && (load<u8>(p) | 32) == 101) {
    p = exponentEnd(p + 1, end);
    places -= exponent;
  }
  return p == end && said <= MOST_DIGITS ? shifted(w, places) : NaN;
}

/** Leaves row `i` to the careful reader, with 0 in its slot; `place` is its own among the rows that are left. */
function leave(i: i32, place: i32, out: usize, oddRows: usize): i32 {
  store<f64>(out + (i << 3), 0);
  store<i32>(oddRows + (place << 2), i);
  return place + 1;
}
