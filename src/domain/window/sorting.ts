import { type Closing, isRipe, type Seen, seenWith } from './watermark.ts';
import { windowEnd } from './window.ts';

/**
 * Sorts settled batches into windows, one batch after another in the order of their settlement, so that the
 * outcome does not depend on how many of them a worker happens to take at once.
 */
export type SortedWindow = {
  readonly start: number;
  readonly end: number;
  readonly revision: number;
  readonly state: 'open' | 'ready' | 'judged' | 'failed';
  readonly rows: number;
};

export type SettledBatch = {
  readonly sequence: number;
  /** Event time that enough of its rows have passed, in milliseconds; null: there is none. */
  readonly passed: number | null;
  /** Latest event time of the batch that can be believed; null when it has no rows. */
  readonly newest: number | null;
  /** New predictions by window: repeats are not among them. */
  readonly counts: readonly { readonly start: number; readonly rows: number }[];
};

export type SortingInput = {
  /** The windows that these batches touch, and every open one. */
  readonly windows: readonly SortedWindow[];
  readonly seen: Seen;
  readonly batches: readonly SettledBatch[];
  readonly closing: Closing;
};

export type Sorting = {
  /** Windows that are new or have changed, by start. */
  readonly changed: readonly SortedWindow[];
  readonly seen: Seen;
};

/**
 * Counts each batch's new rows, raises the watermark, and marks the windows that have become ripe. A row for a
 * window that had closed begins its next revision; a window that closed without any row had its first revision
 * in that emptiness.
 */
export function sortBatches(input: SortingInput): Sorting {
  const { closing } = input;
  const before = new Map(input.windows.map((window) => [window.start, window]));
  const windows = new Map(before);
  let { seen } = input;
  for (const batch of input.batches) {
    for (const { start, rows } of batch.counts) {
      const known = windows.get(start) ?? unseen(start, seen.watermark, closing);
      windows.set(start, withRows(known, rows));
    }
    seen = seenWith(seen, batch);
    for (const window of windows.values()) {
      if (window.state === 'open' && isRipe(window.end, seen.watermark, closing.latenessSeconds)) {
        windows.set(window.start, { ...window, state: 'ready' });
      }
    }
  }
  const changed = [...windows.values()].filter((window) => window !== before.get(window.start));
  return { changed: changed.sort((a, b) => a.start - b.start), seen };
}

/** A closed window without a row stands as judged, so that the first row begins revision 2. */
function unseen(start: number, watermark: number | null, { grid, latenessSeconds }: Closing): SortedWindow {
  const end = windowEnd(start, grid);
  const closed = isRipe(end, watermark, latenessSeconds);
  return { start, end, revision: 1, state: closed ? 'judged' : 'open', rows: 0 };
}

function withRows(window: SortedWindow, rows: number): SortedWindow {
  const late = window.state !== 'open';
  return {
    ...window,
    revision: late ? window.revision + 1 : window.revision,
    state: 'open',
    rows: window.rows + rows,
  };
}
