/** The twin of `decimal.ts` and of the loops over numbers in `csv-cells.ts`. */

/** Evidence bits (see `csv-types.ts`) of the cells that were plain. */
export let seenNumbers: i32 = 0;

const INTEGER = 1;
const DECIMAL = 4;

/** Where the tables of powers of ten are: 10^k for k to 22, then 10^-k for k to 40 as sums of two doubles. */
let powers: usize = 0;
let tenthHigh: usize = 0;
let tenthLow: usize = 0;

export function useTables(at: usize): void {
  powers = at;
  tenthHigh = at + 23 * 8;
  tenthLow = tenthHigh + 41 * 8;
}

/** Behind the digits from `p` on, which are added to the mantissa. */
let mantissa: u64 = 0;

function digits(from: i32, end: i32): i32 {
  let p = from;
  let value = mantissa;
  while (p + 8 <= end) {
    const chunk = load<u64>(p);
    const high = chunk & 0xf0f0f0f0f0f0f0f0;
    if ((high | (((chunk + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4)) != 0x3333333333333333) break;
    let v = chunk - 0x3030303030303030;
    v = v * 10 + (v >> 8);
    v = ((v & 0x000000ff000000ff) * 0x000f424000000064 + ((v >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >> 32;
    value = value * 100000000 + (v & 0xffffffff);
    p += 8;
  }
  while (p < end) {
    const digit = <u32>load<u8>(p) - 48;
    if (digit > 9) break;
    value = value * 10 + digit;
    p++;
  }
  mantissa = value;
  return p;
}

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
    mantissa = 0;
    let p = first;
    if (e - s <= 21) p = digits(first, e);
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
      if (load<u8>(dot) == 46) p = digits(dot + 1, e);
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

const SPLIT: f64 = 134217729;
const UNCERTAINTY: f64 = 3.1554436208840472e-30; // 2^-98

/** mantissa / 10^fraction correctly rounded, or NaN when that is not certain; as `scaled` in `decimal.ts`. */
function scaled(w: u64, fraction: i32): f64 {
  if (w < 9007199254740992) {
    const value = <f64>(<i64>w);
    if (fraction <= 22) return value / load<f64>(powers + (fraction << 3));
  }
  const mh = <f64>w;
  const ml = <f64>(<i64>(w - <u64>mh));
  const th = load<f64>(tenthHigh + (fraction << 3));
  const head = mh * th;
  const tail = productError(mh, th, head) + (mh * load<f64>(tenthLow + (fraction << 3)) + ml * th);
  const slack = head * UNCERTAINTY;
  const below = head + (tail - slack);
  return below == head + (tail + slack) ? below : NaN;
}

/** a*b - fl(a*b), exactly (Dekker's product). */
function productError(a: f64, b: f64, product: f64): f64 {
  const ca = SPLIT * a;
  const ah = ca - (ca - a);
  const al = a - ah;
  const cb = SPLIT * b;
  const bh = cb - (cb - b);
  const bl = b - bh;
  return al * bl - (product - ah * bh - al * bh - ah * bl);
}
