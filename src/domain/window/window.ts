import { type Calendar, periodAround, QUARTER_SECONDS, shiftedDays } from '../calendar/periods.ts';

/**
 * Event time cut into windows, `[start, end)`. Everything is in milliseconds since 1970 and nothing reads a clock.
 * Windows of a fixed length are counted from 1970-01-01T00:00:00Z, so that days and hours are UTC's own.
 */
export const GRID_ORIGIN = 0;

/** Windows that time alone makes. Where a step is shorter than the length, windows overlap. */
export type TimeGrid =
  | { readonly kind: 'steps'; readonly lengthSeconds: number; readonly stepSeconds: number }
  | ({ readonly kind: 'calendar' } & Calendar);

/** Windows of so many predictions each: their ends come from the data. */
type RowGrid = { readonly kind: 'rows'; readonly rows: number };

export type Windowing = TimeGrid | RowGrid;

const floorTo = (time: number, length: number): number =>
  GRID_ORIGIN + Math.floor((time - GRID_ORIGIN) / length) * length;

/** Start of the last window that a point in time lies in. */
export function windowStart(time: number, grid: TimeGrid): number {
  return grid.kind === 'steps' ? floorTo(time, grid.stepSeconds * 1000) : periodAround(time, grid).start;
}

/** End (exclusive) of the window that begins at `start`. */
export function windowEnd(start: number, grid: TimeGrid): number {
  return grid.kind === 'steps' ? start + grid.lengthSeconds * 1000 : periodAround(start, grid).end;
}

/** Start of the window after the one that begins at `start`. */
export function followingStart(start: number, grid: TimeGrid): number {
  return grid.kind === 'steps' ? start + grid.stepSeconds * 1000 : windowEnd(start, grid);
}

/** Start of the window that lies so many days later, at the same time of the day; fewer than none: earlier. */
export function shiftedStart(start: number, days: number, grid: TimeGrid): number {
  if (grid.kind === 'calendar') return windowStart(shiftedDays(start, days, grid.zone), grid);
  return windowStart(start + days * 86_400_000, grid);
}

/** Start of the first window that ends after a point in time: all before it are over. */
export function firstUnended(time: number, grid: TimeGrid): number {
  if (grid.kind === 'calendar') return windowStart(time, grid);
  const step = grid.stepSeconds * 1000;
  return floorTo(time - grid.lengthSeconds * 1000, step) + step;
}

/** Rows are counted by cells of this length, counted from `GRID_ORIGIN`: none lies in a window with a part alone. */
export const cellSeconds = (grid: TimeGrid): number => (grid.kind === 'steps' ? grid.stepSeconds : QUARTER_SECONDS);

/** Starts of the windows that a cell lies in. */
export function windowsOver(cell: number, grid: TimeGrid): number[] {
  if (grid.kind === 'calendar') return [windowStart(cell, grid)];
  const count = grid.lengthSeconds / grid.stepSeconds;
  return Array.from({ length: count }, (_, i) => cell - (count - 1 - i) * grid.stepSeconds * 1000);
}

/** No window is longer than this. A calendar's longest is a month of 31 days and the hour that clocks are put back. */
export const longestSeconds = (grid: TimeGrid): number => (grid.kind === 'steps' ? grid.lengthSeconds : 33 * 86_400);

const PERIOD_SECONDS = { hour: 3600, day: 86_400, week: 604_800, month: 30 * 86_400 } as const;

/** Seconds from the start of a window to that of the next, about; null where rows and not time make windows. */
export function usualSeconds(windowing: Windowing): number | null {
  if (windowing.kind === 'rows') return null;
  return windowing.kind === 'steps' ? windowing.stepSeconds : PERIOD_SECONDS[windowing.period];
}

/** A longer run of windows without a prediction is a pause of the model and is not filled with empty windows. */
const LONGEST_GAP = 1000;

/** Starts that are missing between known ones, as far as they lie before `horizon`. */
export function missingStarts(known: readonly number[], horizon: number, grid: TimeGrid): number[] {
  return known.slice(1).flatMap((following, i) => {
    const between: number[] = [];
    let start = followingStart(known[i] ?? following, grid);
    while (start < following && between.length <= LONGEST_GAP) {
      between.push(start);
      start = followingStart(start, grid);
    }
    return between.length > LONGEST_GAP ? [] : between.filter((missing) => missing < horizon);
  });
}
