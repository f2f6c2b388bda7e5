import type { QuietHours } from '../../../schemas/wire/policies.ts';
import { addDays, instantOf, localTime, weekdayOf } from '../calendar/zone.ts';

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** Spans in a row: a week in which every night meets the next has seven of them. */
const MOST_STEPS = 100;

/** The end of the quiet hours that an instant lies in, those that begin before it has come included; null outside of any. Pure. */
export function quietUntil(rules: readonly QuietHours[], zone: string, now: number): number | null {
  let until = now;
  for (let i = 0; i < MOST_STEPS; i++) {
    const ends = rules.flatMap((rule) => spanAround(rule, zone, until)?.to ?? []);
    const later = Math.max(until, ...ends);
    if (later === until) break;
    until = later;
  }
  return until === now ? null : until;
}

/** The span of a rule that an instant lies in: one that began yesterday may last until today. */
function spanAround(rule: QuietHours, zone: string, time: number): { from: number; to: number } | null {
  const today = localTime(time, zone);
  for (const date of [today, addDays(today, -1)]) {
    const weekday = WEEKDAYS[weekdayOf(date)];
    if (rule.days !== null && (weekday === undefined || !rule.days.includes(weekday))) continue;
    const [from, to] = [minuteOf(rule.from), minuteOf(rule.to)];
    const span = {
      from: instantOf(date, from, zone),
      to: instantOf(to <= from ? addDays(date, 1) : date, to, zone),
    };
    if (span.from <= time && time < span.to) return span;
  }
  return null;
}

/** Minutes since midnight of `22:00`. */
function minuteOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return hours * 60 + minutes;
}
