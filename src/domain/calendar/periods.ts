import { offsetAt as zoneOffset } from './zone.ts';

/**
 * The calendar of a time zone cut into hours, days, weeks or months. A day lasts from the first instant that bears
 * its date to the first that bears a later one, so it has 23 or 25 hours where the clocks are changed; an hour
 * ends where the clock is changed. Times are milliseconds since 1970; the zones are those of the IANA database as
 * the runtime knows them.
 */
export type Calendar = {
  readonly period: 'hour' | 'day' | 'week' | 'month';
  readonly zone: string;
  /** The day that weeks begin with. */
  readonly week_start: (typeof WEEKDAYS)[number];
};

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
/** 1970 began on this day of the week. */
const FIRST_WEEKDAY = 4;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * Every boundary lies on a quarter hour of UTC, as those of all zones have since 1972. Older local mean times, and
 * clocks changed a minute past the hour, are taken to the nearest one.
 */
export const QUARTER_SECONDS = 900;
const QUARTER = QUARTER_SECONDS * 1000;

/** Local time less UTC. */
function offsetAt(time: number, zone: string): number {
  return Math.round(zoneOffset(Math.floor(time / QUARTER) * QUARTER, zone) / QUARTER) * QUARTER;
}

/** The first quarter hour in `(from, to]` whose offset is not that of `from`; the offset changes once between them. */
function changeBetween(from: number, to: number, zone: string): number {
  const offset = offsetAt(from, zone);
  let before = Math.floor(from / QUARTER);
  let after = Math.floor(to / QUARTER);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle * QUARTER, zone) === offset) before = middle;
    else after = middle;
  }
  return after * QUARTER;
}

/** The first instant whose local time is `local` or later: `local` itself may never be, or be twice. */
function firstInstant(local: number, zone: string): number {
  const before = offsetAt(local - DAY, zone);
  const unchanged = local - before;
  if (offsetAt(unchanged, zone) === before) return unchanged;
  const change = changeBetween(local - DAY, unchanged, zone);
  const after = offsetAt(change, zone);
  return change + after >= local ? change : local - after;
}

/** The point in time so many days later that shows the same time of the day, or the first one after it. */
export function shiftedDays(time: number, days: number, zone: string): number {
  return firstInstant(time + offsetAt(time, zone) + days * DAY, zone);
}

/** Local midnight at which the period of this local day begins. */
function firstDay(day: number, { period, week_start }: Calendar): number {
  if (period === 'month') {
    const date = new Date(day);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  }
  if (period !== 'week') return day;
  const weekday = (((day / DAY + FIRST_WEEKDAY) % 7) + 7) % 7;
  return day - ((weekday - WEEKDAYS.indexOf(week_start) + 7) % 7) * DAY;
}

function followingDay(day: number, { period }: Calendar): number {
  if (period === 'week') return day + 7 * DAY;
  if (period === 'day') return day + DAY;
  const date = new Date(day);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

type Bounds = { readonly start: number; readonly end: number };

function hourAround(time: number, zone: string): Bounds {
  const offset = offsetAt(time, zone);
  const first = Math.floor((time + offset) / HOUR) * HOUR - offset;
  const last = first + HOUR;
  return {
    start: offsetAt(first, zone) === offset ? first : changeBetween(first, time, zone),
    end: offsetAt(last - QUARTER, zone) === offset ? last : changeBetween(time, last - QUARTER, zone),
  };
}

/** The period that a point in time lies in, `[start, end)`. */
export function periodAround(time: number, calendar: Calendar): Bounds {
  const { zone } = calendar;
  if (calendar.period === 'hour') return hourAround(time, zone);
  let day = firstDay(Math.floor((time + offsetAt(time, zone)) / DAY) * DAY, calendar);
  let following = followingDay(day, calendar);
  // Where clocks are put back over midnight, the old date is borne once more, though the next day has begun.
  while (firstInstant(following, zone) <= time) {
    day = following;
    following = followingDay(day, calendar);
  }
  return { start: firstInstant(day, zone), end: firstInstant(following, zone) };
}
