import { addDays, instantsOf, type LocalDate, localTime, weekdayOf } from './zone.ts';

/**
 * Five fields of cron (POSIX crontab, with the steps and names of Vixie's) in an IANA zone. Pure. A time that the clock
 * leaves out when it goes forward comes as long after the gap; one that it shows twice comes once.
 */
export type Cron = {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>;
  /** Where both the day of the month and the weekday are given, either is enough. */
  readonly eitherDay: boolean;
};

type Field = {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const FIELDS = [
  { name: 'minute', least: 0, most: 59 },
  { name: 'hour', least: 0, most: 23 },
  { name: 'day of the month', least: 1, most: 31 },
  { name: 'month', least: 1, most: 12, names: MONTHS },
  { name: 'weekday', least: 0, most: 7, names: WEEKDAYS },
] as const satisfies readonly Field[];

/** What was written, or what is wrong with it. */
export function parseCron(text: string): Cron | { readonly problem: string } {
  const parts = text.trim().toLowerCase().split(/\s+/);
  if (parts.length !== FIELDS.length) {
    return { problem: `must have five fields (minute, hour, day of the month, month, weekday), not ${parts.length}` };
  }
  const read = FIELDS.map((field, i) => parseField(parts[i] ?? '', field));
  const wrong = read.find((found) => typeof found === 'string');
  if (wrong !== undefined) return { problem: wrong };
  const [minutes, hours, days, months, given] = read.filter((found) => typeof found !== 'string');
  if (minutes === undefined || hours === undefined || days === undefined || months === undefined) {
    return { problem: 'must have five fields' };
  }
  // Sunday is both 0 and 7.
  const weekdays = new Set([...(given ?? [])].map((weekday) => weekday % 7));
  const eitherDay = !parts[2]?.startsWith('*') && !parts[4]?.startsWith('*');
  const cron = { minutes, hours, days, months, weekdays, eitherDay };
  // 2000 to 2008 has every kind of year there is.
  const never = nextOccurrence(cron, 'UTC', Date.UTC(2000, 0, 1)) === null;
  return never ? { problem: 'never comes: no month has such a day' } : cron;
}

function parseField(text: string, field: Field): Set<number> | string {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const range = parseItem(item, field);
    if (range === null) return `has "${item}" for the ${field.name}; it takes ${describe(field)}`;
    for (let value = range.from; value <= range.to; value += range.step) values.add(value);
  }
  return values;
}

function parseItem(item: string, field: Field): { from: number; to: number; step: number } | null {
  const [, base = '', first, last, every] = /^(\*|(\w+)(?:-(\w+))?)(?:\/(\d{1,2}))?$/.exec(item) ?? [];
  const step = every === undefined ? 1 : Number(every);
  if (base === '' || step === 0) return null;
  if (base === '*') return { from: field.least, to: field.most, step };
  const from = numberOf(first, field);
  // `5/15` means from 5 on.
  const to = last === undefined ? (every === undefined ? from : field.most) : numberOf(last, field);
  return from === null || to === null || from > to ? null : { from, to, step };
}

function numberOf(text: string | undefined, { least, most, names = [] }: Field): number | null {
  const named = names.indexOf(text ?? '');
  if (named >= 0) return named + least;
  if (text === undefined || !/^\d{1,2}$/.test(text)) return null;
  const value = Number(text);
  return value >= least && value <= most ? value : null;
}

const describe = ({ least, most, names }: Field): string =>
  `${least} to ${most}${names === undefined ? '' : ` or ${names[0]} to ${names.at(-1)}`}, "*", lists, ranges and steps`;

/** Eight years have a 29 February, even around 1900 and 2100. */
const LONGEST_DAYS = 3000;

/** The latest time of the schedule in `(after, through]`; null when there is none (within eight years). */
export function lastOccurrence(
  cron: Cron,
  zone: string,
  { after, through }: { after: number; through: number },
): number | null {
  let date: LocalDate = addDays(localTime(through, zone), 1);
  // A time of yesterday's date may come after midnight where the clock goes forward then.
  const last = addDays(localTime(after, zone), -1);
  for (let i = 0; i < LONGEST_DAYS && compare(date, last) >= 0; i++, date = addDays(date, -1)) {
    const found = timesOn(cron, zone, date).findLast((time) => time <= through);
    if (found !== undefined) return found > after ? found : null;
  }
  return null;
}

/** The first time of the schedule after an instant; null when there is none within eight years. */
export function nextOccurrence(cron: Cron, zone: string, after: number): number | null {
  for (const time of occurrences(cron, zone, after)) return time;
  return null;
}

/** The times of the schedule after an instant, in order, until none comes within eight years. */
export function* occurrences(cron: Cron, zone: string, after: number): Generator<number> {
  let date: LocalDate = addDays(localTime(after, zone), -1);
  let last = after;
  for (let empty = 0; empty < LONGEST_DAYS; empty++, date = addDays(date, 1)) {
    for (const time of timesOn(cron, zone, date)) {
      if (time <= last) continue;
      yield time;
      last = time;
      empty = 0;
    }
  }
}

function compare(a: LocalDate, b: LocalDate): number {
  return a.year - b.year || a.month - b.month || a.day - b.day;
}

/** The times of one date, in order. */
function timesOn(cron: Cron, zone: string, date: LocalDate): number[] {
  if (!cron.months.has(date.month)) return [];
  const dayFits = cron.days.has(date.day);
  const weekdayFits = cron.weekdays.has(weekdayOf(date));
  if (cron.eitherDay ? !dayFits && !weekdayFits : !dayFits || !weekdayFits) return [];
  const minutes = [...cron.hours].flatMap((hour) => [...cron.minutes].map((minute) => hour * 60 + minute));
  const times = instantsOf(date, minutes, zone);
  return [...new Set(times)].toSorted((a, b) => a - b);
}
