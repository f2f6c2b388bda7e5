import { firstUnended, type TimeGrid } from './window.ts';

/**
 * When windows close. The watermark is the event time that enough of the predictions sorted so far have passed; a window
 * is ripe once the watermark has reached its end plus the allowed lateness, or, where no batch comes any more, once
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

/** How far event time has come: what enough predictions have passed, and what one alone may have. */
export type Seen = { readonly watermark: number | null; readonly newest: number | null };

/** The share of a batch's rows that may be stamped ahead of all others, and one more, without moving the watermark. */
const STRAY_SHARE = 0.01;

/** How far a batch brings event time: what enough of its rows have passed, and its latest row. */
export type Reached = { readonly passed: number | null; readonly newest: number | null };

/**
 * Of the times of a batch's new rows, in any order: a few with a wrong clock must close nothing. No row is believed that
 * is stamped later than it came. Null where there are too few rows.
 */
export function reachedBy(times: Float64Array, receivedAt: number): Reached {
  const sorted = Float64Array.from(times).sort();
  const believed = (time: number | undefined): number | null =>
    time === undefined ? null : Math.min(time, receivedAt);
  const strays = 1 + Math.floor(times.length * STRAY_SHARE);
  return { passed: believed(sorted[sorted.length - 1 - strays]), newest: believed(sorted.at(-1)) };
}

/** How far event time has come with another batch: where a second prediction comes as far as a single one, it is believed. */
export function seenWith(before: Seen, batch: Reached): Seen {
  const { passed, newest } = batch;
  const both = before.newest === null || newest === null ? null : Math.min(before.newest, newest);
  return { watermark: latest(latest(before.watermark, passed), both), newest: latest(before.newest, newest) };
}

/** The later of two points in time, where null is none. */
export function latest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

/** How far events had come when the newest of them arrived. */
export type Arrival = { readonly newest: Date; readonly receivedAt: Date };

/** Whether predictions come about when they are made: by the end of the window after theirs, and the allowed lateness. */
export function isLive(
  { newest, receivedAt }: Arrival,
  { lengthSeconds, latenessSeconds }: { readonly lengthSeconds: number; readonly latenessSeconds: number },
): boolean {
  return receivedAt.getTime() - newest.getTime() <= (lengthSeconds + latenessSeconds) * 1000;
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
