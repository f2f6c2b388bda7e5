import { type DateOrder, dateOrders, sayOrders } from '../../quality/written-dates.ts';
import { saySigns, type WrittenSigns, writtenSigns, writtenValues } from '../../quality/written-values.ts';
import type { Column } from '../../stats/column.ts';
import type { ColumnProfile, TextShapes } from '../../stats/profile.ts';

/** What texts look like to a person, and by which signs or order of dates they read as that. Plain JSON. */
export type Written = {
  readonly looks_like: 'numbers' | 'dates';
  readonly signs: readonly WrittenSigns[];
  readonly dates: readonly DateOrder[];
};

/**
 * What texts look like, where that is of the kind that the other side has; else null.
 * @param values some of them
 */
export function writtenOf(
  shapes: TextShapes | null | undefined,
  other: Column['kind'],
  values: readonly string[] = [],
): Written | null {
  const found = shapes ? writtenValues(shapes) : null;
  if (!shapes || found === null) return null;
  if (other === 'number' && found === 'written-numbers') {
    return { looks_like: 'numbers', signs: writtenSigns(shapes), dates: [] };
  }
  if (other !== 'time' || found !== 'written-dates') return null;
  return { looks_like: 'dates', signs: [], dates: dateOrders(shapes, values) };
}

/** For people. */
export function writtenText({ looks_like, signs, dates }: Written): string {
  const like = `look like ${looks_like} to a person`;
  if (looks_like === 'dates') return `${like}: ${sayOrders(dates) ?? 'write them like 2025-12-31'}`;
  return `${like}: ${saySigns(signs) ?? 'write them like 1829.02'}`;
}

/** What reads the texts of a column as the numbers or dates that they are: `say decimal ","`; null where nothing does. */
export function sayWritten({ kind, shapes, top }: Extract<ColumnProfile, { kind: 'category' }>): string | null {
  if (kind !== 'category' || !shapes) return null;
  return writtenValues(shapes) === 'written-dates'
    ? sayOrders(
        dateOrders(
          shapes,
          top.values.map(({ value }) => String(value)),
        ),
      )
    : saySigns(writtenSigns(shapes));
}
