/**
 * Event time cut into windows of one length, `[start, end)`. Everything is in milliseconds since 1970 and
 * nothing reads a clock. Windows are counted from 1970-01-01T00:00:00Z, so that days and hours are UTC's own.
 */
export const GRID_ORIGIN = 0;

/** Start of the window that a point in time lies in. */
export function windowStart(time: number, lengthSeconds: number): number {
  const length = lengthSeconds * 1000;
  return GRID_ORIGIN + Math.floor((time - GRID_ORIGIN) / length) * length;
}

/** End (exclusive) of the window that begins at `start`. */
export function windowEnd(start: number, lengthSeconds: number): number {
  return start + lengthSeconds * 1000;
}

/** A longer run of windows without a prediction is a pause of the model and is not filled with empty windows. */
export const LONGEST_GAP = 1000;
