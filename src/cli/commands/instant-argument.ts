import { InvalidArgumentError } from 'commander';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const ZONED = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/i;

/**
 * A point in time as the service takes it; a day alone is its midnight of UTC, as windows of days begin.
 * @throws InvalidArgumentError for anything else, also for a time without a zone.
 */
export function instantOf(text: string): string {
  const time = new Date((DAY.test(text) || ZONED.test(text)) && isDay(text.slice(0, 10)) ? text : Number.NaN);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  throw new InvalidArgumentError('Write it like 2026-01-31T09:00:00Z, or 2026-01-31 for its midnight of UTC.');
}

/** Whether there is such a day: JavaScript takes the 31st of February for the third of March. */
function isDay(day: string): boolean {
  const time = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(day);
}
