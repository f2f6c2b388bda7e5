/**
 * MD5 (RFC 1321) of several streams at once, each in a lane of vectors: one stream leaves most of a processor idle, since
 * every step of it waits for the one before.
 */

/** What there is room for of each of four lanes. */
const LANE_BYTES: usize = 16 * 1024;

/** The bytes of the lanes one after the other, and the four words of the state of each, as they are given and left. */
export const bytes: usize = memory.data(65536, 16);
export const states: usize = memory.data(64, 16);

/** The first words of a block of each lane side by side, then their second ones, and the states turned likewise. */
const words: usize = memory.data(256, 16);
const turned: usize = memory.data(64, 16);

/** Takes `count` blocks of 64 bytes of each lane into its state. */
export function update4(count: i32): void {
  turn(turned, v128.load(states), v128.load(states + 16), v128.load(states + 32), v128.load(states + 48));
  for (let n = 0, at = bytes; n < count; n++, at += 64) {
    for (let word: usize = 0; word < 64; word += 16) {
      const lane = at + word;
      const second = lane + LANE_BYTES, third = second + LANE_BYTES, fourth = third + LANE_BYTES;
      turn(words + word * 4, v128.load(lane), v128.load(second), v128.load(third), v128.load(fourth));
    }
    take<v128>(turned, words);
  }
  turn(states, v128.load(turned), v128.load(turned + 16), v128.load(turned + 32), v128.load(turned + 48));
}

/** The same of the first lane alone: a stream that has no other beside it would wait for three empty ones. */
export function update1(count: i32): void {
  for (let n = 0, at = bytes; n < count; n++, at += 64) take<u32>(states, at);
}

/** Four vectors with a row each become four with a column each. */
function turn(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const ef = v128.shuffle<i32>(a, b, 2, 6, 3, 7), gh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(to + 16, v128.shuffle<i64>(ab, cd, 1, 3));
  v128.store(to + 32, v128.shuffle<i64>(ef, gh, 0, 2));
  v128.store(to + 48, v128.shuffle<i64>(ef, gh, 1, 3));
}

// What follows is of numbers and of vectors of four alike.

function add<T>(x: T, y: T): T { return isVector<T>() ? i32x4.add(x, y) : x + y; }
function and<T>(x: T, y: T): T { return isVector<T>() ? v128.and(x, y) : x & y; }
function or<T>(x: T, y: T): T { return isVector<T>() ? v128.or(x, y) : x | y; }
function xor<T>(x: T, y: T): T { return isVector<T>() ? v128.xor(x, y) : x ^ y; }
function not<T>(x: T): T { return isVector<T>() ? v128.not(x) : ~x; }
function same<T>(x: u32): T { return isVector<T>() ? i32x4.splat(x) : x; }
function left<T>(x: T, by: i32): T {
  return isVector<T>() ? v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by)) : rotl<u32>(x, by);
}

// The functions of RFC 1321, 3.4, in as few operations as they take; G is added in halves, so that it is waited for less.

function f<T>(a: T, b: T, c: T, d: T, word: T, sine: u32, by: i32): T {
  return add<T>(b, left<T>(add<T>(add<T>(add<T>(a, word), same<T>(sine)), xor<T>(d, and<T>(b, xor<T>(c, d)))), by));
}
function g<T>(a: T, b: T, c: T, d: T, word: T, sine: u32, by: i32): T {
  const early = add<T>(add<T>(add<T>(a, word), same<T>(sine)), and<T>(c, not<T>(d)));
  return add<T>(b, left<T>(add<T>(early, and<T>(b, d)), by));
}
function h<T>(a: T, b: T, c: T, d: T, word: T, sine: u32, by: i32): T {
  return add<T>(b, left<T>(add<T>(add<T>(add<T>(a, word), same<T>(sine)), xor<T>(b, xor<T>(c, d))), by));
}
function i<T>(a: T, b: T, c: T, d: T, word: T, sine: u32, by: i32): T {
  return add<T>(b, left<T>(add<T>(add<T>(add<T>(a, word), same<T>(sine)), xor<T>(c, or<T>(b, not<T>(d)))), by));
}

/** Takes the sixteen words of a block into a state. */
function take<T>(state: usize, block: usize): void {
  const size = <usize>(isVector<T>() ? 16 : 4);
  const a0 = load<T>(state), b0 = load<T>(state + size), c0 = load<T>(state + 2 * size), d0 = load<T>(state + 3 * size);
  let a = a0, b = b0, c = c0, d = d0;
  a = f<T>(a, b, c, d, load<T>(block), 0xd76aa478, 7);
  d = f<T>(d, a, b, c, load<T>(block + size), 0xe8c7b756, 12);
  c = f<T>(c, d, a, b, load<T>(block + 2 * size), 0x242070db, 17);
  b = f<T>(b, c, d, a, load<T>(block + 3 * size), 0xc1bdceee, 22);
  a = f<T>(a, b, c, d, load<T>(block + 4 * size), 0xf57c0faf, 7);
  d = f<T>(d, a, b, c, load<T>(block + 5 * size), 0x4787c62a, 12);
  c = f<T>(c, d, a, b, load<T>(block + 6 * size), 0xa8304613, 17);
  b = f<T>(b, c, d, a, load<T>(block + 7 * size), 0xfd469501, 22);
  a = f<T>(a, b, c, d, load<T>(block + 8 * size), 0x698098d8, 7);
  d = f<T>(d, a, b, c, load<T>(block + 9 * size), 0x8b44f7af, 12);
  c = f<T>(c, d, a, b, load<T>(block + 10 * size), 0xffff5bb1, 17);
  b = f<T>(b, c, d, a, load<T>(block + 11 * size), 0x895cd7be, 22);
  a = f<T>(a, b, c, d, load<T>(block + 12 * size), 0x6b901122, 7);
  d = f<T>(d, a, b, c, load<T>(block + 13 * size), 0xfd987193, 12);
  c = f<T>(c, d, a, b, load<T>(block + 14 * size), 0xa679438e, 17);
  b = f<T>(b, c, d, a, load<T>(block + 15 * size), 0x49b40821, 22);
  a = g<T>(a, b, c, d, load<T>(block + size), 0xf61e2562, 5);
  d = g<T>(d, a, b, c, load<T>(block + 6 * size), 0xc040b340, 9);
  c = g<T>(c, d, a, b, load<T>(block + 11 * size), 0x265e5a51, 14);
  b = g<T>(b, c, d, a, load<T>(block), 0xe9b6c7aa, 20);
  a = g<T>(a, b, c, d, load<T>(block + 5 * size), 0xd62f105d, 5);
  d = g<T>(d, a, b, c, load<T>(block + 10 * size), 0x02441453, 9);
  c = g<T>(c, d, a, b, load<T>(block + 15 * size), 0xd8a1e681, 14);
  b = g<T>(b, c, d, a, load<T>(block + 4 * size), 0xe7d3fbc8, 20);
  a = g<T>(a, b, c, d, load<T>(block + 9 * size), 0x21e1cde6, 5);
  d = g<T>(d, a, b, c, load<T>(block + 14 * size), 0xc33707d6, 9);
  c = g<T>(c, d, a, b, load<T>(block + 3 * size), 0xf4d50d87, 14);
  b = g<T>(b, c, d, a, load<T>(block + 8 * size), 0x455a14ed, 20);
  a = g<T>(a, b, c, d, load<T>(block + 13 * size), 0xa9e3e905, 5);
  d = g<T>(d, a, b, c, load<T>(block + 2 * size), 0xfcefa3f8, 9);
  c = g<T>(c, d, a, b, load<T>(block + 7 * size), 0x676f02d9, 14);
  b = g<T>(b, c, d, a, load<T>(block + 12 * size), 0x8d2a4c8a, 20);
  a = h<T>(a, b, c, d, load<T>(block + 5 * size), 0xfffa3942, 4);
  d = h<T>(d, a, b, c, load<T>(block + 8 * size), 0x8771f681, 11);
  c = h<T>(c, d, a, b, load<T>(block + 11 * size), 0x6d9d6122, 16);
  b = h<T>(b, c, d, a, load<T>(block + 14 * size), 0xfde5380c, 23);
  a = h<T>(a, b, c, d, load<T>(block + size), 0xa4beea44, 4);
  d = h<T>(d, a, b, c, load<T>(block + 4 * size), 0x4bdecfa9, 11);
  c = h<T>(c, d, a, b, load<T>(block + 7 * size), 0xf6bb4b60, 16);
  b = h<T>(b, c, d, a, load<T>(block + 10 * size), 0xbebfbc70, 23);
  a = h<T>(a, b, c, d, load<T>(block + 13 * size), 0x289b7ec6, 4);
  d = h<T>(d, a, b, c, load<T>(block), 0xeaa127fa, 11);
  c = h<T>(c, d, a, b, load<T>(block + 3 * size), 0xd4ef3085, 16);
  b = h<T>(b, c, d, a, load<T>(block + 6 * size), 0x04881d05, 23);
  a = h<T>(a, b, c, d, load<T>(block + 9 * size), 0xd9d4d039, 4);
  d = h<T>(d, a, b, c, load<T>(block + 12 * size), 0xe6db99e5, 11);
  c = h<T>(c, d, a, b, load<T>(block + 15 * size), 0x1fa27cf8, 16);
  b = h<T>(b, c, d, a, load<T>(block + 2 * size), 0xc4ac5665, 23);
  a = i<T>(a, b, c, d, load<T>(block), 0xf4292244, 6);
  d = i<T>(d, a, b, c, load<T>(block + 7 * size), 0x432aff97, 10);
  c = i<T>(c, d, a, b, load<T>(block + 14 * size), 0xab9423a7, 15);
  b = i<T>(b, c, d, a, load<T>(block + 5 * size), 0xfc93a039, 21);
  a = i<T>(a, b, c, d, load<T>(block + 12 * size), 0x655b59c3, 6);
  d = i<T>(d, a, b, c, load<T>(block + 3 * size), 0x8f0ccc92, 10);
  c = i<T>(c, d, a, b, load<T>(block + 10 * size), 0xffeff47d, 15);
  b = i<T>(b, c, d, a, load<T>(block + size), 0x85845dd1, 21);
  a = i<T>(a, b, c, d, load<T>(block + 8 * size), 0x6fa87e4f, 6);
  d = i<T>(d, a, b, c, load<T>(block + 15 * size), 0xfe2ce6e0, 10);
  c = i<T>(c, d, a, b, load<T>(block + 6 * size), 0xa3014314, 15);
  b = i<T>(b, c, d, a, load<T>(block + 13 * size), 0x4e0811a1, 21);
  a = i<T>(a, b, c, d, load<T>(block + 4 * size), 0xf7537e82, 6);
  d = i<T>(d, a, b, c, load<T>(block + 11 * size), 0xbd3af235, 10);
  c = i<T>(c, d, a, b, load<T>(block + 2 * size), 0x2ad7d2bb, 15);
  b = i<T>(b, c, d, a, load<T>(block + 9 * size), 0xeb86d391, 21);
  store<T>(state, add<T>(a, a0));
  store<T>(state + size, add<T>(b, b0));
  store<T>(state + 2 * size, add<T>(c, c0));
  store<T>(state + 3 * size, add<T>(d, d0));
}
