import { localTime } from '../calendar/zone.ts';
import { type TimeGrid, usualSeconds } from './window.ts';

/** Where a window lies in its week or day: windows with the same place have the same season. Pure. */

const DAY = 86_400;
const WEEK = 7 * DAY;

/** The same for windows that begin at the same time of the week; where they are no shorter than it, for all. */
export function placeInWeek(start: number, grid: TimeGrid): string {
  if ((usualSeconds(grid) ?? WEEK) >= WEEK) return '';
  if (grid.kind === 'steps') return String(start % (WEEK * 1000));
  const { weekday, hour, minute } = localTime(start, grid.zone);
  return `${weekday} ${hour}:${minute}`;
}

/** The same for windows that begin at the same time of the day, likewise. */
export function placeInDay(start: number, grid: TimeGrid): string {
  if ((usualSeconds(grid) ?? DAY) >= DAY) return '';
  if (grid.kind === 'steps') return String(start % (DAY * 1000));
  const { hour, minute } = localTime(start, grid.zone);
  return `${hour}:${minute}`;
}
