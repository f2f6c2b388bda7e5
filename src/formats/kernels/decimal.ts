/** The twin of `decimal.ts` in `text`: digits and the doubles that they stand for. */

import { usePlain } from './plain-digits.ts';

/** Where the tables of powers of ten are: 10^k for k to 22, then 10^-k for k to 40 as sums of two doubles. */
let powers: usize = 0;
let tenthHigh: usize = 0;
let tenthLow: usize = 0;

export function useTables(at: usize): void {
  powers = at;
  tenthHigh = at + 23 * 8;
  tenthLow = tenthHigh + 41 * 8;
  usePlain(tenthLow + 41 * 8);
}

/** 10^k for k up to 22. */
export function power(k: i32): f64 {
  return load<f64>(powers + (k << 3));
}

/** All digits that `digits` has met so far, as one integer; it wraps around beyond the nineteenth. */
export let mantissa: u64 = 0;

/** Behind the digits from `p` on; they follow those that make up `before`. */
export function digits(from: i32, end: i32, before: u64): i32 {
  let p = from;
  let value = before;
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

/** How many zeros there are from `p` on. */
export function zerosFrom(p: i32, end: i32): i32 {
  let q = p;
  while (q < end && load<u8>(q) == 48) q++;
  return q - p;
}

/** What `exponentEnd` has read. */
export let exponent: i32 = 0;

/** Behind an exponent of at most two digits whose `e` stands before `p`; -1 where there is none, or a longer one. */
export function exponentEnd(p: i32, end: i32): i32 {
  const sign: i32 = p < end ? load<u8>(p) : 0;
  const first = sign == 43 || sign == 45 ? p + 1 : p;
  const behind = digits(first, end, 0);
  if (behind <= first || behind - first > 2) return -1;
  exponent = sign == 45 ? -<i32>mantissa : <i32>mantissa;
  return behind;
}

/** w / 10^places, or NaN where it is not certain how to round. */
export function shifted(w: u64, places: i32): f64 {
  if (places >= 0) return places <= 40 ? scaled(w, places) : NaN;
  return w <= 9007199254740992 && places >= -22 ? <f64>(<i64>w) * power(-places) : NaN;
}

const SPLIT: f64 = 134217729;
const UNCERTAINTY: f64 = 3.1554436208840472e-30; // 2^-98

/** w / 10^fraction correctly rounded, or NaN when that is not certain; as `scaled` in `decimal.ts`. */
export function scaled(w: u64, fraction: i32): f64 {
  if (w < 9007199254740992) {
    const value = <f64>(<i64>w);
    if (fraction <= 22) return value / power(fraction);
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
