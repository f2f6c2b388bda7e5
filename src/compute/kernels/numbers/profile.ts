/** The twins of `finite-numbers.ts`, `moments.ts` and `hyperloglog.ts` of `stats`, for the numbers of a batch. */

/** Rows whose numbers are looked at while they are in a core's nearest cache. */
const BLOCK: i32 = 1024;

/** Where what was found is, as doubles. */
export const found: usize = 0x67000;
const NAN = 0;
const NULLS = 8;
const POSITIVE_INFINITY = 16;
const NEGATIVE_INFINITY = 24;
const ZEROS = 32;
const NEGATIVES = 40;
const MIN = 48;
const MAX = 56;
const SUM = 64;

/**
 * Writes the finite numbers of the values at `at` to `out`, -0 as 0, one behind the other; returns how many they are. What they
 * are, and the others, is told at `found`. `valid`: where the mask of the rows with a value is; 0 where all have.
 */
export function takeFinite(at: usize, count: i32, valid: usize, out: usize): i32 {
  memory.fill(found, 0, 128);
  store<f64>(found + MIN, Infinity);
  store<f64>(found + MAX, -Infinity);
  let into = out;
  for (let from = 0; from < count; from += BLOCK) {
    const rows = count - from < BLOCK ? count - from : BLOCK;
    const first = at + (<usize>from << 3);
    const next = valid == 0 ? copyAll(first, rows, into) : copyValid(first, rows, valid + <usize>(from >> 3), into);
    lookAt(into, next);
    into = next;
  }
  return <i32>((into - out) >> 3);
}

/** Copies values until one is no finite number, and the rest one by one; returns where the last one ends. */
function copyAll(at: usize, rows: i32, out: usize): usize {
  const end = at + (<usize>rows << 3);
  const zero = f64x2.splat(0);
  let from = at;
  let into = out;
  for (; from + 16 <= end; from += 16) {
    const two = f64x2.add(v128.load(from), zero);
    if (!i64x2.all_true(f64x2.eq(f64x2.sub(two, two), zero))) break;
    v128.store(into, two);
    into += 16;
  }
  for (; from < end; from += 8) into = copy(load<f64>(from), 1, into);
  return into;
}

function copyValid(at: usize, rows: i32, valid: usize, out: usize): usize {
  let into = out;
  let present = 0;
  for (let i = 0; i < rows; ) {
    const mask = <i32>load<u8>(valid + <usize>(i >> 3));
    const eight = rows - i < 8 ? rows - i : 8;
    // Most of eight rows all have values: those are copied together.
    if (mask == 0xff && eight == 8) {
      into = copyAll(at + (<usize>i << 3), 8, into);
      present += 8;
      i += 8;
      continue;
    }
    for (let k = 0; k < eight; k++, i++) {
      const bit = (mask >> k) & 1;
      present += bit;
      into = copy(load<f64>(at + (<usize>i << 3)), bit, into);
    }
  }
  store<f64>(found + NULLS, load<f64>(found + NULLS) + <f64>(rows - present));
  return into;
}

/** Each value is written, and kept where it is wanted: that is cheaper than to guess. */
// @ts-ignore: how AssemblyScript is told; TypeScript knows no decorators of functions.
@inline
function copy(value: f64, bit: i32, into: usize): usize {
  const v = value + 0;
  store<f64>(into, v);
  const finite = i32(v - v == 0);
  if ((bit & ~finite) != 0) countOdd(v);
  return into + (<usize>(bit & finite) << 3);
}

function countOdd(v: f64): void {
  const place: usize = isNaN(v) ? NAN : v > 0 ? POSITIVE_INFINITY : NEGATIVE_INFINITY;
  store<f64>(found + place, load<f64>(found + place) + 1);
}

/** The sum is made in the order of the values, as by the twin. */
function lookAt(from: usize, to: usize): void {
  const zero = f64x2.splat(0);
  let low = f64x2.splat(load<f64>(found + MIN)), high = f64x2.splat(load<f64>(found + MAX));
  let zeros = i64x2.splat(0), negatives = i64x2.splat(0);
  let sum = load<f64>(found + SUM);
  let at = from;
  for (; at + 16 <= to; at += 16) {
    const two = v128.load(at);
    low = f64x2.pmin(low, two);
    high = f64x2.pmax(high, two);
    zeros = i64x2.sub(zeros, f64x2.eq(two, zero));
    negatives = i64x2.add(negatives, i64x2.shr_u(two, 63));
    sum += f64x2.extract_lane(two, 0);
    sum += f64x2.extract_lane(two, 1);
  }
  let min = Math.min(f64x2.extract_lane(low, 0), f64x2.extract_lane(low, 1));
  let max = Math.max(f64x2.extract_lane(high, 0), f64x2.extract_lane(high, 1));
  let noughts = i64x2.extract_lane(zeros, 0) + i64x2.extract_lane(zeros, 1);
  let below = i64x2.extract_lane(negatives, 0) + i64x2.extract_lane(negatives, 1);
  if (at < to) {
    const v = load<f64>(at);
    min = Math.min(min, v);
    max = Math.max(max, v);
    noughts += i64(v == 0);
    below += i64(v < 0);
    sum += v;
  }
  store<f64>(found + MIN, min);
  store<f64>(found + MAX, max);
  store<f64>(found + ZEROS, load<f64>(found + ZEROS) + <f64>noughts);
  store<f64>(found + NEGATIVES, load<f64>(found + NEGATIVES) + <f64>below);
  store<f64>(found + SUM, sum);
}

/** Writes the sums of the first four powers of the deviations from `mean` to `found`. */
export function powers(at: usize, n: i32, mean: f64): void {
  const end = at + (<usize>n << 3);
  let s1: f64 = 0, m2: f64 = 0, m3: f64 = 0, m4: f64 = 0;
  for (let p = at; p < end; p += 8) {
    const d = load<f64>(p) - mean;
    const d2 = d * d;
    s1 += d;
    m2 += d2;
    m3 += d2 * d;
    m4 += d2 * d2;
  }
  store<f64>(found, s1);
  store<f64>(found + 8, m2);
  store<f64>(found + 16, m3);
  store<f64>(found + 24, m4);
}

/** Of the registers of a HyperLogLog. */
const PRECISION = 14;

/** Counts the finite values at `at`, never -0, by their bits. */
export function hashNumbers(registers: usize, at: usize, n: i32): void {
  const end = at + (<usize>n << 3);
  const seed = i32x4.splat(0x9e3779b9);
  let p = at;
  for (; p + 32 <= end; p += 32) {
    const a = v128.load(p), b = v128.load(p + 16);
    const low = i8x16.shuffle(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
    const high = i8x16.shuffle(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    const first = mixFour(v128.xor(low, mixFour(v128.xor(high, seed))));
    put(registers, i32x4.extract_lane(first, 0), p);
    put(registers, i32x4.extract_lane(first, 1), p + 8);
    put(registers, i32x4.extract_lane(first, 2), p + 16);
    put(registers, i32x4.extract_lane(first, 3), p + 24);
  }
  for (; p < end; p += 8) put(registers, mix(load<u32>(p) ^ mix(load<u32>(p + 4) ^ 0x9e3779b9)), p);
}

// @ts-ignore: as above.
@inline
function mixFour(h: v128): v128 {
  let x = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(0x85ebca6b));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

function mix(h: u32): u32 {
  let x = (h ^ (h >> 16)) * 0x85ebca6b;
  x = (x ^ (x >> 13)) * 0xc2b2ae35;
  return x ^ (x >> 16);
}

/** Written whether it is raised or not: of the first of a column's values, half raise one, and which half cannot be guessed. */
// @ts-ignore: as above.
@inline
function put(registers: usize, first: u32, at: usize): void {
  const rest = first << PRECISION;
  if (rest == 0) {
    raise(registers, first, at);
    return;
  }
  const register = registers + <usize>(first >> (32 - PRECISION));
  const before = <u32>load<u8>(register);
  const rank = clz(rest) + 1;
  store<u8>(register, <u8>(rank > before ? rank : before));
}

/** Where all of the first 32 bits that tell a rank are 0, by 32 more. */
function raise(registers: usize, first: u32, at: usize): void {
  const high = load<u32>(at + 4);
  const second = mix(high ^ (first * 0x27d4eb2f) ^ 0x165667b1);
  const rank: u32 = 32 - PRECISION + clz(second) + 1;
  const register = registers + <usize>(first >> (32 - PRECISION));
  const most: u32 = 64 - PRECISION + 1;
  if (rank > <u32>load<u8>(register)) store<u8>(register, <u8>(rank < most ? rank : most));
}
