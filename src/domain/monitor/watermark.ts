import { windowEnd, windowStart } from './window.ts';

/**
 * When windows close. The watermark is the latest event time among the predictions sorted so far; a window is
 * ripe once the watermark has reached its end plus the allowed lateness, or, where no batch comes any more, once
 * the wall clock has. All times are milliseconds since 1970.
 */
export type Closing = { readonly lengthSeconds: number; readonly latenessSeconds: number };

/** True when event time has passed the window's end and its lateness. */
export function isRipe(start: number, watermark: number | null, closing: Closing): boolean {
  if (watermark === null) return false;
  return windowEnd(start, closing.lengthSeconds) + closing.latenessSeconds * 1000 <= watermark;
}

/** The first window start that is not ripe at this watermark: everything before it has closed. */
export function horizon(watermark: number, closing: Closing): number {
  return windowStart(watermark - closing.latenessSeconds * 1000, closing.lengthSeconds);
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
