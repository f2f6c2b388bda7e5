/**
 * AssemblyScript, compiled to WebAssembly by the build: the twins of the loops in `csv-scan.ts`, `csv-cells.ts` and
 * `time-text.ts` that all bytes of a text table go through. A twin decides only what is plain; whatever is odd it
 * hands back, and the TypeScript decides. Memory is laid out by `csv-kernels.ts`, which owns it.
 */

/** The byte behind the last row that `scan` took. */
export let next: i32 = 0;
/** 1 when the row at `next` is left to the careful scanner. */
export let odd: i32 = 0;
/** Evidence bits (see `csv-types.ts`) of the cells that were plain. */
export let seen: i32 = 0;

const INTEGER = 1;
const DECIMAL = 4;
const DATE = 32;
const ZONED_TIME = 64;
const LOCAL_TIME = 128;

/**
 * Writes the bounds of the fields of at most `maxRows` rows that begin before `until` and end before `end`, where a
 * line end stands. Stops at a row with another number of fields than `width`, or with an open or stray quote.
 */
export function scan(
  from: i32,
  until: i32,
  end: i32,
  last: i32,
  delimiter: i32,
  skipBlank: i32,
  width: i32,
  starts: usize,
  ends: usize,
  maxRows: i32,
): i32 {
  const delimiters = i8x16.splat(<i8>delimiter);
  const feeds = i8x16.splat(10);
  const returns = i8x16.splat(13);
  const quotes = i8x16.splat(34);
  let rows = 0;
  let row = from;
  let column = 0;
  let cell: usize = 0;
  let field = from;
  let p = from;
  next = from;
  odd = 0;
  if (row >= until || maxRows == 0) return 0;
  if (skipBlank) while (load<u8>(field) == 32) field++;
  while (p < end) {
    const bytes = v128.load(p);
    let mask: i32 = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(bytes, delimiters), i8x16.eq(bytes, feeds)),
        v128.or(i8x16.eq(bytes, returns), i8x16.eq(bytes, quotes)),
      ),
    );
    let jump = p + 16;
    while (mask != 0) {
      const at = p + ctz(mask);
      mask &= mask - 1;
      if (at >= end) break;
      const b: i32 = load<u8>(at);
      if (b == 34) {
        if (at != field) continue;
        const close = closingQuote(at + 1, end);
        let behind = close + 1;
        if (close >= 0) while (load<u8>(behind) == 32) behind++;
        // An open quote, one at the very end, or text behind a closing one.
        if (close < 0 || behind >= end || column >= width || !isStop(load<u8>(behind), delimiter)) {
          next = row;
          odd = 1;
          return rows;
        }
        store<i32>(starts + cell, at + 1);
        store<i32>(ends + cell, ~close);
        field = -1;
        jump = behind;
        break;
      }
      if (b == delimiter) {
        if (column < width) {
          if (field >= 0) {
            store<i32>(starts + cell, field);
            store<i32>(ends + cell, at);
          }
          cell += 4;
        }
        column++;
        field = at + 1;
        if (skipBlank) while (load<u8>(field) == 32) field++;
        continue;
      }
      if (at == row) {
        row = at + 1;
      } else {
        if (column + 1 != width) {
          next = row;
          odd = 1;
          return rows;
        }
        if (field >= 0) {
          store<i32>(starts + cell, field);
          store<i32>(ends + cell, at);
        }
        cell += 4;
        rows++;
        row = at + 1;
      }
      column = 0;
      field = row;
      next = row;
      if (row >= until || rows == maxRows) return rows;
      if (skipBlank) while (load<u8>(field) == 32) field++;
    }
    p = jump;
  }
  // The last row may lack its line end; the careful scanner knows whether more bytes follow.
  if (last && row < end) odd = 1;
  next = row;
  return rows;
}

function isStop(b: i32, delimiter: i32): bool {
  return b == delimiter || b == 10 || b == 13;
}

/** The quote that closes a field, or -1 when none does for certain. */
function closingQuote(from: i32, end: i32): i32 {
  for (let p = from; p + 1 < end; p++) {
    if (load<u8>(p) != 34) continue;
    if (load<u8>(p + 1) != 34) return p;
    p++;
  }
  return -1;
}

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
  seen = evidence;
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

/**
 * Reads the cells of one column as points in time: dates, and times to the second with at most 9 digits behind it,
 * `Z`, `+hh:mm`, or without zone. All other rows go to `oddRows`.
 */
export function times(
  starts: usize,
  ends: usize,
  width: i32,
  from: i32,
  to: i32,
  column: i32,
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
    const kind = time(s, e);
    if (kind == 0) {
      odds = leave(i, odds, out, oddRows);
      continue;
    }
    evidence |= kind;
    store<f64>(out + (i << 3), instant);
  }
  seen = evidence;
  return odds;
}

let instant: f64 = 0;

function time(s: i32, e: i32): i32 {
  const length = e - s;
  if (length != 10 && length < 19) return 0;
  if (load<u8>(s + 4) != 45 || load<u8>(s + 7) != 45) return 0;
  const century = two(s);
  const years = two(s + 2);
  const month = two(s + 5);
  const day = two(s + 8);
  if (century < 0 || years < 0 || month < 1 || month > 12 || day < 1) return 0;
  const year = century * 100 + years;
  if (year < 1 || day > daysIn(year, month)) return 0;
  const midnight = <f64>daysSinceEpoch(year, month, day) * 86400000;
  if (length == 10) {
    instant = midnight;
    return DATE;
  }
  const separator = load<u8>(s + 10) | 0x20;
  if ((separator != 0x74 && separator != 0x20) || load<u8>(s + 13) != 58 || load<u8>(s + 16) != 58) return 0;
  const hour = two(s + 11);
  const minute = two(s + 14);
  const second = two(s + 17);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return 0;
  let p = s + 19;
  let fraction: f64 = 0;
  if (p < e && load<u8>(p) == 46) {
    const first = ++p;
    let micros = 0;
    let scale = 100000;
    for (; p < e; p++) {
      const digit = <i32>load<u8>(p) - 48;
      if (digit < 0 || digit > 9) break;
      micros += digit * scale;
      scale = scale >= 10 ? scale / 10 : 0;
    }
    if (p == first || p - first > 9) return 0;
    fraction = <f64>micros / 1000;
  }
  const local = midnight + <f64>hour * 3600000 + <f64>minute * 60000 + <f64>second * 1000;
  if (p == e) {
    instant = local + fraction;
    return LOCAL_TIME;
  }
  const sign = load<u8>(p);
  let offset = 0;
  if (sign == 90 && e - p == 1) offset = 0;
  else if ((sign == 43 || sign == 45) && e - p == 6 && load<u8>(p + 3) == 58) {
    const hours = two(p + 1);
    const minutes = two(p + 4);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return 0;
    offset = hours * 60 + minutes;
    if (sign == 45) offset = -offset;
  } else return 0;
  instant = local - <f64>(offset * 60000) + fraction;
  return ZONED_TIME;
}

/** Two digits as a number, or less than 0. */
function two(p: i32): i32 {
  const tens = <u32>load<u8>(p) - 48;
  const ones = <u32>load<u8>(p + 1) - 48;
  return tens > 9 || ones > 9 ? -1 : <i32>(tens * 10 + ones);
}

function isLeap(year: i32): bool {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

function daysIn(year: i32, month: i32): i32 {
  if (month == 2) return isLeap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar, counted in years that begin in March. */
function daysSinceEpoch(year: i32, month: i32, day: i32): i32 {
  const y = month <= 2 ? year - 1 : year;
  const m = month <= 2 ? month + 9 : month - 3;
  return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}
