import { firstUnended, type TimeGrid } from './window.ts';

/**
 * When windows close. The watermark is the latest event time among the predictions sorted so far; a window is
 * ripe once the watermark has reached its end plus the allowed lateness, or, where no batch comes any more, once
 * the wall clock has. All times are milliseconds since 1970.
 */
export type Closing = { readonly grid: TimeGrid; readonly latenessSeconds: number };

/** True when event time has passed the window's end and its lateness. */
export function isRipe(end: number, watermark: number | null, latenessSeconds: number): boolean {
  return watermark !== null && end + latenessSeconds * 1000 <= watermark;
}

/** The first window start that is not ripe at this watermark: everything before it has closed. */
export function horizon(watermark: number, { grid, latenessSeconds }: Closing): number {
  return firstUnended(watermark - latenessSeconds * 1000, grid);
}

export type Idleness = {
  /** The wall clock, by the database. */
  readonly now: number;
  readonly lastBatchAt: number | null;
  readonly idleAfterSeconds: number;
};

/**
 * The point in event time up to which windows may close because the model has gone quiet: the wall clock, or
 * null while batches still come.
 */
export function idleWatermark(idleness: Idleness): number | null {
  const { now, lastBatchAt, idleAfterSeconds } = idleness;
  if (lastBatchAt === null || now - lastBatchAt < idleAfterSeconds * 1000) return null;
  return now;
}
