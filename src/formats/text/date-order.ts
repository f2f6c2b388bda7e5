/** Dates of which it is known which of their numbers is the day: `31/12/2024`, `12.31.24 11:59 PM`, `2024/12/31`. */
import {
  clearFields,
  dateFields,
  fullYear,
  isDigit,
  MONTHS,
  readDigits,
  readFraction,
  readHalf,
  readName,
  skipBlanks,
  timeOf,
} from './date-fields.ts';
import { INVALID_ZONE, NOT_A_TIME, readZone } from './time-text.ts';

export const DATE_ORDERS = ['day-first', 'month-first', 'year-first'] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];

const SLASH = 47;
const DASH = 45;
const DOT = 46;
const COMMA = 44;
const COLON = 58;
const ONE_OR_TWO = { least: 1, most: 2 };
const TWO = { least: 2, most: 2 };
const FOUR = { least: 4, most: 4 };
const fields = dateFields();

/**
 * Reads a date in that order, with one sign of `/`, `.`, `-` and the blank between its numbers; of a month by its English
 * name, `31-Dec-2024`, `31DEC2024`, `Dec 31, 2024`, the order says nothing. A time of day may follow, with AM or PM and a zone.
 * As `readTime`, which see for `out` and what is answered.
 */
export function readOrdered(order: DateOrder, buf: Uint8Array, start: number, end: number, out: Float64Array): number {
  clearFields(fields, start);
  const dated = order === 'year-first' ? readYearFirst(buf, end) : readYearLast(order, buf, end);
  if (!dated || !readClock(buf, end)) return NOT_A_TIME;
  return fields.at === end ? timeOf(fields, out) : NOT_A_TIME;
}

function readYearFirst(buf: Uint8Array, end: number): boolean {
  fields.year = readDigits(buf, end, fields, FOUR);
  const sign = readSign(buf, end);
  fields.month = readDigits(buf, end, fields, ONE_OR_TWO);
  const again = readSign(buf, end);
  fields.day = readDigits(buf, end, fields, ONE_OR_TWO);
  return sign !== 0 && again === sign && fields.year > 0 && fields.month > 0 && fields.day > 0;
}

function readYearLast(order: DateOrder, buf: Uint8Array, end: number): boolean {
  const named = readName(MONTHS, buf, end, fields);
  if (named > 0) return readNamed(named, buf, end);
  const first = readDigits(buf, end, fields, ONE_OR_TWO);
  const sign = readSign(buf, end);
  const month = readName(MONTHS, buf, end, fields);
  const second = month > 0 ? month : readDigits(buf, end, fields, ONE_OR_TWO);
  if (first < 0 || second < 0 || readSign(buf, end) !== sign || (sign === 0 && month === 0)) return false;
  const dayFirst = month > 0 || order === 'day-first';
  fields.day = dayFirst ? first : second;
  fields.month = dayFirst ? second : first;
  return readYear(buf, end);
}

/** What follows the name of a month: the day, and the year. */
function readNamed(month: number, buf: Uint8Array, end: number): boolean {
  fields.month = month;
  if (buf[fields.at] === DOT) fields.at++;
  if (readSign(buf, end) === 0) return false;
  fields.day = readDigits(buf, end, fields, ONE_OR_TWO);
  if (buf[fields.at] === COMMA) fields.at++;
  return fields.day > 0 && readSign(buf, end) !== 0 && readYear(buf, end);
}

/** Of four digits or two; of any other number it is none. */
function readYear(buf: Uint8Array, end: number): boolean {
  const { at } = fields;
  fields.year = readDigits(buf, end, fields, FOUR);
  if (fields.year < 0) {
    const year = readDigits(buf, end, fields, TWO);
    fields.year = year < 0 ? year : fullYear(year);
  }
  return fields.year > 0 && at < end && (fields.at === end || !isDigit(buf[fields.at]!));
}

/** The sign between two numbers, or 0 where there is none. */
function readSign(buf: Uint8Array, end: number): number {
  if (fields.at >= end) return 0;
  const sign = buf[fields.at]!;
  if (sign === SLASH || sign === DASH || sign === DOT) fields.at++;
  else return skipBlanks(buf, end, fields) ? 32 : 0;
  return sign;
}

/** Nothing, or blanks, a `T`, a comma or, as logs of servers have it, a colon, and a time of day. */
function readClock(buf: Uint8Array, end: number): boolean {
  if (fields.at === end) return true;
  const sign = buf[fields.at]!;
  if (sign === COMMA || sign === COLON || (sign | 32) === 116) fields.at++;
  skipBlanks(buf, end, fields);
  fields.timed = true;
  fields.hour = readDigits(buf, end, fields, ONE_OR_TWO);
  if (fields.hour < 0) return false;
  const minutes = readPart(buf, end);
  const seconds = minutes === null ? null : readPart(buf, end);
  fields.minute = minutes ?? 0;
  fields.second = seconds ?? 0;
  if (seconds !== null && (buf[fields.at] === DOT || buf[fields.at] === COMMA) && fields.at < end) {
    fields.at++;
    if (!readFraction(buf, end, fields)) return false;
  }
  skipBlanks(buf, end, fields);
  fields.afternoon = readHalf(buf, end, fields);
  // An hour alone is one where it says which half of the day it is of.
  if (minutes === null && fields.afternoon === null) return false;
  skipBlanks(buf, end, fields);
  return readOffset(buf, end);
}

/** Minutes or seconds behind a colon; null where there are none. */
function readPart(buf: Uint8Array, end: number): number | null {
  if (fields.at >= end || buf[fields.at] !== COLON) return null;
  fields.at++;
  const part = readDigits(buf, end, fields, TWO);
  return part < 0 ? Number.POSITIVE_INFINITY : part;
}

function readOffset(buf: Uint8Array, end: number): boolean {
  fields.offset = readZone(buf, fields.at, end);
  fields.at = end;
  return fields.offset !== INVALID_ZONE;
}
