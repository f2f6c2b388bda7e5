/**
 * Numbers that are written with other signs than a point before decimals: `1.829,02`, `1'829.02`, `1 829,02`. A cell is
 * written anew, with a point and without the signs between thousands, and is then read as any other.
 */
import { NOT_A_NUMBER, numberKind } from './decimal.ts';

/** Plain data. */
export type NumberMarks = {
  /** The byte before decimals. */
  readonly decimal: number;
  /** The bytes of the sign between groups of three digits; none where there is no such sign. */
  readonly thousands: Uint8Array;
};

const ZERO = 48;
const NINE = 57;
const MINUS = 45;
const DOT = 46;
const GROUP = 3;
/** A number of more bytes is none: the largest double has 309 digits. */
const LONGEST = 512;

const scratch = Buffer.alloc(LONGEST);

/** The number in `[start, end)` in the plain writing; null where it is none in the writing of `marks`. */
export function plainWriting(buf: Uint8Array, start: number, end: number, marks: NumberMarks): Buffer | null {
  if (end - start > LONGEST) return null;
  let p = start;
  let length = 0;
  if (p < end && buf[p] === MINUS) scratch[length++] = buf[p++]!;
  let digits = 0;
  let groups = 0;
  for (; p < end && buf[p] !== marks.decimal && (buf[p]! | 32) !== 101; ) {
    if (isDigit(buf[p]!)) {
      digits++;
      scratch[length++] = buf[p++]!;
      continue;
    }
    // Groups of any length would make a number of an address, or of a date.
    if (!startsWith(buf, p, end, marks.thousands) || !isGroup(digits, groups)) return null;
    p += marks.thousands.length;
    digits = 0;
    groups++;
  }
  if (groups > 0 && digits !== GROUP) return null;
  if (p < end && buf[p] === marks.decimal) {
    scratch[length++] = DOT;
    p++;
  }
  for (; p < end; p++) {
    // A second sign before decimals would else be read as one.
    if (buf[p] === DOT) return null;
    scratch[length++] = buf[p]!;
  }
  return scratch.subarray(0, length);
}

/** `numberKind` of `decimal.ts`, of numbers in such a writing. */
export function markedNumberKind(buf: Uint8Array, start: number, end: number, marks: NumberMarks): number {
  const plain = plainWriting(buf, start, end, marks);
  return plain === null ? NOT_A_NUMBER : numberKind(plain, 0, plain.length);
}

const isDigit = (b: number): boolean => b >= ZERO && b <= NINE;

/** Whether a sign may stand behind so many digits: three of them, or up to three at the beginning. */
const isGroup = (digits: number, groups: number): boolean =>
  groups === 0 ? digits >= 1 && digits <= GROUP : digits === GROUP;

function startsWith(buf: Uint8Array, p: number, end: number, sign: Uint8Array): boolean {
  if (sign.length === 0 || p + sign.length > end) return false;
  for (let i = 0; i < sign.length; i++) if (buf[p + i] !== sign[i]) return false;
  return true;
}
