/** How dates are written where that is not as ISO 8601 has it: by the order of their numbers, or by a pattern. */
import { TidemarkError } from '../../errors.ts';
import type { SaidDates } from '../table.ts';
import { DATE_ORDERS, type DateOrder, readOrdered } from './date-order.ts';
import { type DatePattern, datePattern, readPattern } from './date-pattern.ts';
import { NOT_A_TIME, readTime } from './time-text.ts';

/** Plain data. */
export type DateWriting = { readonly order: DateOrder } | { readonly pattern: DatePattern };

/** @throws TidemarkError `bad-request` for a text that says no writing. */
export function dateWriting(text: string): DateWriting {
  const order = DATE_ORDERS.find((known) => known === text);
  return order === undefined ? { pattern: datePattern(text) } : { order };
}

/**
 * As `readTime`, of a text in that writing. What is written as ISO 8601 has it is read beside it, since it is never
 * another day than it says.
 */
export function readWritten(
  writing: DateWriting,
  buf: Uint8Array,
  span: { readonly start: number; readonly end: number },
  out: Float64Array,
): number {
  const found =
    'order' in writing
      ? readOrdered(writing.order, buf, span.start, span.end, out)
      : readPattern(writing.pattern, buf, span, out);
  if (found !== NOT_A_TIME || ('pattern' in writing && writing.pattern.beyondIso)) return found;
  return readTime(buf, span.start, span.end, out);
}

/** How dates are written in all columns, or in those of a name. */
export type DateWritings = {
  readonly all: DateWriting | null;
  readonly byColumn: ReadonlyMap<string, { readonly text: string; readonly writing: DateWriting }>;
};

/**
 * @throws TidemarkError `bad-request` for a text that says no writing, or one of all columns by which their numbers might be
 * dates.
 */
export function dateWritings(said: SaidDates): DateWritings {
  if (typeof said !== 'string') {
    const named = Object.entries(said).map(([name, text]) => [name, { text, writing: dateWriting(text) }] as const);
    return { all: null, byColumn: new Map(named) };
  }
  const all = dateWriting(said);
  if (!('pattern' in all) || !all.pattern.numeric) return { all, byColumn: new Map() };
  const detail = `"${said}" may be a number in any column: say it of those whose dates are written so, as day=${said}.`;
  throw new TidemarkError('bad-request', detail);
}
