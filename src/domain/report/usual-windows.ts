import { z } from 'zod';
import { checkView, type WindowCheck } from '../../../schemas/wire/checks.ts';
import { type Usual, usualOf } from '../../stats/verdict/usual.ts';
import { type CheckedWindow, listArrivals, listCheckedWindows } from '../../store/monitor/checks.ts';
import type { Db } from '../../store/postgres/db.ts';
import type { MonitorConfig } from '../configuration/config.ts';
import { placeInWeek } from '../window/place-in-week.ts';
import { type TimeGrid, usualSeconds } from '../window/window.ts';
import { windowingOf } from '../window/windowing.ts';

const WEEK = 604_800;
const DAY = 86_400;
/** So far back windows say what is usual; where they are long, so many of them do. */
const SPAN = 60 * DAY;
const FEWEST = 26;
const MOST = 1500;

/** The checks as a report keeps them; none in reports from before there were any. */
export const readChecks = (stored: unknown): WindowCheck[] => z.array(checkView).nullable().parse(stored) ?? [];

/** What windows of a monitor like this one usually have, from those that ended before it. */
export async function usualWindows(
  db: Db,
  given: { readonly monitorId: number; readonly window: { start: Date; end: Date }; readonly config: MonitorConfig },
): Promise<{ readonly volume: Usual | null | 'rows'; readonly lag: Usual | null }> {
  const { monitorId, window, config } = given;
  const windowing = windowingOf(config);
  const length = usualSeconds(windowing);
  const limit = length === null ? FEWEST : Math.min(MOST, Math.max(FEWEST, Math.ceil(SPAN / length)));
  const known = apart(await listCheckedWindows(db, monitorId, { by: window.start, limit }));
  const learned = Math.max(LEARNED, FEWEST_LEARNED * (length ?? 0)) * 1000;
  const telling = (check: TellingCheck) =>
    known.filter((one) => isTelling(one, check, window.start.getTime() - learned));
  const lags = telling('freshness').flatMap(({ lag }) => (lag === null ? [] : [{ value: lag, kind: '' }]));
  const volume = windowing.kind === 'rows' ? 'rows' : usualVolume(telling('volume'), window, windowing);
  return { volume, lag: usualOf(lags, '') };
}

/** What is unusual is no measure of what is usual, unless it is older than this and so has come to stay, or is long over. */
const LEARNED = 2 * WEEK;
const FEWEST_LEARNED = 4;

type TellingCheck = keyof CheckedWindow['unsound'];

const isTelling = ({ start, unsound }: CheckedWindow, check: TellingCheck, learnedBefore: number): boolean =>
  !unsound[check] || start < learnedBefore;

/** Windows that share no row: overlapping ones would tell the same twice. */
function apart(windows: readonly CheckedWindow[]): CheckedWindow[] {
  let from = Number.POSITIVE_INFINITY;
  return windows.filter(({ start, end }) => {
    if (end > from) return false;
    from = start;
    return true;
  });
}

/** Rows of the earlier windows, as if each had been as long as this one. Pure. */
function usualVolume(
  windows: readonly CheckedWindow[],
  window: { readonly start: Date; readonly end: Date },
  windowing: TimeGrid,
): Usual | null {
  const length = window.end.getTime() - window.start.getTime();
  const scaled = windows.map(({ rows, start, end }) => ({ value: (rows * length) / (end - start), start }));
  const byKind = scaled.map(({ value, start }) => ({ value, kind: placeInWeek(start, windowing) }));
  const usual = usualOf(byKind, placeInWeek(window.start.getTime(), windowing));
  if (usual !== null) return usual;
  // Before each kind has come twice: all together, once that is two weeks and so has every season in it.
  const oldest = scaled.at(-1)?.start ?? window.start.getTime();
  if (window.start.getTime() - oldest < 2 * WEEK * 1000) return null;
  return usualOf(
    scaled.map(({ value }) => ({ value, kind: '' })),
    '',
  );
}

/**
 * Seconds from the last event of its batch to its arrival, for the middle row of a window; less the time that lies between
 * two of its events on average, so that few rows are not late ones.
 */
export async function lagOf(
  db: Db,
  given: {
    readonly window: { readonly start: Date; readonly end: Date; readonly rows: number };
    readonly batches: readonly { readonly batchId: number; readonly rows: number }[];
  },
): Promise<number | null> {
  const arrivals = await listArrivals(
    db,
    given.batches.map(({ batchId }) => batchId),
  );
  const { start, end, rows: all } = given.window;
  const between = (end.getTime() - start.getTime()) / Math.max(1, all);
  const lags = given.batches
    .flatMap(({ batchId, rows }) => {
      const arrival = arrivals.get(batchId);
      if (arrival?.maxTime == null) return [];
      const last = Math.min(arrival.maxTime.getTime(), end.getTime()) + between;
      // A clock that is a little ahead is no lag below none, and a logarithm needs something.
      return [{ rows, lag: Math.max(1, (arrival.receivedAt.getTime() - last) / 1000) }];
    })
    .sort((a, b) => a.lag - b.lag);
  const middle = lags.reduce((sum, { rows }) => sum + rows, 0) / 2;
  let passed = 0;
  for (const { rows, lag } of lags) {
    passed += rows;
    if (passed >= middle) return lag;
  }
  return null;
}
