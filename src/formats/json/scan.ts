/**
 * Strict JSON tokens in bytes (RFC 8259), without recursion. A function that looks for the end of a value
 * returns the position behind it, or -1 when the bytes are no such value. The byte behind the last one must
 * be a line end or absent, so that no loop runs on.
 */

import { BIG_INTEGER, decimalValue, INTEGER, numberKind } from '../text/decimal.ts';
import { CELL } from './cells.ts';

/** Deeper nesting is refused. */
export const MAX_DEPTH = 64;

const QUOTE = 34;
const BACKSLASH = 92;

/** Bytes that may stand in a text as they are: not a quote, backslash or control character. */
export const PLAIN = Uint8Array.from({ length: 256 }, (_, b) => (b >= 32 && b !== 34 && b !== 92 ? 1 : 0));

/** Behind a string that begins with the quote at `p`; escapes are stepped over, not checked. */
export function stringEnd(buf: Uint8Array, p: number): number {
  let q = p + 1;
  for (;;) {
    const b = buf[q];
    if (b === QUOTE) return q + 1;
    if (b === undefined || b < 32) return -1;
    if (b !== BACKSLASH) {
      q++;
      continue;
    }
    if (buf[q + 1] === undefined || buf[q + 1]! < 32) return -1;
    q += 2;
  }
}

/** Behind a number that begins at `p`. */
export function numberEnd(buf: Uint8Array, p: number): number {
  let q = buf[p] === 45 ? p + 1 : p;
  let b = buf[q];
  if (b === 48) q++;
  else {
    q = digitsEnd(buf, q);
    if (q < 0) return -1;
  }
  b = buf[q];
  if (b === 46) {
    q = digitsEnd(buf, q + 1);
    if (q < 0) return -1;
    b = buf[q];
  }
  if (b === 101 || b === 69) {
    const sign = buf[q + 1];
    q = digitsEnd(buf, sign === 43 || sign === 45 ? q + 2 : q + 1);
  }
  return q;
}

function digitsEnd(buf: Uint8Array, p: number): number {
  let q = p;
  for (let b = buf[q]; b !== undefined && b >= 48 && b <= 57; b = buf[q]) q++;
  return q === p ? -1 : q;
}

/** The cell kind of a number in `[start, end)`, or -1 when it is beyond the largest double. */
export function numberCell(buf: Uint8Array, start: number, end: number): number {
  let decimal = false;
  let exponent = false;
  for (let i = start; i < end; i++) {
    const b = buf[i]!;
    if (b === 46) decimal = true;
    else if ((b | 32) === 101) exponent = true;
  }
  if (decimal || exponent) {
    if ((exponent || end - start > 300) && !Number.isFinite(decimalValue(buf, start, end))) return -1;
    return CELL.decimal;
  }
  if (end - start <= 15) return CELL.integer;
  const kind = numberKind(buf, start, end);
  if (kind === INTEGER) return CELL.integer;
  if (kind === BIG_INTEGER) return CELL.bigInteger;
  return end - start > 300 && !Number.isFinite(decimalValue(buf, start, end)) ? -1 : CELL.hugeInteger;
}

/** Behind `true`, `false` or `null` at `p`. */
export function literalEnd(buf: Uint8Array, p: number): number {
  if (buf[p] === 116) return buf[p + 1] === 114 && buf[p + 2] === 117 && buf[p + 3] === 101 ? p + 4 : -1;
  if (buf[p] === 110) return buf[p + 1] === 117 && buf[p + 2] === 108 && buf[p + 3] === 108 ? p + 4 : -1;
  const rest = buf[p + 1] === 97 && buf[p + 2] === 108 && buf[p + 3] === 115 && buf[p + 4] === 101;
  return buf[p] === 102 && rest ? p + 5 : -1;
}

/** Behind a list of nothing but numbers that can be kept, and nulls, at `p`; at least one. */
export function numberListEnd(buf: Uint8Array, p: number, end: number): number {
  if (buf[p] !== 91) return -1;
  let q = skipSpace(buf, p + 1, end);
  for (;;) {
    const b = buf[q];
    const from = q;
    if (q >= end || b === undefined) return -1;
    if (b === 45 || (b >= 48 && b <= 57)) {
      q = numberEnd(buf, from);
      if (q < 0 || q > end || numberCell(buf, from, q) < 0) return -1;
    } else {
      q = b === 110 ? literalEnd(buf, from) : -1;
      if (q < 0 || q > end) return -1;
    }
    q = skipSpace(buf, q, end);
    if (q < end && buf[q] === 93) return q + 1;
    if (q >= end || buf[q] !== 44) return -1;
    q = skipSpace(buf, q + 1, end);
  }
}

/** How many values a list has that `numberListEnd` found. */
export function numberListLength(buf: Uint8Array, start: number, end: number): number {
  let length = 1;
  for (let i = start; i < end; i++) if (buf[i] === 44) length++;
  return length;
}

/** Writes the values of such a list from slot `at` on; NaN for null. */
export function readNumberList(buf: Uint8Array, start: number, values: Float64Array, at: number): void {
  // A list that was found ends with its bracket.
  for (let q = start + 1, slot = at; ; slot++) {
    q = skipSpace(buf, q, buf.length);
    const from = q;
    const isNull = buf[from] === 110;
    q = isNull ? from + 4 : numberEnd(buf, from);
    values[slot] = isNull ? Number.NaN : decimalValue(buf, from, q);
    q = skipSpace(buf, q, buf.length);
    if (buf[q] !== 44) return;
    q++;
  }
}

/** The first position from `p` on that is no JSON white space. */
export function skipSpace(buf: Uint8Array, p: number, end: number): number {
  let q = p;
  while (q < end && (buf[q] === 32 || buf[q] === 10 || buf[q] === 13 || buf[q] === 9)) q++;
  return q;
}

/** What is wrong with the escapes of the text in `[start, end)`, or `null`. */
export function escapeProblem(buf: Uint8Array, start: number, end: number): string | null {
  for (let i = start; i < end; i++) {
    if (buf[i] !== BACKSLASH) continue;
    const escaped = buf[++i]!;
    if (escaped !== 117) {
      if (!SIMPLE_ESCAPES.includes(escaped)) return 'has an escape that JSON does not know';
      continue;
    }
    const unit = hexUnit(buf, i + 1, end);
    if (unit < 0) return 'has a \\u escape without four hexadecimal digits';
    if (unit === 0) return 'holds \\u0000, which cannot be stored';
    i += 4;
    if (unit < 0xd800 || unit > 0xdfff) continue;
    const low = buf[i + 1] === BACKSLASH && buf[i + 2] === 117 ? hexUnit(buf, i + 3, end) : -1;
    if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff) return 'holds half of a surrogate pair';
    i += 6;
  }
  return null;
}

const SIMPLE_ESCAPES = Buffer.from('"\\/bfnrt');

function hexUnit(buf: Uint8Array, start: number, end: number): number {
  if (start + 4 > end) return -1;
  let unit = 0;
  for (let i = start; i < start + 4; i++) {
    const b = buf[i]! | 32;
    const digit = b >= 48 && b <= 57 ? b - 48 : b >= 97 && b <= 102 ? b - 87 : -1;
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

/**
 * Behind the value at `p`, judged by brackets and quotes alone; -1 when they do not balance before `end`.
 * This is how the rest of a list is saved when one of its records is refused.
 */
export function balancedEnd(buf: Uint8Array, p: number, end: number): number {
  let depth = 0;
  for (let q = p; q < end; q++) {
    const b = buf[q]!;
    if (b === QUOTE) {
      q = stringEnd(buf, q) - 1;
      if (q < 0) return -1;
    } else if (b === 123 || b === 91) depth++;
    else if (b === 125 || b === 93) {
      if (depth === 0) return q;
      depth--;
      if (depth === 0) return q + 1;
    } else if (b === 44 && depth === 0) return q;
  }
  return -1;
}
