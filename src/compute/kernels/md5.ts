import { take, takeTwo } from './md5-steps.ts';

/**
 * MD5 (RFC 1321) of several streams at once, each in a lane of vectors: one stream leaves most of a processor idle, since
 * every step of it waits for the one before.
 */

/** What there is room for of each of eight lanes. */
const LANE_BYTES: usize = 32 * 1024;

/** The bytes of the lanes one after the other, and the four words of the state of each, as they are given and left. */
export const bytes: usize = memory.data(262144, 16);
export const states: usize = memory.data(128, 16);

/**
 * The first words of a block of each of four lanes side by side, then their second ones, and the states turned
 * likewise; then the same of the other four.
 */
const words: usize = memory.data(512, 16);
const turned: usize = memory.data(128, 16);

/** Takes `count` blocks of 64 bytes of each of the first four lanes into its state, from their block `first` on. */
export function update4(first: i32, count: i32): void {
  turnFour(turned, states, 16);
  for (let n = 0, at = bytes + 64 * first; n < count; n++, at += 64) {
    turnBlocks(words, at);
    take<v128>(turned, words);
  }
  turnFour(states, turned, 16);
}

/** The same of all eight. */
export function update8(first: i32, count: i32): void {
  turnFour(turned, states, 16);
  turnFour(turned + 64, states + 64, 16);
  for (let n = 0, at = bytes + 64 * first; n < count; n++, at += 64) {
    turnBlocks(words, at);
    turnBlocks(words + 256, at + 4 * LANE_BYTES);
    takeTwo(turned, words);
  }
  turnFour(states, turned, 16);
  turnFour(states + 64, turned + 64, 16);
}

/** A block of each of four lanes. */
function turnBlocks(to: usize, from: usize): void {
  for (let word: usize = 0; word < 64; word += 16) turnFour(to + word * 4, from + word, LANE_BYTES);
}

/** Four words of each of four lanes, which lie so many bytes apart. */
function turnFour(to: usize, from: usize, apart: usize): void {
  turn(to, v128.load(from), v128.load(from + apart), v128.load(from + 2 * apart), v128.load(from + 3 * apart));
}

/** The same of the first lane alone: a stream that has no other beside it would wait for three empty ones. */
export function update1(first: i32, count: i32): void {
  for (let n = 0, at = bytes + 64 * first; n < count; n++, at += 64) take<u32>(states, at);
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
