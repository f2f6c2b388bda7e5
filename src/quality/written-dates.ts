import type { NumberProfile, TextShapes } from '../stats/profile.ts';

/** Which number of a date is the day, as whoever reads such dates says it. */
export type DateOrder = 'day-first' | 'month-first' | 'year-first';

/** Beyond the twelfth there is no month. */
const MONTHS = 12;
const YEAR_FIRST = /^9\{4\}[./]/;
const NUMBERS = /^(\d{1,2})[./ -](\d{1,2})[./ -]\d/;

/**
 * The orders by which texts that look like dates may be read: both where nothing seen tells the day from the month, as of
 * `1/2/2024`, and none where no single one would do.
 * @param values texts of the column
 */
export function dateOrders({ patterns }: TextShapes, values: readonly string[] = []): DateOrder[] {
  const yearFirst = patterns.filter(({ pattern }) => YEAR_FIRST.test(pattern)).length;
  if (yearFirst > 0) return yearFirst === patterns.length ? ['year-first'] : [];
  const pairs = values.flatMap((text) => {
    const found = NUMBERS.exec(text);
    return found === null ? [] : [[Number(found[1]), Number(found[2])] as const];
  });
  const orders: DateOrder[] = [];
  if (pairs.every(([, month]) => month <= MONTHS)) orders.push('day-first');
  if (pairs.every(([month]) => month <= MONTHS)) orders.push('month-first');
  // Where the month has a name, any order reads it.
  return patterns.every(({ pattern }) => /[Aa]\+/.test(pattern)) ? ['day-first'] : orders;
}

/** For people: `say dates "day-first", or "month-first"`. Null where no order helps. */
export const sayOrders = (orders: readonly DateOrder[]): string | null =>
  orders.length === 0 ? null : `say dates ${orders.map((order) => `"${order}"`).join(', or ')}`;

const FIRST_YEAR = 1900;
const LAST_YEAR = 2100;

/** Whether the integers of a column look like dates, 20241231: all that are known of it are some between 1900 and 2100. */
export function holdsDigitDates({ type, min, max, top, distinct }: NumberProfile): boolean {
  if (type !== 'int64' || min === null || max === null || distinct.value < 2) return false;
  return [min, max, ...top.values.map(({ value }) => Number(value))].every(isDigitDate);
}

function isDigitDate(value: number): boolean {
  const [year, month, day] = [Math.floor(value / 10_000), Math.floor(value / 100) % 100, value % 100];
  if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > MONTHS || day < 1) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
