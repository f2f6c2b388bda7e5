import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import { readDates, saidDates } from '../../../schemas/wire/reading.ts';

export const DATES =
  'how dates are written in CSV: day-first, month-first, year-first or a pattern, as %d/%m/%Y; or COLUMN=HOW, may be repeated';

/** One more of what was said so far. */
export function oneMore(text: string, before: readonly string[] = []): readonly string[] {
  const said = [...before, text];
  if (saidDates.safeParse(readDates(said)).success) return said;
  throw new InvalidArgumentError(
    'Give one way for all columns, or COLUMN=HOW for each of some: day-first, month-first, year-first, or a pattern.',
  );
}

/** @param said each by `oneMore` */
export const datesOf = (said: readonly string[] | undefined): z.infer<typeof saidDates> | undefined =>
  said === undefined ? undefined : (readDates(said) ?? undefined);
