/** The steps of MD5 (RFC 1321, 3.4). */

/** The sines for `takeTwo`, each four times. */
const sines: usize = memory.data<u32>([
  0xd76aa478, 0xd76aa478, 0xd76aa478, 0xd76aa478, 0xe8c7b756, 0xe8c7b756, 0xe8c7b756, 0xe8c7b756,
  0x242070db, 0x242070db, 0x242070db, 0x242070db, 0xc1bdceee, 0xc1bdceee, 0xc1bdceee, 0xc1bdceee,
  0xf57c0faf, 0xf57c0faf, 0xf57c0faf, 0xf57c0faf, 0x4787c62a, 0x4787c62a, 0x4787c62a, 0x4787c62a,
  0xa8304613, 0xa8304613, 0xa8304613, 0xa8304613, 0xfd469501, 0xfd469501, 0xfd469501, 0xfd469501,
  0x698098d8, 0x698098d8, 0x698098d8, 0x698098d8, 0x8b44f7af, 0x8b44f7af, 0x8b44f7af, 0x8b44f7af,
  0xffff5bb1, 0xffff5bb1, 0xffff5bb1, 0xffff5bb1, 0x895cd7be, 0x895cd7be, 0x895cd7be, 0x895cd7be,
  0x6b901122, 0x6b901122, 0x6b901122, 0x6b901122, 0xfd987193, 0xfd987193, 0xfd987193, 0xfd987193,
  0xa679438e, 0xa679438e, 0xa679438e, 0xa679438e, 0x49b40821, 0x49b40821, 0x49b40821, 0x49b40821,
  0xf61e2562, 0xf61e2562, 0xf61e2562, 0xf61e2562, 0xc040b340, 0xc040b340, 0xc040b340, 0xc040b340,
  0x265e5a51, 0x265e5a51, 0x265e5a51, 0x265e5a51, 0xe9b6c7aa, 0xe9b6c7aa, 0xe9b6c7aa, 0xe9b6c7aa,
  0xd62f105d, 0xd62f105d, 0xd62f105d, 0xd62f105d, 0x02441453, 0x02441453, 0x02441453, 0x02441453,
  0xd8a1e681, 0xd8a1e681, 0xd8a1e681, 0xd8a1e681, 0xe7d3fbc8, 0xe7d3fbc8, 0xe7d3fbc8, 0xe7d3fbc8,
  0x21e1cde6, 0x21e1cde6, 0x21e1cde6, 0x21e1cde6, 0xc33707d6, 0xc33707d6, 0xc33707d6, 0xc33707d6,
  0xf4d50d87, 0xf4d50d87, 0xf4d50d87, 0xf4d50d87, 0x455a14ed, 0x455a14ed, 0x455a14ed, 0x455a14ed,
  0xa9e3e905, 0xa9e3e905, 0xa9e3e905, 0xa9e3e905, 0xfcefa3f8, 0xfcefa3f8, 0xfcefa3f8, 0xfcefa3f8,
  0x676f02d9, 0x676f02d9, 0x676f02d9, 0x676f02d9, 0x8d2a4c8a, 0x8d2a4c8a, 0x8d2a4c8a, 0x8d2a4c8a,
  0xfffa3942, 0xfffa3942, 0xfffa3942, 0xfffa3942, 0x8771f681, 0x8771f681, 0x8771f681, 0x8771f681,
  0x6d9d6122, 0x6d9d6122, 0x6d9d6122, 0x6d9d6122, 0xfde5380c, 0xfde5380c, 0xfde5380c, 0xfde5380c,
  0xa4beea44, 0xa4beea44, 0xa4beea44, 0xa4beea44, 0x4bdecfa9, 0x4bdecfa9, 0x4bdecfa9, 0x4bdecfa9,
  0xf6bb4b60, 0xf6bb4b60, 0xf6bb4b60, 0xf6bb4b60, 0xbebfbc70, 0xbebfbc70, 0xbebfbc70, 0xbebfbc70,
  0x289b7ec6, 0x289b7ec6, 0x289b7ec6, 0x289b7ec6, 0xeaa127fa, 0xeaa127fa, 0xeaa127fa, 0xeaa127fa,
  0xd4ef3085, 0xd4ef3085, 0xd4ef3085, 0xd4ef3085, 0x04881d05, 0x04881d05, 0x04881d05, 0x04881d05,
  0xd9d4d039, 0xd9d4d039, 0xd9d4d039, 0xd9d4d039, 0xe6db99e5, 0xe6db99e5, 0xe6db99e5, 0xe6db99e5,
  0x1fa27cf8, 0x1fa27cf8, 0x1fa27cf8, 0x1fa27cf8, 0xc4ac5665, 0xc4ac5665, 0xc4ac5665, 0xc4ac5665,
  0xf4292243, 0xf4292243, 0xf4292243, 0xf4292243, 0x432aff96, 0x432aff96, 0x432aff96, 0x432aff96,
  0xab9423a6, 0xab9423a6, 0xab9423a6, 0xab9423a6, 0xfc93a038, 0xfc93a038, 0xfc93a038, 0xfc93a038,
  0x655b59c2, 0x655b59c2, 0x655b59c2, 0x655b59c2, 0x8f0ccc91, 0x8f0ccc91, 0x8f0ccc91, 0x8f0ccc91,
  0xffeff47c, 0xffeff47c, 0xffeff47c, 0xffeff47c, 0x85845dd0, 0x85845dd0, 0x85845dd0, 0x85845dd0,
  0x6fa87e4e, 0x6fa87e4e, 0x6fa87e4e, 0x6fa87e4e, 0xfe2ce6df, 0xfe2ce6df, 0xfe2ce6df, 0xfe2ce6df,
  0xa3014313, 0xa3014313, 0xa3014313, 0xa3014313, 0x4e0811a0, 0x4e0811a0, 0x4e0811a0, 0x4e0811a0,
  0xf7537e81, 0xf7537e81, 0xf7537e81, 0xf7537e81, 0xbd3af234, 0xbd3af234, 0xbd3af234, 0xbd3af234,
  0x2ad7d2ba, 0x2ad7d2ba, 0x2ad7d2ba, 0x2ad7d2ba, 0xeb86d390, 0xeb86d390, 0xeb86d390, 0xeb86d390,
], 16);

/** Where it stores what nobody reads. */
const apart: usize = memory.data(64, 16);

// What follows is of numbers and of vectors of four alike.

function add<T>(x: T, y: T): T { return isVector<T>() ? i32x4.add(x, y) : x + y; }
function and<T>(x: T, y: T): T { return isVector<T>() ? v128.and(x, y) : x & y; }
function xor<T>(x: T, y: T): T { return isVector<T>() ? v128.xor(x, y) : x ^ y; }
function andNot<T>(x: T, y: T): T { return isVector<T>() ? v128.andnot(x, y) : x & ~y; }
function sub<T>(x: T, y: T): T { return isVector<T>() ? i32x4.sub(x, y) : x - y; }
function same<T>(x: u32): T { return isVector<T>() ? i32x4.splat(x) : x; }
function left<T>(x: T, by: i32): T {
  return isVector<T>() ? v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by)) : rotl<u32>(x, by);
}

// The functions of RFC 1321, 3.4, in as few operations as they take; G is added in halves, so that it is waited for less.
// Of I its complement is taken away, with 1 less than the sine: -x is one more than the complement of x.

function f<T>(a: T, b: T, c: T, d: T, word: T, sine: T, by: i32): T {
  return add<T>(b, left<T>(add<T>(add<T>(add<T>(a, word), sine), xor<T>(d, and<T>(b, xor<T>(c, d)))), by));
}
function g<T>(a: T, b: T, c: T, d: T, word: T, sine: T, by: i32): T {
  const early = add<T>(add<T>(add<T>(a, word), sine), andNot<T>(c, d));
  return add<T>(b, left<T>(add<T>(early, and<T>(b, d)), by));
}
function h<T>(a: T, b: T, c: T, d: T, word: T, sine: T, by: i32): T {
  return add<T>(b, left<T>(add<T>(add<T>(add<T>(a, word), sine), xor<T>(b, xor<T>(c, d))), by));
}
function i<T>(a: T, b: T, c: T, d: T, word: T, sine: T, by: i32): T {
  return add<T>(b, left<T>(sub<T>(add<T>(add<T>(a, word), sine), xor<T>(c, andNot<T>(d, b))), by));
}

/** Takes the sixteen words of a block into a state. */
export function take<T>(state: usize, block: usize): void {
  const size = <usize>(isVector<T>() ? 16 : 4);
  const a0 = load<T>(state), b0 = load<T>(state + size), c0 = load<T>(state + 2 * size), d0 = load<T>(state + 3 * size);
  let a = a0, b = b0, c = c0, d = d0;
  a = f<T>(a, b, c, d, load<T>(block), same<T>(0xd76aa478), 7);
  d = f<T>(d, a, b, c, load<T>(block + size), same<T>(0xe8c7b756), 12);
  c = f<T>(c, d, a, b, load<T>(block + 2 * size), same<T>(0x242070db), 17);
  b = f<T>(b, c, d, a, load<T>(block + 3 * size), same<T>(0xc1bdceee), 22);
  a = f<T>(a, b, c, d, load<T>(block + 4 * size), same<T>(0xf57c0faf), 7);
  d = f<T>(d, a, b, c, load<T>(block + 5 * size), same<T>(0x4787c62a), 12);
  c = f<T>(c, d, a, b, load<T>(block + 6 * size), same<T>(0xa8304613), 17);
  b = f<T>(b, c, d, a, load<T>(block + 7 * size), same<T>(0xfd469501), 22);
  a = f<T>(a, b, c, d, load<T>(block + 8 * size), same<T>(0x698098d8), 7);
  d = f<T>(d, a, b, c, load<T>(block + 9 * size), same<T>(0x8b44f7af), 12);
  c = f<T>(c, d, a, b, load<T>(block + 10 * size), same<T>(0xffff5bb1), 17);
  b = f<T>(b, c, d, a, load<T>(block + 11 * size), same<T>(0x895cd7be), 22);
  a = f<T>(a, b, c, d, load<T>(block + 12 * size), same<T>(0x6b901122), 7);
  d = f<T>(d, a, b, c, load<T>(block + 13 * size), same<T>(0xfd987193), 12);
  c = f<T>(c, d, a, b, load<T>(block + 14 * size), same<T>(0xa679438e), 17);
  b = f<T>(b, c, d, a, load<T>(block + 15 * size), same<T>(0x49b40821), 22);
  a = g<T>(a, b, c, d, load<T>(block + size), same<T>(0xf61e2562), 5);
  d = g<T>(d, a, b, c, load<T>(block + 6 * size), same<T>(0xc040b340), 9);
  c = g<T>(c, d, a, b, load<T>(block + 11 * size), same<T>(0x265e5a51), 14);
  b = g<T>(b, c, d, a, load<T>(block), same<T>(0xe9b6c7aa), 20);
  a = g<T>(a, b, c, d, load<T>(block + 5 * size), same<T>(0xd62f105d), 5);
  d = g<T>(d, a, b, c, load<T>(block + 10 * size), same<T>(0x02441453), 9);
  c = g<T>(c, d, a, b, load<T>(block + 15 * size), same<T>(0xd8a1e681), 14);
  b = g<T>(b, c, d, a, load<T>(block + 4 * size), same<T>(0xe7d3fbc8), 20);
  a = g<T>(a, b, c, d, load<T>(block + 9 * size), same<T>(0x21e1cde6), 5);
  d = g<T>(d, a, b, c, load<T>(block + 14 * size), same<T>(0xc33707d6), 9);
  c = g<T>(c, d, a, b, load<T>(block + 3 * size), same<T>(0xf4d50d87), 14);
  b = g<T>(b, c, d, a, load<T>(block + 8 * size), same<T>(0x455a14ed), 20);
  a = g<T>(a, b, c, d, load<T>(block + 13 * size), same<T>(0xa9e3e905), 5);
  d = g<T>(d, a, b, c, load<T>(block + 2 * size), same<T>(0xfcefa3f8), 9);
  c = g<T>(c, d, a, b, load<T>(block + 7 * size), same<T>(0x676f02d9), 14);
  b = g<T>(b, c, d, a, load<T>(block + 12 * size), same<T>(0x8d2a4c8a), 20);
  a = h<T>(a, b, c, d, load<T>(block + 5 * size), same<T>(0xfffa3942), 4);
  d = h<T>(d, a, b, c, load<T>(block + 8 * size), same<T>(0x8771f681), 11);
  c = h<T>(c, d, a, b, load<T>(block + 11 * size), same<T>(0x6d9d6122), 16);
  b = h<T>(b, c, d, a, load<T>(block + 14 * size), same<T>(0xfde5380c), 23);
  a = h<T>(a, b, c, d, load<T>(block + size), same<T>(0xa4beea44), 4);
  d = h<T>(d, a, b, c, load<T>(block + 4 * size), same<T>(0x4bdecfa9), 11);
  c = h<T>(c, d, a, b, load<T>(block + 7 * size), same<T>(0xf6bb4b60), 16);
  b = h<T>(b, c, d, a, load<T>(block + 10 * size), same<T>(0xbebfbc70), 23);
  a = h<T>(a, b, c, d, load<T>(block + 13 * size), same<T>(0x289b7ec6), 4);
  d = h<T>(d, a, b, c, load<T>(block), same<T>(0xeaa127fa), 11);
  c = h<T>(c, d, a, b, load<T>(block + 3 * size), same<T>(0xd4ef3085), 16);
  b = h<T>(b, c, d, a, load<T>(block + 6 * size), same<T>(0x04881d05), 23);
  a = h<T>(a, b, c, d, load<T>(block + 9 * size), same<T>(0xd9d4d039), 4);
  d = h<T>(d, a, b, c, load<T>(block + 12 * size), same<T>(0xe6db99e5), 11);
  c = h<T>(c, d, a, b, load<T>(block + 15 * size), same<T>(0x1fa27cf8), 16);
  b = h<T>(b, c, d, a, load<T>(block + 2 * size), same<T>(0xc4ac5665), 23);
  a = i<T>(a, b, c, d, load<T>(block), same<T>(0xf4292243), 6);
  d = i<T>(d, a, b, c, load<T>(block + 7 * size), same<T>(0x432aff96), 10);
  c = i<T>(c, d, a, b, load<T>(block + 14 * size), same<T>(0xab9423a6), 15);
  b = i<T>(b, c, d, a, load<T>(block + 5 * size), same<T>(0xfc93a038), 21);
  a = i<T>(a, b, c, d, load<T>(block + 12 * size), same<T>(0x655b59c2), 6);
  d = i<T>(d, a, b, c, load<T>(block + 3 * size), same<T>(0x8f0ccc91), 10);
  c = i<T>(c, d, a, b, load<T>(block + 10 * size), same<T>(0xffeff47c), 15);
  b = i<T>(b, c, d, a, load<T>(block + size), same<T>(0x85845dd0), 21);
  a = i<T>(a, b, c, d, load<T>(block + 8 * size), same<T>(0x6fa87e4e), 6);
  d = i<T>(d, a, b, c, load<T>(block + 15 * size), same<T>(0xfe2ce6df), 10);
  c = i<T>(c, d, a, b, load<T>(block + 6 * size), same<T>(0xa3014313), 15);
  b = i<T>(b, c, d, a, load<T>(block + 13 * size), same<T>(0x4e0811a0), 21);
  a = i<T>(a, b, c, d, load<T>(block + 4 * size), same<T>(0xf7537e81), 6);
  d = i<T>(d, a, b, c, load<T>(block + 11 * size), same<T>(0xbd3af234), 10);
  c = i<T>(c, d, a, b, load<T>(block + 2 * size), same<T>(0x2ad7d2ba), 15);
  b = i<T>(b, c, d, a, load<T>(block + 9 * size), same<T>(0xeb86d390), 21);
  store<T>(state, add<T>(a, a0));
  store<T>(state + size, add<T>(b, b0));
  store<T>(state + 2 * size, add<T>(c, c0));
  store<T>(state + 3 * size, add<T>(d, d0));
}

/**
 * The same of two vectors for each word, step by step in turn: while one waits for its last step the other takes one.
 * The stores keep them in turn: without them the compiler puts all steps of one behind those of the other.
 */
export function takeTwo(state: usize, block: usize): void {
  const a0 = v128.load(state), b0 = v128.load(state + 16), c0 = v128.load(state + 32), d0 = v128.load(state + 48);
  const e0 = v128.load(state + 64), m0 = v128.load(state + 80), n0 = v128.load(state + 96), o0 = v128.load(state + 112);
  let a = a0, b = b0, c = c0, d = d0, e = e0, m = m0, n = n0, o = o0;
  a = f<v128>(a, b, c, d, v128.load(block), v128.load(sines + 0), 7);
  e = f<v128>(e, m, n, o, v128.load(block + 256), v128.load(sines + 0), 7); v128.store(apart, e);
  d = f<v128>(d, a, b, c, v128.load(block + 16), v128.load(sines + 16), 12);
  o = f<v128>(o, e, m, n, v128.load(block + 272), v128.load(sines + 16), 12); v128.store(apart + 16, o);
  c = f<v128>(c, d, a, b, v128.load(block + 32), v128.load(sines + 32), 17);
  n = f<v128>(n, o, e, m, v128.load(block + 288), v128.load(sines + 32), 17); v128.store(apart + 32, n);
  b = f<v128>(b, c, d, a, v128.load(block + 48), v128.load(sines + 48), 22);
  m = f<v128>(m, n, o, e, v128.load(block + 304), v128.load(sines + 48), 22); v128.store(apart + 48, m);
  a = f<v128>(a, b, c, d, v128.load(block + 64), v128.load(sines + 64), 7);
  e = f<v128>(e, m, n, o, v128.load(block + 320), v128.load(sines + 64), 7); v128.store(apart, e);
  d = f<v128>(d, a, b, c, v128.load(block + 80), v128.load(sines + 80), 12);
  o = f<v128>(o, e, m, n, v128.load(block + 336), v128.load(sines + 80), 12); v128.store(apart + 16, o);
  c = f<v128>(c, d, a, b, v128.load(block + 96), v128.load(sines + 96), 17);
  n = f<v128>(n, o, e, m, v128.load(block + 352), v128.load(sines + 96), 17); v128.store(apart + 32, n);
  b = f<v128>(b, c, d, a, v128.load(block + 112), v128.load(sines + 112), 22);
  m = f<v128>(m, n, o, e, v128.load(block + 368), v128.load(sines + 112), 22); v128.store(apart + 48, m);
  a = f<v128>(a, b, c, d, v128.load(block + 128), v128.load(sines + 128), 7);
  e = f<v128>(e, m, n, o, v128.load(block + 384), v128.load(sines + 128), 7); v128.store(apart, e);
  d = f<v128>(d, a, b, c, v128.load(block + 144), v128.load(sines + 144), 12);
  o = f<v128>(o, e, m, n, v128.load(block + 400), v128.load(sines + 144), 12); v128.store(apart + 16, o);
  c = f<v128>(c, d, a, b, v128.load(block + 160), v128.load(sines + 160), 17);
  n = f<v128>(n, o, e, m, v128.load(block + 416), v128.load(sines + 160), 17); v128.store(apart + 32, n);
  b = f<v128>(b, c, d, a, v128.load(block + 176), v128.load(sines + 176), 22);
  m = f<v128>(m, n, o, e, v128.load(block + 432), v128.load(sines + 176), 22); v128.store(apart + 48, m);
  a = f<v128>(a, b, c, d, v128.load(block + 192), v128.load(sines + 192), 7);
  e = f<v128>(e, m, n, o, v128.load(block + 448), v128.load(sines + 192), 7); v128.store(apart, e);
  d = f<v128>(d, a, b, c, v128.load(block + 208), v128.load(sines + 208), 12);
  o = f<v128>(o, e, m, n, v128.load(block + 464), v128.load(sines + 208), 12); v128.store(apart + 16, o);
  c = f<v128>(c, d, a, b, v128.load(block + 224), v128.load(sines + 224), 17);
  n = f<v128>(n, o, e, m, v128.load(block + 480), v128.load(sines + 224), 17); v128.store(apart + 32, n);
  b = f<v128>(b, c, d, a, v128.load(block + 240), v128.load(sines + 240), 22);
  m = f<v128>(m, n, o, e, v128.load(block + 496), v128.load(sines + 240), 22); v128.store(apart + 48, m);
  a = g<v128>(a, b, c, d, v128.load(block + 16), v128.load(sines + 256), 5);
  e = g<v128>(e, m, n, o, v128.load(block + 272), v128.load(sines + 256), 5); v128.store(apart, e);
  d = g<v128>(d, a, b, c, v128.load(block + 96), v128.load(sines + 272), 9);
  o = g<v128>(o, e, m, n, v128.load(block + 352), v128.load(sines + 272), 9); v128.store(apart + 16, o);
  c = g<v128>(c, d, a, b, v128.load(block + 176), v128.load(sines + 288), 14);
  n = g<v128>(n, o, e, m, v128.load(block + 432), v128.load(sines + 288), 14); v128.store(apart + 32, n);
  b = g<v128>(b, c, d, a, v128.load(block), v128.load(sines + 304), 20);
  m = g<v128>(m, n, o, e, v128.load(block + 256), v128.load(sines + 304), 20); v128.store(apart + 48, m);
  a = g<v128>(a, b, c, d, v128.load(block + 80), v128.load(sines + 320), 5);
  e = g<v128>(e, m, n, o, v128.load(block + 336), v128.load(sines + 320), 5); v128.store(apart, e);
  d = g<v128>(d, a, b, c, v128.load(block + 160), v128.load(sines + 336), 9);
  o = g<v128>(o, e, m, n, v128.load(block + 416), v128.load(sines + 336), 9); v128.store(apart + 16, o);
  c = g<v128>(c, d, a, b, v128.load(block + 240), v128.load(sines + 352), 14);
  n = g<v128>(n, o, e, m, v128.load(block + 496), v128.load(sines + 352), 14); v128.store(apart + 32, n);
  b = g<v128>(b, c, d, a, v128.load(block + 64), v128.load(sines + 368), 20);
  m = g<v128>(m, n, o, e, v128.load(block + 320), v128.load(sines + 368), 20); v128.store(apart + 48, m);
  a = g<v128>(a, b, c, d, v128.load(block + 144), v128.load(sines + 384), 5);
  e = g<v128>(e, m, n, o, v128.load(block + 400), v128.load(sines + 384), 5); v128.store(apart, e);
  d = g<v128>(d, a, b, c, v128.load(block + 224), v128.load(sines + 400), 9);
  o = g<v128>(o, e, m, n, v128.load(block + 480), v128.load(sines + 400), 9); v128.store(apart + 16, o);
  c = g<v128>(c, d, a, b, v128.load(block + 48), v128.load(sines + 416), 14);
  n = g<v128>(n, o, e, m, v128.load(block + 304), v128.load(sines + 416), 14); v128.store(apart + 32, n);
  b = g<v128>(b, c, d, a, v128.load(block + 128), v128.load(sines + 432), 20);
  m = g<v128>(m, n, o, e, v128.load(block + 384), v128.load(sines + 432), 20); v128.store(apart + 48, m);
  a = g<v128>(a, b, c, d, v128.load(block + 208), v128.load(sines + 448), 5);
  e = g<v128>(e, m, n, o, v128.load(block + 464), v128.load(sines + 448), 5); v128.store(apart, e);
  d = g<v128>(d, a, b, c, v128.load(block + 32), v128.load(sines + 464), 9);
  o = g<v128>(o, e, m, n, v128.load(block + 288), v128.load(sines + 464), 9); v128.store(apart + 16, o);
  c = g<v128>(c, d, a, b, v128.load(block + 112), v128.load(sines + 480), 14);
  n = g<v128>(n, o, e, m, v128.load(block + 368), v128.load(sines + 480), 14); v128.store(apart + 32, n);
  b = g<v128>(b, c, d, a, v128.load(block + 192), v128.load(sines + 496), 20);
  m = g<v128>(m, n, o, e, v128.load(block + 448), v128.load(sines + 496), 20); v128.store(apart + 48, m);
  a = h<v128>(a, b, c, d, v128.load(block + 80), v128.load(sines + 512), 4);
  e = h<v128>(e, m, n, o, v128.load(block + 336), v128.load(sines + 512), 4); v128.store(apart, e);
  d = h<v128>(d, a, b, c, v128.load(block + 128), v128.load(sines + 528), 11);
  o = h<v128>(o, e, m, n, v128.load(block + 384), v128.load(sines + 528), 11); v128.store(apart + 16, o);
  c = h<v128>(c, d, a, b, v128.load(block + 176), v128.load(sines + 544), 16);
  n = h<v128>(n, o, e, m, v128.load(block + 432), v128.load(sines + 544), 16); v128.store(apart + 32, n);
  b = h<v128>(b, c, d, a, v128.load(block + 224), v128.load(sines + 560), 23);
  m = h<v128>(m, n, o, e, v128.load(block + 480), v128.load(sines + 560), 23); v128.store(apart + 48, m);
  a = h<v128>(a, b, c, d, v128.load(block + 16), v128.load(sines + 576), 4);
  e = h<v128>(e, m, n, o, v128.load(block + 272), v128.load(sines + 576), 4); v128.store(apart, e);
  d = h<v128>(d, a, b, c, v128.load(block + 64), v128.load(sines + 592), 11);
  o = h<v128>(o, e, m, n, v128.load(block + 320), v128.load(sines + 592), 11); v128.store(apart + 16, o);
  c = h<v128>(c, d, a, b, v128.load(block + 112), v128.load(sines + 608), 16);
  n = h<v128>(n, o, e, m, v128.load(block + 368), v128.load(sines + 608), 16); v128.store(apart + 32, n);
  b = h<v128>(b, c, d, a, v128.load(block + 160), v128.load(sines + 624), 23);
  m = h<v128>(m, n, o, e, v128.load(block + 416), v128.load(sines + 624), 23); v128.store(apart + 48, m);
  a = h<v128>(a, b, c, d, v128.load(block + 208), v128.load(sines + 640), 4);
  e = h<v128>(e, m, n, o, v128.load(block + 464), v128.load(sines + 640), 4); v128.store(apart, e);
  d = h<v128>(d, a, b, c, v128.load(block), v128.load(sines + 656), 11);
  o = h<v128>(o, e, m, n, v128.load(block + 256), v128.load(sines + 656), 11); v128.store(apart + 16, o);
  c = h<v128>(c, d, a, b, v128.load(block + 48), v128.load(sines + 672), 16);
  n = h<v128>(n, o, e, m, v128.load(block + 304), v128.load(sines + 672), 16); v128.store(apart + 32, n);
  b = h<v128>(b, c, d, a, v128.load(block + 96), v128.load(sines + 688), 23);
  m = h<v128>(m, n, o, e, v128.load(block + 352), v128.load(sines + 688), 23); v128.store(apart + 48, m);
  a = h<v128>(a, b, c, d, v128.load(block + 144), v128.load(sines + 704), 4);
  e = h<v128>(e, m, n, o, v128.load(block + 400), v128.load(sines + 704), 4); v128.store(apart, e);
  d = h<v128>(d, a, b, c, v128.load(block + 192), v128.load(sines + 720), 11);
  o = h<v128>(o, e, m, n, v128.load(block + 448), v128.load(sines + 720), 11); v128.store(apart + 16, o);
  c = h<v128>(c, d, a, b, v128.load(block + 240), v128.load(sines + 736), 16);
  n = h<v128>(n, o, e, m, v128.load(block + 496), v128.load(sines + 736), 16); v128.store(apart + 32, n);
  b = h<v128>(b, c, d, a, v128.load(block + 32), v128.load(sines + 752), 23);
  m = h<v128>(m, n, o, e, v128.load(block + 288), v128.load(sines + 752), 23); v128.store(apart + 48, m);
  a = i<v128>(a, b, c, d, v128.load(block), v128.load(sines + 768), 6);
  e = i<v128>(e, m, n, o, v128.load(block + 256), v128.load(sines + 768), 6); v128.store(apart, e);
  d = i<v128>(d, a, b, c, v128.load(block + 112), v128.load(sines + 784), 10);
  o = i<v128>(o, e, m, n, v128.load(block + 368), v128.load(sines + 784), 10); v128.store(apart + 16, o);
  c = i<v128>(c, d, a, b, v128.load(block + 224), v128.load(sines + 800), 15);
  n = i<v128>(n, o, e, m, v128.load(block + 480), v128.load(sines + 800), 15); v128.store(apart + 32, n);
  b = i<v128>(b, c, d, a, v128.load(block + 80), v128.load(sines + 816), 21);
  m = i<v128>(m, n, o, e, v128.load(block + 336), v128.load(sines + 816), 21); v128.store(apart + 48, m);
  a = i<v128>(a, b, c, d, v128.load(block + 192), v128.load(sines + 832), 6);
  e = i<v128>(e, m, n, o, v128.load(block + 448), v128.load(sines + 832), 6); v128.store(apart, e);
  d = i<v128>(d, a, b, c, v128.load(block + 48), v128.load(sines + 848), 10);
  o = i<v128>(o, e, m, n, v128.load(block + 304), v128.load(sines + 848), 10); v128.store(apart + 16, o);
  c = i<v128>(c, d, a, b, v128.load(block + 160), v128.load(sines + 864), 15);
  n = i<v128>(n, o, e, m, v128.load(block + 416), v128.load(sines + 864), 15); v128.store(apart + 32, n);
  b = i<v128>(b, c, d, a, v128.load(block + 16), v128.load(sines + 880), 21);
  m = i<v128>(m, n, o, e, v128.load(block + 272), v128.load(sines + 880), 21); v128.store(apart + 48, m);
  a = i<v128>(a, b, c, d, v128.load(block + 128), v128.load(sines + 896), 6);
  e = i<v128>(e, m, n, o, v128.load(block + 384), v128.load(sines + 896), 6); v128.store(apart, e);
  d = i<v128>(d, a, b, c, v128.load(block + 240), v128.load(sines + 912), 10);
  o = i<v128>(o, e, m, n, v128.load(block + 496), v128.load(sines + 912), 10); v128.store(apart + 16, o);
  c = i<v128>(c, d, a, b, v128.load(block + 96), v128.load(sines + 928), 15);
  n = i<v128>(n, o, e, m, v128.load(block + 352), v128.load(sines + 928), 15); v128.store(apart + 32, n);
  b = i<v128>(b, c, d, a, v128.load(block + 208), v128.load(sines + 944), 21);
  m = i<v128>(m, n, o, e, v128.load(block + 464), v128.load(sines + 944), 21); v128.store(apart + 48, m);
  a = i<v128>(a, b, c, d, v128.load(block + 64), v128.load(sines + 960), 6);
  e = i<v128>(e, m, n, o, v128.load(block + 320), v128.load(sines + 960), 6); v128.store(apart, e);
  d = i<v128>(d, a, b, c, v128.load(block + 176), v128.load(sines + 976), 10);
  o = i<v128>(o, e, m, n, v128.load(block + 432), v128.load(sines + 976), 10); v128.store(apart + 16, o);
  c = i<v128>(c, d, a, b, v128.load(block + 32), v128.load(sines + 992), 15);
  n = i<v128>(n, o, e, m, v128.load(block + 288), v128.load(sines + 992), 15); v128.store(apart + 32, n);
  b = i<v128>(b, c, d, a, v128.load(block + 144), v128.load(sines + 1008), 21);
  m = i<v128>(m, n, o, e, v128.load(block + 400), v128.load(sines + 1008), 21); v128.store(apart + 48, m);
  v128.store(state, i32x4.add(a, a0));
  v128.store(state + 16, i32x4.add(b, b0));
  v128.store(state + 32, i32x4.add(c, c0));
  v128.store(state + 48, i32x4.add(d, d0));
  v128.store(state + 64, i32x4.add(e, e0));
  v128.store(state + 80, i32x4.add(m, m0));
  v128.store(state + 96, i32x4.add(n, n0));
  v128.store(state + 112, i32x4.add(o, o0));
}
