import { isTidemarkError, TidemarkError } from '../../errors.ts';
import type { SaidDates } from '../../formats/table.ts';
import { dateWritings } from '../../formats/text/date-writing.ts';

/**
 * Refuses what says no way to write dates while whoever said it is there to be told.
 * @param pointer where in the body it was said
 * @throws TidemarkError `invalid-body`.
 */
export function checkDates(dates: SaidDates | undefined, pointer: string): void {
  if (dates === undefined) return;
  try {
    dateWritings(dates);
  } catch (error) {
    if (!isTidemarkError(error)) throw error;
    const issues = [{ code: 'invalid-value', pointer, detail: error.message }];
    throw new TidemarkError('invalid-body', error.message, { issues, cause: error });
  }
}
