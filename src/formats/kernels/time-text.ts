/** The twin of `time-text.ts` in `text`, for the usual spellings. */

const DATE = 32;
const ZONED_TIME = 64;
const LOCAL_TIME = 128;

/** The point in time that `time` read last, in milliseconds since 1970. */
export let instant: f64 = 0;

/**
 * Reads the text in `[s, e)` as a point in time: a date, or a time to the second with at most 9 digits behind it, `Z`,
 * `+hh:mm`, or without zone. Returns its evidence bit (see `types.ts` of `csv`), or 0 for what is none of these.
 */
export function time(s: i32, e: i32): i32 {
  const length = e - s;
  if (length != 10 && length < 19) return 0;
  if ((load<u64>(s) != dateHead || load<u16>(s + 8) != dateTail) && !date(s)) return 0;
  if (length == 10) {
    instant = midnight;
    return DATE;
  }
  const separator = load<u8>(s + 10) | 0x20;
  if ((separator != 0x74 && separator != 0x20) || load<u8>(s + 13) != 58 || load<u8>(s + 16) != 58) return 0;
  const hour = two(s + 11);
  const minute = two(s + 14);
  const second = two(s + 17);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return 0;
  let p = s + 19;
  let fraction: f64 = 0;
  if (p < e && load<u8>(p) == 46) {
    const first = ++p;
    let micros = 0;
    let scale = 100000;
    for (; p < e; p++) {
      const digit = <i32>load<u8>(p) - 48;
      if (digit < 0 || digit > 9) break;
      micros += digit * scale;
      scale = scale >= 10 ? scale / 10 : 0;
    }
    if (p == first || p - first > 9) return 0;
    fraction = <f64>micros / 1000;
  }
  const local = midnight + <f64>hour * 3600000 + <f64>minute * 60000 + <f64>second * 1000;
  if (p == e) {
    instant = local + fraction;
    return LOCAL_TIME;
  }
  const sign = load<u8>(p);
  let offset = 0;
  if (sign == 90 && e - p == 1) offset = 0;
  else if ((sign == 43 || sign == 45) && e - p == 6 && load<u8>(p + 3) == 58) {
    const hours = two(p + 1);
    const minutes = two(p + 4);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return 0;
    offset = hours * 60 + minutes;
    if (sign == 45) offset = -offset;
  } else return 0;
  instant = local - <f64>(offset * 60000) + fraction;
  return ZONED_TIME;
}

/** The ten bytes of the date that was read last, 1970-01-01 at first, and when it begins: a log's rows have the same day mostly. */
let dateHead: u64 = 0x2d31302d30373931;
let dateTail: u16 = 0x3130;
let midnight: f64 = 0;

/** Reads the ten bytes at `s` as a date; false where they are none. */
function date(s: i32): bool {
  if (load<u8>(s + 4) != 45 || load<u8>(s + 7) != 45) return false;
  const century = two(s);
  const years = two(s + 2);
  const month = two(s + 5);
  const day = two(s + 8);
  if (century < 0 || years < 0 || month < 1 || month > 12 || day < 1) return false;
  const year = century * 100 + years;
  if (year < 1 || day > daysIn(year, month)) return false;
  midnight = <f64>daysSinceEpoch(year, month, day) * 86400000;
  dateHead = load<u64>(s);
  dateTail = load<u16>(s + 8);
  return true;
}

/** Two digits as a number, or less than 0. */
function two(p: i32): i32 {
  const tens = <u32>load<u8>(p) - 48;
  const ones = <u32>load<u8>(p + 1) - 48;
  return tens > 9 || ones > 9 ? -1 : <i32>(tens * 10 + ones);
}

function isLeap(year: i32): bool {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

function daysIn(year: i32, month: i32): i32 {
  if (month == 2) return isLeap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar, counted in years that begin in March. */
function daysSinceEpoch(year: i32, month: i32, day: i32): i32 {
  const y = month <= 2 ? year - 1 : year;
  const m = month <= 2 ? month + 9 : month - 3;
  return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}
