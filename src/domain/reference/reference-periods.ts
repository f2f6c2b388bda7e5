import { isValid, type TimeColumn } from '../../stats/column.ts';
import { placeInDay, placeInWeek } from '../window/place-in-week.ts';
import { type TimeGrid, windowStart } from '../window/window.ts';

/** The rows of a reference by the time that they are of, so that parts of it stand for windows with their seasons. Pure. */

/** What the rows of a part have in common: the window they would lie in, or the place of it in the week or the day. */
export type PeriodKind = 'window' | 'week' | 'day';

export type ReferencePeriods = {
  readonly kind: PeriodKind;
  /** Rows of each part; those of windows in order of time. */
  readonly parts: readonly Int32Array[];
};

/** Fewer parts show no season. */
const FEWEST_PARTS = 7;
/** A part of fewer rows tells more of chance than of its season. */
const FEWEST_ROWS = 200;

const KINDS: readonly (readonly [PeriodKind, (start: number, grid: TimeGrid) => string])[] = [
  ['window', String],
  ['week', placeInWeek],
  ['day', placeInDay],
];

/**
 * The finest parts of a reference that have enough rows for windows of so many: those of one window, of one place in the
 * week, or in the day. Null where its times tell no seasons.
 */
export function referencePeriods(times: TimeColumn, grid: TimeGrid, windowRows: number): ReferencePeriods | null {
  const starts = new Map<number, number[]>();
  for (let row = 0; row < times.length; row++) {
    if (!isValid(times.valid, row)) continue;
    const start = windowStart(times.values[row] ?? 0, grid);
    const known = starts.get(start);
    if (known === undefined) starts.set(start, [row]);
    else known.push(row);
  }
  const inOrder = [...starts].sort(([a], [b]) => a - b);
  const least = Math.min(FEWEST_ROWS, windowRows);
  for (const [kind, placeOf] of KINDS) {
    const parts = new Map<string, number[]>();
    for (const [start, rows] of inOrder) {
      const place = placeOf(start, grid);
      const known = parts.get(place);
      if (known === undefined) parts.set(place, [...rows]);
      else for (const row of rows) known.push(row);
    }
    const sizes = [...parts.values()].map(({ length }) => length).sort((a, b) => a - b);
    if (sizes.length < FEWEST_PARTS) return null;
    if ((sizes[Math.floor(sizes.length / 2)] ?? 0) < least) continue;
    return { kind, parts: [...parts.values()].map((rows) => Int32Array.from(rows)) };
  }
  return null;
}

/**
 * The windows that drawn rows are of, as parts. `sizes`: rows of each window, which follow each other. Null where they are
 * too few to tell how windows differ.
 */
export function windowPeriods(sizes: readonly number[], drawn: Int32Array): ReferencePeriods | null {
  if (sizes.length < FEWEST_PARTS) return null;
  const windowOf = Int32Array.from(sizes.flatMap((size, w) => Array<number>(size).fill(w)));
  const parts: number[][] = sizes.map(() => []);
  drawn.forEach((row, at) => {
    parts[windowOf[row] ?? 0]?.push(at);
  });
  return { kind: 'window', parts: parts.filter(({ length }) => length > 0).map((rows) => Int32Array.from(rows)) };
}
