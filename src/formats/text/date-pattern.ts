/**
 * Dates by a pattern of `strptime`, as pandas takes it as `format` and DuckDB as `dateformat`: `%d/%m/%Y`, `%d.%m.%Y %H:%M`,
 * `%Y%m%d`.
 */
import { TidemarkError } from '../../errors.ts';
import {
  clearFields,
  type DateFields,
  dateFields,
  fullYear,
  MONTHS,
  readDigits,
  readFraction,
  readHalf,
  readName,
  skipBlanks,
  timeOf,
  WEEKDAYS,
} from './date-fields.ts';
import { INVALID_ZONE, NOT_A_TIME, readZone } from './time-text.ts';

/** Plain data. */
export type DatePattern = {
  readonly steps: readonly DateStep[];
  /** Whether a plain number may be of it, as 20241231 is of `%Y%m%d`. */
  readonly numeric: boolean;
  /** Whether a date of ISO 8601 might be of it and mean another day. */
  readonly beyondIso: boolean;
};

/** A field, which has all its digits where another follows it at once, or the byte that stands there. */
type DateStep = FieldStep | { readonly byte: number };
type FieldStep = { readonly field: Field; readonly full: boolean };

const FIELDS = ['d', 'm', 'Y', 'y', 'b', 'B', 'a', 'A', 'H', 'I', 'M', 'S', 'f', 'p', 'z'] as const;
type Field = (typeof FIELDS)[number];
/** Fields that say the same. */
const SAME: Readonly<Partial<Record<Field, string>>> = { y: 'Y', b: 'm', B: 'm', I: 'H', A: 'a' };
const DIGITS: ReadonlySet<Field> = new Set(['d', 'm', 'Y', 'y', 'H', 'I', 'M', 'S', 'f']);
const MOST_BYTES = 100;
const BLANK = 32;
const DOT = 46;
const PERCENT = '%';

/** @throws TidemarkError `bad-request` for what is no pattern, or one that says no year and month. */
export function datePattern(text: string): DatePattern {
  const steps = stepsOf(text);
  const given = steps.flatMap((step) => ('field' in step ? [SAME[step.field] ?? step.field] : []));
  const twice = given.find((field, i) => given.indexOf(field) < i);
  if (twice !== undefined) throw noPattern(text, 'it says the same field twice');
  for (const [field, what] of [
    ['Y', 'the year (%Y, or %y of two digits)'],
    ['m', 'the month (%m, or %b by name)'],
  ] as const) {
    if (!given.includes(field)) throw noPattern(text, `it lacks ${what}`);
  }
  const hours = steps.some((step) => 'field' in step && step.field === 'I');
  if (hours !== given.includes('p')) throw noPattern(text, 'hours of 12 (%I) and AM or PM (%p) go together');
  if (/[MSfpz]/.test(given.join('')) && !given.includes('H')) throw noPattern(text, 'it lacks the hour (%H)');
  return { steps, numeric: mayBeNumber(steps), beyondIso: text.startsWith('%Y-%d') };
}

/** Reads a text that is of the pattern from end to end; blanks are as many as there are. As `readTime`. */
export function readPattern(
  { steps }: DatePattern,
  buf: Uint8Array,
  span: { readonly start: number; readonly end: number },
  out: Float64Array,
): number {
  clearFields(fields, span.start);
  for (const step of steps) {
    if ('byte' in step) {
      if (step.byte === BLANK ? !skipBlanks(buf, span.end, fields) : !takes(step.byte, buf, span.end))
        return NOT_A_TIME;
    } else if (!readField(step, buf, span.end, fields)) return NOT_A_TIME;
  }
  return fields.at === span.end ? timeOf(fields, out) : NOT_A_TIME;
}

const fields = dateFields();

function takes(byte: number, buf: Uint8Array, end: number): boolean {
  return fields.at < end && buf[fields.at++] === byte;
}

function readField(step: FieldStep, buf: Uint8Array, end: number, into: DateFields): boolean {
  const two = { least: step.full ? 2 : 1, most: 2 };
  switch (step.field) {
    case 'Y':
      into.year = readDigits(buf, end, into, { least: 4, most: 4 });
      return into.year > 0;
    case 'y':
      into.year = readDigits(buf, end, into, { least: 2, most: 2 });
      if (into.year < 0) return false;
      into.year = fullYear(into.year);
      return true;
    case 'm':
      into.month = readDigits(buf, end, into, two);
      return into.month > 0;
    case 'b':
    case 'B':
      into.month = readName(MONTHS, buf, end, into);
      return into.month > 0;
    case 'd':
      into.day = readDigits(buf, end, into, two);
      return into.day > 0;
    case 'a':
    case 'A':
      return readName(WEEKDAYS, buf, end, into) > 0;
    case 'H':
    case 'I':
      into.timed = true;
      into.hour = readDigits(buf, end, into, two);
      return into.hour >= 0;
    case 'M':
      into.minute = readDigits(buf, end, into, two);
      return into.minute >= 0;
    case 'S':
      into.second = readDigits(buf, end, into, two);
      return into.second >= 0;
    case 'f':
      return readFraction(buf, end, into);
    case 'p':
      into.afternoon = readHalf(buf, end, into);
      return into.afternoon !== null;
    case 'z':
      return readOffset(buf, end, into);
  }
}

/** Up to the blank, sign or letter that ends it. */
function readOffset(buf: Uint8Array, end: number, into: DateFields): boolean {
  let stop = into.at + 1;
  while (stop < end && (buf[stop] === 58 || (buf[stop]! >= 48 && buf[stop]! <= 57))) stop++;
  if (into.at >= end) return false;
  into.offset = readZone(buf, into.at, stop);
  into.at = stop;
  return into.offset !== INVALID_ZONE;
}

function stepsOf(text: string): DateStep[] {
  if (Buffer.byteLength(text) > MOST_BYTES) throw noPattern(text, `it is longer than ${MOST_BYTES} bytes`);
  if (!text.includes(PERCENT)) throw noPattern(text, inPercents(text));
  const steps: DateStep[] = [];
  const parts = text.match(/%.?|[^%]+/gsu) ?? [];
  for (const [i, part] of parts.entries()) {
    const field = FIELDS.find((known) => part === PERCENT + known);
    if (field !== undefined) steps.push({ field, full: DIGITS.has(field) && isDigits(parts[i + 1]) });
    else if (part.startsWith(PERCENT) && part !== '%%') {
      throw noPattern(text, `${part} is none of ${FIELDS.map((known) => `%${known}`).join(' ')}`);
    } else for (const byte of Buffer.from(part === '%%' ? PERCENT : part)) steps.push({ byte });
  }
  return steps;
}

/** Whether digits stand there, of which the field before could take too many or too few. */
const isDigits = (part: string | undefined): boolean =>
  part !== undefined && (FIELDS.some((field) => part === PERCENT + field && DIGITS.has(field)) || /^\d/.test(part));

/** Of digits alone, with one point at most, a pattern may take a number for a date. */
function mayBeNumber(steps: readonly DateStep[]): boolean {
  let points = 0;
  for (const step of steps) {
    if ('field' in step && !DIGITS.has(step.field)) return false;
    if ('byte' in step && step.byte === DOT) points++;
    else if ('byte' in step && !(step.byte >= 48 && step.byte <= 57)) return false;
  }
  return points <= 1;
}

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/y{4}/gi, '%Y'],
  [/y{2}/gi, '%y'],
  [/d{1,2}/gi, '%d'],
  [/h{1,2}/gi, '%H'],
  [/s{1,2}/gi, '%S'],
];

/** What `dd/mm/yyyy` is called here. */
function inPercents(text: string): string {
  if (!/y{2}/i.test(text)) return 'write day, month and year in it as %d, %m and %Y';
  const plain = WORDS.reduce((so, [word, field]) => so.replace(word, field), text);
  // Of the months and the minutes, which are called alike, the minutes stand behind the hours.
  let months = 0;
  const named = plain.replace(/:?m{1,3}/gi, (word) =>
    word.startsWith(':') ? ':%M' : months++ > 0 ? '%M' : word.length === 3 ? '%b' : '%m',
  );
  return `write it as ${named}`;
}

function noPattern(text: string, why: string): TidemarkError {
  const orders = 'day-first, month-first, year-first, or a pattern such as %d/%m/%Y';
  return new TidemarkError(
    'bad-request',
    `"${text.slice(0, 100)}" says no way to write dates: ${why}. Give ${orders}.`,
  );
}
