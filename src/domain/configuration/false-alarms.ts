import { usualSeconds } from '../window/window.ts';
import { windowingOf } from '../window/windowing.ts';
import type { MonitorConfig } from './config.ts';
import type { AdoptedChange } from './reference-rule.ts';

const DAY = 86_400;
const MONTH = 30.436875 * DAY;
const PERIODS = { hour: DAY / 24, day: DAY, week: 7 * DAY, month: MONTH, year: 12 * MONTH } as const;

/** No more than every second healthy window may be judged as drift. */
const MOST = 0.5;

/**
 * The share of healthy windows that may be judged as drift, so that the chosen number of false alarms is expected in
 * the chosen time. Every window may raise one, however many there are: their number is in the share, so that
 * looking more often does not alarm more often. Null where nothing was chosen.
 */
export function shareOfFalseAlarms(config: MonitorConfig): number | null {
  const { false_alarms: chosen } = config;
  const windowing = windowingOf(config);
  if (chosen === undefined || windowing.kind === 'rows') return null;
  const between = windowing.kind === 'calendar' ? PERIODS[windowing.period] : windowing.stepSeconds;
  return Math.min(MOST, (chosen.at_most * between) / PERIODS[chosen.per]);
}

/** What people mean by seldom: once a month, or once a year where windows are as long as a week. */
export function usualFalseAlarms(config: MonitorConfig): NonNullable<MonitorConfig['false_alarms']> {
  const length = usualSeconds(windowingOf(config)) ?? 0;
  return { at_most: 1, per: length < PERIODS.week ? 'month' : 'year' };
}

/**
 * The change that limits are to be made of: what became normal since then is not what the former ones were made of. Null
 * where nothing changed, and where the time in which all was well is named and is later.
 */
export function changeOfLimits({ false_alarms }: MonitorConfig, change: AdoptedChange | null): AdoptedChange | null {
  const named = false_alarms?.healthy;
  return change === null || (named !== undefined && Date.parse(named.to) > change.since) ? null : change;
}
