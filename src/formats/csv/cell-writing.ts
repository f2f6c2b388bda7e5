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
};

type Said = Pick<CsvOptions, 'dates'>;

/** What is said of all columns alike; null where nothing is. @throws TidemarkError `bad-request` for no writing of dates. */
export const writingOfAll = (marks: NumberMarks | null, { dates }: Said): CellWriting | null =>
  writingOf(marks, dates === undefined ? null : dateWritings(dates).all);

/** The same by the column's place, with what is said of it by its name; null where nothing is said of any. */
export function columnWritings(
  names: readonly string[],
  marks: NumberMarks | null,
  { dates }: Said,
): (CellWriting | null)[] | null {
  if (marks === null && dates === undefined) return null;
  const { all, byColumn } = dateWritings(dates ?? {});
  return names.map((name) => {
    const own = byColumn.get(name);
    return writingOf(marks, own?.writing ?? all, own?.text ?? null);
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

const writingOf = (
  marks: NumberMarks | null,
  dates: DateWriting | null,
  said: string | null = null,
): CellWriting | null => (marks === null && dates === null ? null : { marks, dates, said });
