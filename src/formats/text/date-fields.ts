/** What the readers of other writings than ISO 8601 have in common: numbers, names of months, and the time they make. */
import { DATE_ONLY, LOCAL_TIME, midnightOf, NO_ZONE, NOT_A_TIME, ZONED_TIME } from './time-text.ts';

/** What has been read of one text; `at` is the byte that comes next. */
export type DateFields = {
  at: number;
  year: number;
  month: number;
  day: number;
  /** Whether a time of day was read. */
  timed: boolean;
  hour: number;
  minute: number;
  second: number;
  /** Microseconds. */
  fraction: number;
  /** Whether the hour is of the second half of the day; null for one of 24. */
  afternoon: boolean | null;
  /** Minutes east of UTC, or `NO_ZONE`. */
  offset: number;
};

export const dateFields = (): DateFields => ({
  at: 0,
  year: 0,
  month: 1,
  day: 1,
  timed: false,
  hour: 0,
  minute: 0,
  second: 0,
  fraction: 0,
  afternoon: null,
  offset: NO_ZONE,
});

export function clearFields(fields: DateFields, at: number): void {
  fields.at = at;
  fields.year = 0;
  fields.month = 1;
  fields.day = 1;
  fields.timed = false;
  fields.hour = 0;
  fields.minute = 0;
  fields.second = 0;
  fields.fraction = 0;
  fields.afternoon = null;
  fields.offset = NO_ZONE;
}

/** Writes milliseconds since 1970 to `out[0]` and says what it is, as `readTime` does. */
export function timeOf(fields: DateFields, out: Float64Array): number {
  const { hour, minute, second, afternoon, offset } = fields;
  const midnight = midnightOf(fields.year, fields.month, fields.day);
  if (Number.isNaN(midnight)) return NOT_A_TIME;
  if (!fields.timed) {
    out[0] = midnight;
    return offset === NO_ZONE && afternoon === null ? DATE_ONLY : NOT_A_TIME;
  }
  if (minute > 59 || second > 59 || (afternoon === null ? hour > 23 : hour < 1 || hour > 12)) return NOT_A_TIME;
  const ofDay = afternoon === null ? hour : (hour % 12) + (afternoon ? 12 : 0);
  const minutes = ofDay * 60 + minute - (offset === NO_ZONE ? 0 : offset);
  out[0] = midnight + minutes * 60_000 + second * 1000 + fields.fraction / 1000;
  return offset === NO_ZONE ? LOCAL_TIME : ZONED_TIME;
}

/** The number of up to `most` digits that comes next, or -1; `least` as many there have to be. */
export function readDigits(
  buf: Uint8Array,
  end: number,
  fields: DateFields,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  let p = fields.at;
  let value = 0;
  for (const stop = Math.min(end, p + most); p < stop && isDigit(buf[p]!); p++) value = value * 10 + buf[p]! - 48;
  if (p - fields.at < least) return -1;
  fields.at = p;
  return value;
}

/** Digits behind the sign of decimals; microseconds, of nanoseconds those. False where there are none, or more than nine. */
export function readFraction(buf: Uint8Array, end: number, fields: DateFields): boolean {
  const first = fields.at;
  let micros = 0;
  for (let scale = 100_000; fields.at < end && isDigit(buf[fields.at]!); fields.at++) {
    micros += (buf[fields.at]! - 48) * scale;
    scale = scale >= 10 ? scale / 10 : 0;
  }
  fields.fraction = micros;
  return fields.at > first && fields.at - first <= 9;
}

/** Years of two digits are those from 1969 to 2068, as POSIX, pandas and DuckDB take them. */
export const fullYear = (year: number): number => (year < 69 ? 2000 : 1900) + year;

const NAMES = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
];
export const MONTHS: readonly Uint8Array[] = NAMES.map((name) => new Uint8Array(Buffer.from(name)));
export const WEEKDAYS: readonly Uint8Array[] = [
  ...['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
].map((name) => new Uint8Array(Buffer.from(name)));

/** The English name that comes next, whole or by its first three letters: its place from 1, or 0. */
export function readName(names: readonly Uint8Array[], buf: Uint8Array, end: number, fields: DateFields): number {
  const letters = lettersFrom(buf, fields.at, end);
  const place = names.findIndex(
    (name) => (letters === 3 || letters === name.length) && begins(name, letters, buf, fields.at),
  );
  if (place >= 0) fields.at += letters;
  return place + 1;
}

/** `am` or `PM`: whether it is afternoon; null, with nothing read, for anything else. */
export function readHalf(buf: Uint8Array, end: number, fields: DateFields): boolean | null {
  const { at } = fields;
  if (lettersFrom(buf, at, end) !== 2 || (buf[at + 1]! | 32) !== 109) return null;
  const first = buf[at]! | 32;
  if (first !== 97 && first !== 112) return null;
  fields.at += 2;
  return first === 112;
}

export function skipBlanks(buf: Uint8Array, end: number, fields: DateFields): boolean {
  const first = fields.at;
  while (fields.at < end && (buf[fields.at] === 32 || buf[fields.at] === 9)) fields.at++;
  return fields.at > first;
}

export const isDigit = (b: number): boolean => b >= 48 && b <= 57;

function lettersFrom(buf: Uint8Array, at: number, end: number): number {
  let p = at;
  while (p < end && (buf[p]! | 32) >= 97 && (buf[p]! | 32) <= 122) p++;
  return p - at;
}

function begins(name: Uint8Array, letters: number, buf: Uint8Array, at: number): boolean {
  for (let i = 0; i < letters; i++) if ((buf[at + i]! | 32) !== name[i]) return false;
  return true;
}
