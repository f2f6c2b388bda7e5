/** How the cells of a column are written where that is not as most tables have it. */
import { TidemarkError } from '../../errors.ts';
import type { CsvOptions } from '../table.ts';
import { type DateWriting, dateWritings } from '../text/date-writing.ts';
import type { NumberMarks } from '../text/number-marks.ts';

/** Plain data; null for what is written plainly. */
export type CellWriting = {
  readonly marks: NumberMarks | null;
  readonly dates: DateWriting | null;
  /** What was said of the dates of this very column; else null. */
  readonly said: string | null;
  /** What stands in a cell without a value. */
  readonly missing: readonly Uint8Array[];
};

type Said = Pick<CsvOptions, 'dates' | 'missing'>;

/** What is said of all columns alike; null where nothing is. @throws TidemarkError `bad-request` for no writing of dates. */
export const writingOfAll = (marks: NumberMarks | null, { dates, missing }: Said): CellWriting | null =>
  writingOf({
    marks,
    dates: dates === undefined ? null : dateWritings(dates).all,
    said: null,
    missing: bytesOf(missing),
  });

/** The same by the column's place, with what is said of it by its name; null where nothing is said of any. */
export function columnWritings(
  names: readonly string[],
  marks: NumberMarks | null,
  { dates, missing: words }: Said,
): (CellWriting | null)[] | null {
  const missing = bytesOf(words);
  if (marks === null && dates === undefined && missing.length === 0) return null;
  const { all, byColumn } = dateWritings(dates ?? {});
  return names.map((name) => {
    const own = byColumn.get(name);
    return writingOf({ marks, dates: own?.writing ?? all, said: own?.text ?? null, missing });
  });
}

/** What such options say of one column. @throws TidemarkError as above. */
export const columnWriting = (name: string, options: CsvOptions): CellWriting | null =>
  columnWritings([name], numberMarks(options), options)?.[0] ?? null;

/** How numbers are written; null for plainly. @throws TidemarkError `bad-request` for one sign before decimals and between thousands. */
export function numberMarks({ decimal = '.', thousands }: CsvOptions): NumberMarks | null {
  if (decimal === '.' && thousands === undefined) return null;
  if (decimal === thousands) {
    const detail = `"${decimal}" cannot stand both before decimals and between thousands: give another sign for one of them.`;
    throw new TidemarkError('bad-request', detail);
  }
  return { decimal: decimal.charCodeAt(0), thousands: new Uint8Array(Buffer.from(thousands ?? '')) };
}

/** Whether a plain number may be a date in the writing. */
export const mayBeNumber = (dates: DateWriting): boolean => 'pattern' in dates && dates.pattern.numeric;

/** Whether a cell without blanks around it is one of the words that stand for no value. */
export function isMissingWord({ missing }: CellWriting, buf: Uint8Array, start: number, end: number): boolean {
  for (const word of missing) if (isWord(word, buf, start, end)) return true;
  return false;
}

function isWord(word: Uint8Array, buf: Uint8Array, start: number, end: number): boolean {
  if (word.length !== end - start) return false;
  for (let i = 0; i < word.length; i++) if (word[i] !== buf[start + i]) return false;
  return true;
}

const bytesOf = (words: readonly string[] = []): Uint8Array[] =>
  words.map((word) => new Uint8Array(Buffer.from(word.trim())));

const writingOf = (writing: CellWriting): CellWriting | null =>
  writing.marks === null && writing.dates === null && writing.missing.length === 0 ? null : writing;
