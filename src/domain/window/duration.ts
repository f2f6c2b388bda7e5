import type { ErrorIssue } from '../../errors.ts';

/** Durations of fixed length in ISO 8601's notation. Years and months have none, so they are refused. */

const NOTATION = /^P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const CALENDAR = /^P[\dWD]*\d+[YM]/;
const UNITS = [604_800, 86_400, 3600, 60, 1] as const;

export type ParsedDuration = { readonly seconds: number } | { readonly problem: string };

/** Whole seconds from `P1D`, `PT90M`, … or from a number of seconds. */
export function parseDuration(given: string | number): ParsedDuration {
  if (typeof given === 'number') {
    return Number.isSafeInteger(given) ? { seconds: given } : { problem: 'must be a whole number of seconds' };
  }
  const parts = NOTATION.exec(given);
  if (parts === null) {
    return CALENDAR.test(given)
      ? { problem: 'years and months differ in length; give days, such as "P30D" or "P365D"' }
      : { problem: 'must be an ISO 8601 duration such as "P1D" or "PT1H", or a number of seconds' };
  }
  const seconds = UNITS.reduce((sum, unit, i) => sum + unit * Number(parts[i + 1] ?? 0), 0);
  return Number.isSafeInteger(seconds) ? { seconds } : { problem: 'is too long' };
}

const YEAR = 366 * 86_400;

export type DurationRule = { readonly pointer: string; readonly least: number };

/** Whole seconds between `least` and a year; null when they are not, and then that is added to the issues. */
export function durationWithin(given: string | number, rule: DurationRule, issues: ErrorIssue[]): number | null {
  const { pointer, least } = rule;
  const parsed = parseDuration(given);
  if ('problem' in parsed) issues.push({ code: 'invalid-duration', pointer, detail: parsed.problem });
  else if (parsed.seconds < least || parsed.seconds > YEAR) {
    const detail = `must lie between ${least} seconds and 366 days, not be ${parsed.seconds} seconds`;
    issues.push({ code: 'out-of-range', pointer, detail });
  } else return parsed.seconds;
  return null;
}

/** The shortest notation in days, hours, minutes and seconds: 86,400 is `P1D`. */
export function formatDuration(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = seconds % 60;
  const time = `${part(hours, 'H')}${part(minutes, 'M')}${part(rest, 'S')}`;
  if (seconds === 0) return 'PT0S';
  return `P${part(days, 'D')}${time === '' ? '' : `T${time}`}`;
}

const part = (count: number, unit: string): string => (count === 0 ? '' : `${count}${unit}`);

const WORDS = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const;

/** A length of time as people say it: `1 hour 30 minutes`. */
export function durationInWords(seconds: number): string {
  let left = seconds;
  const parts = WORDS.flatMap(([size, name]) => {
    const count = Math.floor(left / size);
    left %= size;
    return count === 0 ? [] : [`${count} ${name}${count === 1 ? '' : 's'}`];
  });
  return parts.length === 0 ? '0 seconds' : parts.join(' ');
}
