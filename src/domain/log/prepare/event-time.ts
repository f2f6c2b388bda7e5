/** Which event times can be believed. One row stamped ahead would close every window before it. */

const DAY = 24 * 3600 * 1000;
/** Clocks may differ by this much. */
export const FUTURE_TOLERANCE = DAY;
const EARLIEST = Date.UTC(1971, 0, 1);
/** What comes after this is a unit gone wrong. */
const LATEST = Date.UTC(2201, 0, 1);

export type EventTimeProblem = { readonly code: 'in-the-future' | 'out-of-range'; readonly detail: string };

/** @param time milliseconds since 1970; NaN for none, which is no problem here. */
export function eventTimeProblem(time: number, now: number): EventTimeProblem | null {
  if (time < EARLIEST || time >= LATEST) {
    return {
      code: 'out-of-range',
      detail: `the event time ${written(time)} lies outside the years 1971 to 2200; is its unit right?`,
    };
  }
  if (time > now + FUTURE_TOLERANCE) {
    return { code: 'in-the-future', detail: `the event time ${written(time)} lies more than 24 hours ahead` };
  }
  return null;
}

function written(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}
