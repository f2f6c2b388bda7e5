/**
 * Digits of which is known where they end, and the doubles that they stand for: up to sixteen of them at once, and by the
 * same instructions however many there are, since their number is what a processor cannot guess.
 */

/**
 * By the number of digits of a fraction, from 0 on, 64 bytes each: a mask for the last so many of 24 bytes; 10^k as an integer;
 * 10^-k as the sum of two doubles, and the parts that Dekker's product splits the first of them into.
 */
let rows: usize = 0;
const POWER = 24;
const HIGH = 32;
const LOW = 40;
const UPPER = 48;
const LOWER = 56;

/** What else does not change: it takes longer to make it anew for every cell than to read it. */
let constants: usize = 0;
const NINES = 16;
const HUNDREDS = 32;
const MYRIADS = 48;
const EVEN = 64;
const TENS = 80;
const UNCERTAINTY = 96;
const SPLIT = 104;

/** Fractions of fewer digits have a row. */
const ROWS = 20;

/** Digits of a whole part that are read here; with those of the fraction there are no more than `MOST_DIGITS`. */
export const MOST_WHOLE: i32 = 8;
export const MOST_DIGITS: i32 = 19;
/** An integer has fewer. */
export const MOST_INTEGER: i32 = 15;
/**
 * So many bytes before the end of a number may be looked at, which must be there: the longest has its dot eighteen digits
 * before its end, and the eight bytes before a dot are read at once.
 */
export const LOOKED_AT: i32 = 28;

/** Writes the rows and constants, 22 * 64 bytes, at `at`. `high` and `low`: where 10^-k is, for all k of theirs. */
export function usePlain(at: usize, high: usize, low: usize): void {
  rows = at;
  constants = at + 64 * ROWS;
  v128.store(constants, i8x16.splat(48));
  v128.store(constants + NINES, i8x16.splat(9));
  v128.store(constants + HUNDREDS, i32x4.splat(0x00010064));
  v128.store(constants + MYRIADS, i32x4.splat(0x00012710));
  v128.store(constants + EVEN, i16x8.splat(0xff));
  v128.store(constants + TENS, i16x8.splat(10));
  store<f64>(constants + UNCERTAINTY, 3.1554436208840472e-30); // 2^-98
  store<f64>(constants + SPLIT, 134217729);
  let power: u64 = 1;
  for (let k = 0; k < ROWS; k++) {
    const row = at + (<usize>k << 6);
    for (let j = 0; j < 24; j++) store<u8>(row + j, j >= 24 - k ? 0xff : 0);
    store<u64>(row + POWER, power);
    power *= 10;
    const tenth = load<f64>(high + (<usize>k << 3));
    const scaled = load<f64>(constants + SPLIT) * tenth;
    const upper = scaled - (scaled - tenth);
    store<f64>(row + HIGH, tenth);
    store<f64>(row + LOW, load<f64>(low + (<usize>k << 3)));
    store<f64>(row + UPPER, upper);
    store<f64>(row + LOWER, tenth - upper);
  }
}

/** The number whose digits, at most `MOST_INTEGER`, are in `[first, end)`; NaN where not all of them are digits. */
// @ts-ignore: how AssemblyScript is told; TypeScript knows no decorators of functions.
@inline
export function plainInteger(first: i32, end: i32): f64 {
  const digits = v128.and(
    v128.xor(v128.load(end - 16), v128.load(constants)),
    v128.load(rows + (<usize>(end - first) << 6) + 8),
  );
  if (v128.any_true(i8x16.sub_sat_u(digits, v128.load(constants + NINES)))) return NaN;
  const eights = eightDigits(digits, digits);
  return <f64>(<i64>i32x4.extract_lane(eights, 0) * 100000000 + <i64>i32x4.extract_lane(eights, 1));
}

/**
 * The number whose digits are in `[first, dot)`, at most `MOST_WHOLE` of them, and in `[dot + 1, end)`, correctly rounded; NaN
 * where not all of them are digits, or rounding is not certain.
 */
// @ts-ignore: as above.
@inline
export function plainDecimal(first: i32, dot: i32, end: i32): f64 {
  const row = rows + (<usize>(end - dot - 1) << 6);
  const zeros = v128.load(constants);
  const nines = v128.load(constants + NINES);
  const last = v128.and(v128.xor(v128.load(end - 16), zeros), v128.load(row + 8));
  // The whole part, and what of the fraction lies before its last sixteen digits.
  const bytes = v128.load64_lane(end - 24, v128.load64_zero(dot - 8), 1);
  const mask = v128.load64_lane(row, v128.load64_zero(rows + (<usize>(dot - first) << 6) + 16), 1);
  const rest = v128.and(v128.xor(bytes, zeros), mask);
  if (v128.any_true(v128.or(i8x16.sub_sat_u(last, nines), i8x16.sub_sat_u(rest, nines)))) return NaN;
  const eights = eightDigits(last, rest);
  const fraction =
    <u64>i32x4.extract_lane(eights, 3) * 10000000000000000 +
    <u64>i32x4.extract_lane(eights, 0) * 100000000 +
    <u64>i32x4.extract_lane(eights, 1);
  const w = <u64>i32x4.extract_lane(eights, 2) * load<u64>(row + POWER) + fraction;
  // Both are doubles as they are; of how many digits a column has fewer can be guessed.
  if (end - first <= 16) return <f64>(<i64>w) / <f64>(<i64>load<u64>(row + POWER));
  return scaledBy(row, w);
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

/** w / 10^k, where that is what `row` is of, as `scaled` in `decimal.ts`. */
// @ts-ignore: as above.
@inline
function scaledBy(row: usize, w: u64): f64 {
  // In two parts that both are exact, of which the sum and what that leaves over make two doubles.
  const high = <f64>(<i64>(w >> 26)) * 67108864;
  const low = <f64>(<i64>(w & 67108863));
  const mh = high + low;
  const ml = low - (mh - high);
  const th = load<f64>(row + HIGH);
  const head = mh * th;
  const product = load<f64>(constants + SPLIT) * mh;
  const upper = product - (product - mh);
  const lower = mh - upper;
  const bh = load<f64>(row + UPPER);
  const bl = load<f64>(row + LOWER);
  const error = lower * bl - (head - upper * bh - lower * bh - upper * bl);
  const tail = error + (mh * load<f64>(row + LOW) + ml * th);
  const slack = head * load<f64>(constants + UNCERTAINTY);
  const below = head + (tail - slack);
  return below == head + (tail + slack) ? below : NaN;
}
