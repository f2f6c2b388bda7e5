import { type Recurrence, recurrence } from '../../../schemas/wire/alerts.ts';
import { type ErrorIssue, TidemarkError } from '../../errors.ts';
import type { SilenceRow } from '../../store/alert/alerts.ts';
import { lastOccurrence, parseCron } from '../calendar/cron.ts';
import { isZone } from '../calendar/zone.ts';
import { parseDuration } from '../window/duration.ts';

const SHORTEST = 60;
const LONGEST = 31 * 86_400;

/**
 * When a silence holds again and again, as it is kept. Pure.
 * @throws TidemarkError `invalid-body` with a pointer for each member that cannot be.
 */
export function recurrenceFrom(given: {
  readonly schedule: string;
  readonly duration: string | number;
  readonly zone?: string | undefined;
}): Recurrence {
  const issues: ErrorIssue[] = [];
  const cron = parseCron(given.schedule);
  if ('problem' in cron) issues.push(issue('schedule', cron.problem));
  const zone = given.zone ?? 'UTC';
  if (!isZone(zone)) issues.push(issue('zone', 'must be an IANA zone such as "Europe/Berlin"'));
  const parsed = parseDuration(given.duration);
  const seconds = 'seconds' in parsed ? parsed.seconds : 0;
  if ('problem' in parsed) issues.push(issue('duration', parsed.problem));
  else if (seconds < SHORTEST || seconds > LONGEST)
    issues.push(issue('duration', 'must lie between a minute and 31 days'));
  const [first] = issues;
  if (first === undefined) return { schedule: given.schedule, seconds, zone };
  throw new TidemarkError('invalid-body', `The body at ${first.pointer}: ${first.detail}.`, { issues });
}

const issue = (field: string, detail: string): ErrorIssue => ({
  code: `invalid-${field}`,
  pointer: `/recurring/${field}`,
  detail,
});

/** When a silence holds again and again; null when it holds all of its time. Nothing but `recurrenceFrom` writes it. */
export const recurrenceOf = (silence: Pick<SilenceRow, 'recurs'>): Recurrence | null =>
  silence.recurs === null ? null : recurrence.parse(silence.recurs);

/** Whether a silence holds at a time. Pure. */
export function holds(silence: Pick<SilenceRow, 'startsAt' | 'endsAt' | 'recurs'>, now: Date): boolean {
  if (silence.startsAt > now || silence.endsAt <= now) return false;
  const recurs = recurrenceOf(silence);
  if (recurs === null) return true;
  const cron = parseCron(recurs.schedule);
  if ('problem' in cron) return false;
  const through = now.getTime();
  return lastOccurrence(cron, recurs.zone, { after: through - recurs.seconds * 1000, through }) !== null;
}
