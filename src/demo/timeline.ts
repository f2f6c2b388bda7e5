import type { CensusRow } from './census.ts';

/** Consecutive rows of one window: what arrives, is labelled and is judged before the next. */
export type Chapter = { readonly start: number; readonly end: number; readonly rows: readonly CensusRow[] };

const DAY = 86_400_000;
const WINDOW_DAYS = 28;

/** Sorts rows into the windows the demo's monitor has: 28 days each, counted from 1970. */
export function chaptersOf(rows: readonly CensusRow[]): Chapter[] {
  const length = WINDOW_DAYS * DAY;
  const chapters = new Map<number, CensusRow[]>();
  for (const row of rows) {
    if (row.askedAt === null) continue;
    const start = Math.floor(row.askedAt / length) * length;
    const chapter = chapters.get(start) ?? [];
    chapter.push(row);
    chapters.set(start, chapter);
  }
  return [...chapters].sort(([a], [b]) => a - b).map(([start, found]) => ({ start, end: start + length, rows: found }));
}
