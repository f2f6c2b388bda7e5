import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SettledBatch, type SortedWindow, sortBatches } from '../../../src/domain/window/sorting.ts';
import type { Seen } from '../../../src/domain/window/watermark.ts';
import { type TimeGrid, windowStart } from '../../../src/domain/window/window.ts';

const HOUR = 3_600_000;
const grid: TimeGrid = { kind: 'steps', lengthSeconds: 3600, stepSeconds: 3600 };
const closing = { grid, latenessSeconds: 600 };

/** A batch whose rows have event times `minutes` after 1970 began. */
function batch(sequence: number, ...minutes: number[]): SettledBatch {
  const counts = Map.groupBy(minutes, (minute) => windowStart(minute * 60_000, grid));
  const latest = minutes.length === 0 ? null : Math.max(...minutes) * 60_000;
  return {
    sequence,
    ...{ passed: latest, newest: latest },
    counts: [...counts].map(([start, rows]) => ({ start, rows: rows.length })),
  };
}

const NOTHING: Seen = { watermark: null, newest: null };
const at = (minutes: number): Seen => ({ watermark: minutes * 60_000, newest: minutes * 60_000 });

const sort = (batches: SettledBatch[], windows: SortedWindow[] = [], seen = NOTHING) =>
  sortBatches({ windows, seen, batches, closing });

describe('sorting batches into windows', () => {
  it('counts rows and closes what event time has passed', () => {
    const { changed, seen } = sort([batch(1, 0, 30, 59, 60), batch(2, 70)]);
    expect(seen).toEqual(at(70));
    expect(changed).toEqual([
      { start: 0, end: HOUR, revision: 1, state: 'ready', rows: 3 },
      { start: HOUR, end: 2 * HOUR, revision: 1, state: 'open', rows: 2 },
    ]);
  });

  it('keeps a window open until the lateness is over', () => {
    const { changed } = sort([batch(1, 10, 69)]);
    expect(changed.map(({ state }) => state)).toEqual(['open', 'open']);
  });

  it('begins a new revision when a row comes for a closed window', () => {
    const judged: SortedWindow = { start: 0, end: HOUR, revision: 1, state: 'judged', rows: 5 };
    const { changed } = sort([batch(2, 20)], [judged], at(100));
    expect(changed).toEqual([{ start: 0, end: HOUR, revision: 2, state: 'ready', rows: 6 }]);
  });

  it('counts the emptiness of a closed window as its first revision', () => {
    const { changed } = sort([batch(2, 20)], [], at(100));
    expect(changed).toEqual([{ start: 0, end: HOUR, revision: 2, state: 'ready', rows: 1 }]);
  });

  it('closes open windows that a batch does not touch', () => {
    const open: SortedWindow = { start: 0, end: HOUR, revision: 1, state: 'open', rows: 5 };
    const { changed } = sort([batch(2, 200)], [open], at(50));
    expect(changed.map(({ start, state }) => [start / HOUR, state])).toEqual([
      [0, 'ready'],
      [3, 'open'],
    ]);
  });

  it('moves nothing for batches without rows', () => {
    expect(sort([batch(1)])).toEqual({ changed: [], seen: NOTHING });
  });

  it('ends alike however many batches are sorted at once', () => {
    const batches = fc
      .array(fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 6 }), { maxLength: 12 })
      .map((all) => all.map((minutes, i) => batch(i + 1, ...minutes)));
    fc.assert(
      fc.property(batches, fc.integer({ min: 1, max: 4 }), (given, size) => {
        const whole = sort(given);
        const windows = new Map<number, SortedWindow>();
        let seen = NOTHING;
        for (let from = 0; from < given.length; from += size) {
          const step = sort(given.slice(from, from + size), [...windows.values()], seen);
          for (const window of step.changed) windows.set(window.start, window);
          seen = step.seen;
        }
        expect(seen).toEqual(whole.seen);
        expect([...windows.values()].sort((a, b) => a.start - b.start)).toEqual(whole.changed);
      }),
    );
  });
});
