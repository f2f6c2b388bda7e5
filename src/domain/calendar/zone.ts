/** The calendar of an IANA zone. Pure: instants are milliseconds since 1970, and the rules of zones are the runtime's. */

export type LocalDate = { readonly year: number; readonly month: number; readonly day: number };

export type LocalTime = LocalDate & {
  readonly hour: number;
  readonly minute: number;
  /** 0 is Sunday. */
  readonly weekday: number;
};

const DAY = 86_400_000;
const MINUTE = 60_000;

/** One formatter a zone: making one takes longer than a thousand uses. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  const options = { hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' } as const;
  const made = new Intl.DateTimeFormat('en-US', { ...options, timeZone: zone, hour: 'numeric', minute: 'numeric' });
  formatters.set(zone, made);
  return made;
}

/** Whether the runtime knows the zone. Bare offsets are no zones: they would ignore the summer for ever. */
export function isZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

/** What calendar and clock say in the zone. */
export function localTime(time: number, zone: string): LocalTime {
  const parts = new Map(
    formatterOf(zone)
      .formatToParts(time)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const read = (part: Intl.DateTimeFormatPartTypes): number => parts.get(part) ?? 0;
  const date = { year: read('year'), month: read('month'), day: read('day') };
  return { ...date, hour: read('hour'), minute: read('minute'), weekday: weekdayOf(date) };
}

export const weekdayOf = ({ year, month, day }: LocalDate): number =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay();

/** The date so many days later, or earlier. */
export function addDays({ year, month, day }: LocalDate, days: number): LocalDate {
  const date = new Date(Date.UTC(year, month - 1, day + days));
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** Milliseconds by which the zone's clock is ahead of UTC. */
export function offsetAt(time: number, zone: string): number {
  const { year, month, day, hour, minute } = localTime(time, zone);
  return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(time / MINUTE) * MINUTE;
}

/**
 * The instant at which the zone's clock shows this minute. Where it does so twice (the clock goes back) it is the first
 * time; where it never does (the clock goes forward) it is as long after the gap as the minute lies within it.
 */
export function instantOf(date: LocalDate, minuteOfDay: number, zone: string): number {
  const shown = Date.UTC(date.year, date.month - 1, date.day) + minuteOfDay * MINUTE;
  const before = offsetAt(shown - DAY, zone);
  const after = offsetAt(shown + DAY, zone);
  const early = shown - before;
  if (offsetAt(early, zone) === before) return early;
  const late = shown - after;
  return offsetAt(late, zone) === after ? late : early;
}

/** The instants at which the zone's clock shows these minutes of a date. */
export function instantsOf(date: LocalDate, minutes: readonly number[], zone: string): number[] {
  const midnight = Date.UTC(date.year, date.month - 1, date.day);
  const offset = offsetAt(midnight - DAY, zone);
  // A schedule of every minute has 1440 of them a day: on all but two days of a year one look is enough.
  const steady = offset === offsetAt(midnight + 2 * DAY, zone);
  return minutes.map((minute) => (steady ? midnight + minute * MINUTE - offset : instantOf(date, minute, zone)));
}

/** The beginning of the zone's day, or month, that an instant lies in, and of the next one. */
export function periodOf(time: number, unit: 'day' | 'month', zone: string): { from: number; to: number } {
  const today = localTime(time, zone);
  const first = unit === 'day' ? today : { ...today, day: 1 };
  const next =
    unit === 'day'
      ? addDays(today, 1)
      : { year: today.year + Math.floor(today.month / 12), month: (today.month % 12) + 1, day: 1 };
  return { from: instantOf(first, 0, zone), to: instantOf(next, 0, zone) };
}
