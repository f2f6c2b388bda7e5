/** Dates and times as ISO 8601 / RFC 3339 write them, from bytes; the Gregorian calendar, years 0001-9999. */

export const NOT_A_TIME = 0;
export const DATE_ONLY = 1;
/** A time with `Z` or an offset. */
export const ZONED_TIME = 2;
/** A time without zone, taken as UTC. */
export const LOCAL_TIME = 3;

const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const DAY_MS = 86_400_000;

/**
 * Reads `2024-05-01`, `2024-05-01T10:00`, `2024-05-01 10:00:00.123456Z`, `...+02:00`. Writes milliseconds
 * since 1970-01-01T00:00Z to `out[0]` (nanoseconds are cut to microseconds) and says what it was. Dates that
 * do not exist, second 60 and hour 24 are no times.
 */
export function readTime(buf: Uint8Array, start: number, end: number, out: Float64Array): number {
  if (end - start < 10 || buf[start + 4] !== 45 || buf[start + 7] !== 45) return NOT_A_TIME;
  const year = digits(buf, start, 4);
  const month = digits(buf, start + 5, 2);
  const day = digits(buf, start + 8, 2);
  const midnight = midnightOf(year, month, day);
  if (Number.isNaN(midnight)) return NOT_A_TIME;
  if (end - start === 10) {
    out[0] = midnight;
    return DATE_ONLY;
  }
  return readClock(buf, start + 10, end, { midnight, out });
}

/** Milliseconds since 1970 at which a day begins; NaN for one that there is not. */
export function midnightOf(year: number, month: number, day: number): number {
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return Number.NaN;
  return daysSinceEpoch(year, month, day) * DAY_MS;
}

function readClock(
  buf: Uint8Array,
  start: number,
  end: number,
  into: { readonly midnight: number; readonly out: Float64Array },
): number {
  const separator = buf[start]! | 0x20;
  if ((separator !== 0x74 && separator !== 0x20) || end - start < 6 || buf[start + 3] !== 58) return NOT_A_TIME;
  const hour = digits(buf, start + 1, 2);
  const minute = digits(buf, start + 4, 2);
  let p = start + 6;
  let second = 0;
  let fraction = 0;
  if (p < end && buf[p] === 58) {
    second = p + 3 <= end ? digits(buf, p + 1, 2) : -1;
    p += 3;
    if (p < end && (buf[p] === 46 || buf[p] === 44)) {
      const first = ++p;
      let micros = 0;
      let scale = 100_000;
      for (; p < end && buf[p]! >= 48 && buf[p]! <= 57; p++) {
        micros += (buf[p]! - 48) * scale;
        scale = scale >= 10 ? scale / 10 : 0;
      }
      if (p === first || p - first > 9) return NOT_A_TIME;
      fraction = micros / 1000;
    }
  }
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return NOT_A_TIME;
  const offset = readZone(buf, p, end);
  if (offset === INVALID_ZONE) return NOT_A_TIME;
  const local = into.midnight + hour * 3_600_000 + minute * 60_000 + second * 1000;
  into.out[0] = local - (offset === NO_ZONE ? 0 : offset * 60_000) + fraction;
  return offset === NO_ZONE ? LOCAL_TIME : ZONED_TIME;
}

export const NO_ZONE = 100_000;
export const INVALID_ZONE = 100_001;

/** Minutes east of UTC; else one of the two above. */
export function readZone(buf: Uint8Array, start: number, end: number): number {
  if (start === end) return NO_ZONE;
  const sign = buf[start]!;
  const length = end - start;
  if ((sign | 0x20) === 0x7a) return length === 1 ? 0 : INVALID_ZONE;
  if (sign !== 43 && sign !== 45) return INVALID_ZONE;
  const hours = length >= 3 ? digits(buf, start + 1, 2) : -1;
  let minutes = 0;
  if (length === 6 && buf[start + 3] === 58) minutes = digits(buf, start + 4, 2);
  else if (length === 5) minutes = digits(buf, start + 3, 2);
  else if (length !== 3) return INVALID_ZONE;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return INVALID_ZONE;
  return (sign === 45 ? -1 : 1) * (hours * 60 + minutes);
}

function digits(buf: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let i = start; i < start + count; i++) {
    const digit = buf[i]! - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const past = year - 1;
  const leaps = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
  const inYear = DAYS_BEFORE[month - 1]! + (month > 2 && isLeap(year) ? 1 : 0) + day - 1;
  return past * 365 + leaps + inYear - 719_162;
}
