/**
 * Numbers of which is known where they end, and the doubles that they stand for: up to sixteen digits at once, and by the
 * same instructions however many there are, since their number is what a processor cannot guess.
 */

/**
 * By a number of digits k, from 0 on, 64 bytes each: a mask for the last k of 32 bytes; 10^k as a double; and, for the sake of
 * division by it, the first 64 bits of 10^-k and what the exponent of the quotient begins from.
 */
let rows: usize = 0;
const POWER = 32;
const TENTH = 40;
const EXPONENT = 48;

/** What else does not change: it takes longer to make it anew for every cell than to read it. */
let constants: usize = 0;
const NINES = 16;
const HUNDREDS = 32;
const MYRIADS = 48;
const EVEN = 64;
const TENS = 80;
const SIGNS = 96;

/** Numbers of fewer digits have a row. */
const ROWS = 20;

/** A decimal has no more. */
export const MOST_DIGITS: i32 = 19;
/** An integer has fewer. */
export const MOST_INTEGER: i32 = 15;
/** So many bytes before the end of a number are looked at, which must be there. */
export const LOOKED_AT: i32 = 33;

/** Writes the rows and constants, 22 * 64 bytes, at `at`. */
export function usePlain(at: usize): void {
  rows = at;
  constants = at + 64 * ROWS;
  v128.store(constants, i8x16.splat(48));
  v128.store(constants + NINES, i8x16.splat(9));
  v128.store(constants + HUNDREDS, i32x4.splat(0x00010064));
  v128.store(constants + MYRIADS, i32x4.splat(0x00012710));
  v128.store(constants + EVEN, i16x8.splat(0xff));
  v128.store(constants + TENS, i16x8.splat(10));
  store<f64>(constants + SIGNS, 1);
  store<f64>(constants + SIGNS + 8, -1);
  let power: u64 = 1;
  for (let k = 0; k < ROWS; k++) {
    const row = at + (<usize>k << 6);
    for (let j = 0; j < 32; j++) store<u8>(row + j, j >= 32 - k ? 0xff : 0);
    store<f64>(row + POWER, <f64>power);
    // Of a fraction there are no more than eighteen, and twice 10^18 still has its place in 64 bits.
    if (k < ROWS - 1) useTenth(row, power);
    power *= 10;
  }
}

/** Writes 2^n / power, for the n by which it has 64 bits, and 1088 - n, by long division. */
function useTenth(row: usize, power: u64): void {
  let rest: u64 = 1;
  let quotient: u64 = 0;
  let n: i64 = -1;
  while (quotient >> 63 == 0) {
    const more = rest >= power;
    quotient = (quotient << 1) | u64(more);
    rest = (rest - (more ? power : 0)) << 1;
    n++;
  }
  store<u64>(row + TENTH, quotient);
  store<i64>(row + EXPONENT, 1088 - n);
}

/** How many bytes from `first` on stand before a dot, at most 16. */
// @ts-ignore: how AssemblyScript is told; TypeScript knows no decorators of functions.
@inline
export function wholeLength(first: i32): i32 {
  return ctz(i8x16.bitmask(i8x16.eq(v128.load(first), i8x16.splat(46))) | 0x10000);
}

/**
 * The number in `[first, end)` without a sign, correctly rounded; NaN where it is none, or an integer of more than `MOST_INTEGER`
 * digits, a decimal of more than `MOST_DIGITS`, in another writing than by digits and a dot, or not certain to be rounded.
 * `whole` is what `wholeLength` says; `end` is at least `LOOKED_AT`.
 */
// @ts-ignore: as above.
@inline
export function plainNumber(first: i32, end: i32, whole: i32): f64 {
  const length = end - first;
  if (whole >= length) {
    const fits = length > 0 && length <= MOST_INTEGER;
    return fits && !(length > 1 && load<u8>(first) == 48) ? plainInteger(first, end) : NaN;
  }
  // Digits before the dot and behind it, and no zero that begins others.
  const fits = i32(<u32>(whole - 1) < <u32>(length - 2)) & (i32(whole == 1) | i32(load<u8>(first) != 48));
  if (!fits) return NaN;
  const dot = first + whole;
  if (length <= 16) return shortDecimal(first, dot, end);
  return whole < 16 && length <= MOST_DIGITS + 1 ? longDecimal(first, dot, end) : NaN;
}

/** With its sign, which is no branch that could be guessed wrong. */
// @ts-ignore: as above.
@inline
export function signed(value: f64, negative: bool): f64 {
  return value * load<f64>(constants + SIGNS + (<usize>negative << 3));
}

/** Of at most `MOST_INTEGER` digits in `[first, end)`. */
// @ts-ignore: as above.
@inline
function plainInteger(first: i32, end: i32): f64 {
  const digits = v128.and(
    v128.xor(v128.load(end - 16), v128.load(constants)),
    v128.load(rows + (<usize>(end - first) << 6) + 16),
  );
  return areDigits(digits) ? <f64>(<i64>lastSixteen(eightDigits(digits, digits))) : NaN;
}

/** Of at most fifteen digits, and the dot. */
// @ts-ignore: as above.
@inline
function shortDecimal(first: i32, dot: i32, end: i32): f64 {
  const row = rows + (<usize>(end - dot - 1) << 6);
  const digits = v128.and(
    v128.xor(withoutDot(end, row + 16), v128.load(constants)),
    v128.load(rows + (<usize>(end - first - 1) << 6) + 16),
  );
  // Both are doubles as they are.
  return areDigits(digits) ? <f64>(<i64>lastSixteen(eightDigits(digits, digits))) / load<f64>(row + POWER) : NaN;
}

/** Of at most `MOST_DIGITS` digits, and the dot. */
// @ts-ignore: as above.
@inline
function longDecimal(first: i32, dot: i32, end: i32): f64 {
  const row = rows + (<usize>(end - dot - 1) << 6);
  const mask = rows + (<usize>(end - first - 1) << 6);
  const zeros = v128.load(constants);
  const last = v128.and(v128.xor(withoutDot(end, row + 16), zeros), v128.load(mask + 16));
  const rest = v128.and(v128.xor(withoutDot(end - 16, row), zeros), v128.load(mask));
  if (!areDigits(i8x16.max_u(last, rest))) return NaN;
  const eights = eightDigits(last, rest);
  return quotient((<u64>i64x2.extract_lane(eights, 1) >> 32) * 10000000000000000 + lastSixteen(eights), row);
}

/** The sixteen bytes before `end`, those that `mask` leaves out moved up by one: over the dot. */
// @ts-ignore: as above.
@inline
function withoutDot(end: i32, mask: usize): v128 {
  return v128.bitselect(v128.load(end - 16), v128.load(end - 17), v128.load(mask));
}

/** Whether no byte is more than nine. */
// @ts-ignore: as above.
@inline
function areDigits(digits: v128): bool {
  return !v128.any_true(i8x16.sub_sat_u(digits, v128.load(constants + NINES)));
}

/** The number of the digits that `eightDigits` was given first. */
// @ts-ignore: as above.
@inline
function lastSixteen(eights: v128): u64 {
  const both = <u64>i64x2.extract_lane(eights, 0);
  return (both & 0xffffffff) * 100000000 + (both >> 32);
}

/** The four numbers that eight digits each make, those of `a` before those of `b`. */
// @ts-ignore: as above.
@inline
function eightDigits(a: v128, b: v128): v128 {
  const hundreds = v128.load(constants + HUNDREDS);
  const fours = i16x8.narrow_i32x4_s(
    i32x4.dot_i16x8_s(pairs(a), hundreds),
    i32x4.dot_i16x8_s(pairs(b), hundreds),
  );
  return i32x4.dot_i16x8_s(fours, v128.load(constants + MYRIADS));
}

/** The numbers that two digits each make. */
// @ts-ignore: as above.
@inline
function pairs(digits: v128): v128 {
  const even = v128.and(digits, v128.load(constants + EVEN));
  return i16x8.add(i16x8.mul(even, v128.load(constants + TENS)), i16x8.shr_u(digits, 8));
}

/**
 * w / 10^k, where that is what `row` is of, as the first 64 bits of a product of integers tell it: the way of Eisel and Lemire
 * (Lemire 2021, "Number parsing at a gigabyte per second", section 5), by halves since there is no product of 128 bits here.
 * NaN where those bits do not tell how to round, once in hundreds of times.
 */
// @ts-ignore: as above.
@inline
function quotient(w: u64, row: usize): f64 {
  const zeros = clz(w);
  const wide = w << zeros;
  const a = wide >> 32;
  const b = wide & 0xffffffff;
  const c = <u64>load<u32>(row + TENTH + 4);
  const d = <u64>load<u32>(row + TENTH);
  // What is left out here, and of 10^-k, is less than four.
  const product = a * c + ((a * d) >> 32) + ((b * c) >> 32);
  // A sign has its place too: half of it, of which what was left out is less than three.
  const half = <i64>(product >> 1);
  const below = <f64>half;
  const scale = f64.reinterpret_i64((load<i64>(row + EXPONENT) - <i64>zeros) << 52);
  return below == <f64>(half + 3) ? below * scale : NaN;
}
