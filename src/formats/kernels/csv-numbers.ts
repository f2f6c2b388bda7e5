/** The twin of the loops over numbers in `cells.ts` of `csv`. */
import { digits, mantissa, scaled } from './decimal.ts';

/** Evidence bits (see `csv-types.ts`) of the cells that were plain. */
export let seenNumbers: i32 = 0;

const INTEGER = 1;
const DECIMAL = 4;

/**
 * Reads the cells of one column as numbers. Numbers of at most 19 digits without exponent, and integers of at most
 * 15, are plain; the rows of all other cells are written to `oddRows`, counted from `from`, and their number returned.
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
  let evidence = 0;
  const step = width << 2;
  let at = (from * width + column) << 2;
  for (let i = 0; i < to - from; i++, at += step) {
    const s = load<i32>(starts + at);
    let e = load<i32>(ends + at);
    if (e < 0) e = ~e;
    const negative = load<u8>(s) == 45;
    const first = negative ? s + 1 : s;
    let p = first;
    if (e - s <= 21) p = digits(first, e, 0);
    const integral = p - first;
    // Empty, no number, or leading zeros, which make a text of it.
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
  return odds;
}

/** Leaves row `i` to the careful reader, with 0 in its slot. */
function leave(i: i32, odds: i32, out: usize, oddRows: usize): i32 {
  store<f64>(out + (i << 3), 0);
  store<i32>(oddRows + (odds << 2), i);
  return odds + 1;
}
