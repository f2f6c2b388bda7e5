/** The twin of the values in `scan.ts` of `json`: where one ends, what it is, and which number. */
import { digits, exponent, exponentEnd, mantissa, shifted, zerosFrom } from './decimal.ts';
import { LOOKED_AT, plainNumber, wholeLength } from './plain-digits.ts';

/** What a value is; as `CELL` in `cells.ts` of `json`. */
export const NULL = 1;
export const TEXT = 2;
export const ESCAPED = 3;
export const INTEGER = 4;
const BIG_INTEGER = 5;
const HUGE_INTEGER = 6;
export const DECIMAL = 7;
const TRUE = 8;
const FALSE = 9;
export const NUMBERS = 13;

/** A number of more bytes may be beyond the largest double. */
const LONGEST_NUMBER = 200;
/** 2^53: up to it all integers are doubles. */
const SAFE: u64 = 9007199254740992;
const LARGEST_INT64: u64 = 9223372036854775807;

/** Of the value that `valueEnd` passed last: its kind, and the double that a number is, or NaN where that is left open. */
export let kind: i32 = 0;
export let double: f64 = 0;

/** Behind the value at `p`, or -1 for one that is left to the careful parser. At `end` must stand a line end. */
export function valueEnd(p: i32, end: i32): i32 {
  const b: i32 = load<u8>(p);
  if (b == 34) return textEnd(p + 1);
  if (b == 45 || (b >= 48 && b <= 57)) return numberEnd(p, end);
  return b == 91 ? listEnd(p, end) : literalEnd(p);
}

/** Behind a text whose first byte is at `from`; escapes are checked. */
function textEnd(from: i32): i32 {
  const quotes = i8x16.splat(34);
  const backslashes = i8x16.splat(92);
  const controls = i8x16.splat(32);
  kind = TEXT;
  let p = from;
  while (true) {
    const bytes = v128.load(p);
    const mask = i8x16.bitmask(
      v128.or(v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, backslashes)), i8x16.lt_u(bytes, controls)),
    );
    if (mask == 0) {
      p += 16;
      continue;
    }
    p += ctz(mask);
    const b: i32 = load<u8>(p);
    if (b == 34) return p + 1;
    if (b != 92) return -1;
    kind = ESCAPED;
    p = escapeEnd(p + 1);
    if (p < 0) return -1;
  }
}

/** Behind an escape whose backslash stands before `p`; surrogates are left to the careful parser, and what is wrong. */
function escapeEnd(p: i32): i32 {
  const b: i32 = load<u8>(p);
  if (b == 117) {
    const high = (hexDigit(p + 1) << 4) | hexDigit(p + 2);
    const low = (hexDigit(p + 3) << 4) | hexDigit(p + 4);
    const unit = (high << 8) | low;
    return unit <= 0 || (unit >= 0xd800 && unit <= 0xdfff) ? -1 : p + 5;
  }
  const simple = b == 34 || b == 92 || b == 47 || b == 98 || b == 102 || b == 110 || b == 114 || b == 116;
  return simple ? p + 1 : -1;
}

/** Negative, and so is all that it becomes a part of, where there is no such digit. */
function hexDigit(p: i32): i32 {
  const digit = <i32>load<u8>(p) - 48;
  if (<u32>digit <= 9) return digit;
  const letter = (<i32>load<u8>(p) | 32) - 97;
  return <u32>letter <= 5 ? letter + 10 : -1;
}

function numberEnd(from: i32, end: i32): i32 {
  const negative = load<u8>(from) == 45;
  const first = from + i32(negative);
  const behind = first + numberLength(first);
  if (behind >= LOOKED_AT && (load<u8>(behind) | 32) != 101) {
    const whole = wholeLength(first);
    const plain = plainNumber(first, behind, whole);
    if (plain == plain) {
      kind = whole < behind - first ? DECIMAL : INTEGER;
      double = f64.reinterpret_i64(i64.reinterpret_f64(plain) | (<i64>negative << 63));
      return behind;
    }
  }
  return seldomEnd(from, first, end);
}

/** How many bytes from `first` on a number by digits and dots has, at most 32; a slash may be among them. */
// @ts-ignore: how AssemblyScript is told; TypeScript knows no decorators of functions.
@inline
function numberLength(first: i32): i32 {
  const dots = i8x16.splat(46);
  const others = i8x16.splat(11);
  const a = i8x16.bitmask(i8x16.gt_u(i8x16.sub(v128.load(first), dots), others));
  const b = i8x16.bitmask(i8x16.gt_u(i8x16.sub(v128.load(first, 16), dots), others));
  return <i32>ctz(<u64>(<u32>(a | (b << 16))) | 0x100000000);
}

/** What `plainNumber` leaves open. */
function seldomEnd(from: i32, first: i32, end: i32): i32 {
  const negative = first > from;
  let p = digits(first, end, 0);
  const integral = p - first;
  const zero = load<u8>(first) == 48;
  if (integral == 0 || (integral > 1 && zero)) return -1;
  let b: i32 = load<u8>(p);
  if (b != 46 && (b | 32) != 101) {
    integer(integral, negative);
  } else {
    let fraction = 0;
    let unsaid = 0;
    if (b == 46) {
      const dot = p;
      p = digits(dot + 1, end, mantissa);
      fraction = p - dot - 1;
      if (fraction == 0) return -1;
      // Zeros that nothing but zeros stand before count for nothing.
      if (zero) unsaid = zerosFrom(dot + 1, p);
      b = load<u8>(p);
    }
    const exact = fraction - unsaid + (zero ? 0 : integral) <= 19;
    const whole = mantissa;
    let places = fraction;
    if ((b | 32) == 101) {
      p = exponentEnd(p + 1, end);
      if (p < 0) return -1;
      places -= exponent;
    }
    kind = DECIMAL;
    double = exact ? shifted(whole, places) : NaN;
  }
  if (negative) double = -double;
  return p - from > LONGEST_NUMBER ? -1 : p;
}

/** An integer of so many digits, which are the mantissa. */
function integer(count: i32, negative: bool): void {
  double = NaN;
  if (count <= 15 || (count == 16 && mantissa <= SAFE)) {
    kind = INTEGER;
    double = <f64>(<i64>mantissa);
  } else if (count < 19) kind = BIG_INTEGER;
  else kind = count > 19 || mantissa > LARGEST_INT64 + u64(negative) ? HUGE_INTEGER : BIG_INTEGER;
}

/** Behind a list of at least one value, all of them numbers or null. */
function listEnd(from: i32, end: i32): i32 {
  let p = from;
  do {
    p = behindSpace(p + 1);
    const b: i32 = load<u8>(p);
    p = b == 45 || (b >= 48 && b <= 57) ? numberEnd(p, end) : b == 110 ? literalEnd(p) : -1;
    if (p < 0) return -1;
    p = behindSpace(p);
  } while (load<u8>(p) == 44);
  kind = NUMBERS;
  return load<u8>(p) == 93 ? p + 1 : -1;
}

function behindSpace(from: i32): i32 {
  let p = from;
  for (let b: i32 = load<u8>(p); b == 32 || b == 9 || b == 13; b = load<u8>(p)) p++;
  return p;
}

function literalEnd(p: i32): i32 {
  const word = load<u32>(p);
  if (word == 0x6c6c756e) {
    kind = NULL;
    return p + 4;
  }
  if (word == 0x65757274) {
    kind = TRUE;
    return p + 4;
  }
  kind = FALSE;
  return word == 0x736c6166 && load<u8>(p + 4) == 101 ? p + 5 : -1;
}
