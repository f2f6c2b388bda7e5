import type { z } from 'zod';
import type { MonitorConfig } from '../../../schemas/wire/monitors.ts';
import type { WindowRequest, windowingView } from '../../../schemas/wire/windowing.ts';
import type { ErrorIssue } from '../../errors.ts';
import { isZone } from '../calendar/zone.ts';
import { type DurationRule, durationWithin, formatDuration } from './duration.ts';
import type { Windowing } from './window.ts';

type WindowMembers = Pick<MonitorConfig, 'window_seconds' | 'windowing'>;

const SHORTEST: DurationRule = { pointer: '/window/length', least: 60 };
/** A row lies in as many windows as there are steps in the length. */
const MOST_OVERLAPS = 200;

/** How a stored configuration cuts event time. */
export function windowingOf({ window_seconds, windowing }: WindowMembers): Windowing {
  if (windowing === undefined) {
    // Only `windowMembers` makes them, and it leaves out one of the two.
    if (window_seconds === undefined) throw new Error('a configuration without windows');
    return { kind: 'steps', lengthSeconds: window_seconds, stepSeconds: window_seconds };
  }
  if (windowing.kind === 'rows') return windowing;
  if (windowing.kind === 'calendar') return windowing;
  return { kind: 'steps', lengthSeconds: windowing.length_seconds, stepSeconds: windowing.step_seconds };
}

/** The members of a configuration that a request's `window` stands for; wrong ones are added to the issues. */
export function windowMembers(given: WindowRequest, issues: ErrorIssue[]): WindowMembers {
  const { length, step, period, zone, week_start, rows } = given;
  const kinds = Object.entries({ length, period, rows }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  if (kinds.length !== 1) {
    const detail = `must have exactly one of "length", "period" and "rows", not ${kinds.length === 0 ? 'none' : kinds.join(' and ')}`;
    issues.push({ code: 'one-of', pointer: '/window', detail });
    return {};
  }
  const belongs = (name: string, value: unknown, fits: boolean, to: string): void => {
    if (value === undefined || fits) return;
    issues.push({ code: 'not-together', pointer: `/window/${name}`, detail: `goes with ${to} alone` });
  };
  belongs('step', step, length !== undefined, '"length"');
  belongs('zone', zone, period !== undefined, '"period"');
  belongs('week_start', week_start, period === 'week', 'the period "week"');
  if (rows !== undefined) return { windowing: { kind: 'rows', rows } };
  if (period !== undefined) {
    if (zone !== undefined && !isZone(zone)) {
      const detail = 'must be a time zone of the IANA database, such as "Europe/Berlin"';
      issues.push({ code: 'unknown-zone', pointer: '/window/zone', detail });
    }
    return { windowing: { kind: 'calendar', period, zone: zone ?? 'UTC', week_start: week_start ?? 'monday' } };
  }
  return stepMembers({ length: length ?? 0, step }, issues);
}

function stepMembers(
  given: { length: string | number; step: string | number | undefined },
  issues: ErrorIssue[],
): WindowMembers {
  const length = durationWithin(given.length, SHORTEST, issues);
  const step =
    given.step === undefined ? length : durationWithin(given.step, { ...SHORTEST, pointer: '/window/step' }, issues);
  if (length === null || step === null) return {};
  if (length === step) return { window_seconds: length };
  if (length % step !== 0 || length / step > MOST_OVERLAPS) {
    const detail = `must divide the length into 1 to ${MOST_OVERLAPS} whole steps; ${formatDuration(length)} by ${formatDuration(step)} is ${Number((length / step).toFixed(3))}`;
    issues.push({ code: 'uneven-steps', pointer: '/window/step', detail });
  }
  return { windowing: { kind: 'sliding', length_seconds: length, step_seconds: step } };
}

/** The `window` that asks for what a configuration has. */
export function viewWindowing(config: WindowMembers): z.infer<typeof windowingView> {
  const windowing = windowingOf(config);
  if (windowing.kind === 'rows') return { rows: windowing.rows };
  if (windowing.kind === 'calendar') {
    const { period, zone, week_start } = windowing;
    return { period, zone, ...(period === 'week' && { week_start }) };
  }
  const { lengthSeconds, stepSeconds } = windowing;
  const length = formatDuration(lengthSeconds);
  return lengthSeconds === stepSeconds ? { length } : { length, step: formatDuration(stepSeconds) };
}

const UNITS = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const;

function inWords(seconds: number): string {
  const [size, name] = UNITS.find(([unit]) => seconds % unit === 0) ?? UNITS[3];
  const count = seconds / size;
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** `windows of 1 day`, in words. */
export function describeWindowing(config: WindowMembers): string {
  const windowing = windowingOf(config);
  if (windowing.kind === 'rows') return `windows of ${windowing.rows} rows`;
  if (windowing.kind === 'calendar') {
    const { period, zone, week_start } = windowing;
    return `${period}s of the calendar in ${zone}${period === 'week' ? `, from ${week_start} on` : ''}`;
  }
  const { lengthSeconds, stepSeconds } = windowing;
  const every = lengthSeconds === stepSeconds ? '' : `, one every ${inWords(stepSeconds)}`;
  return `windows of ${inWords(lengthSeconds)}${every}`;
}
