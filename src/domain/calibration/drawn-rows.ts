import { concatenate } from '../../formats/columns/concatenate-columns.ts';
import { type Column, kindOf } from '../../stats/column.ts';
import type { JudgedColumn } from '../configuration/judged-columns.ts';
import { type ReferenceFiles, referenceColumns } from '../reference/reference-columns.ts';
import { type BatchFile, type Span, windowColumns } from '../report/window-columns.ts';

/** What resamples are drawn from: a version, or logged windows. */
export type DrawnFrom = PinnedRows | LoggedWindows;

type PinnedRows = ReferenceFiles & { readonly rows: number };

type LoggedWindows = {
  /** In order of time; none overlaps another. */
  readonly windows: readonly { readonly batches: readonly BatchFile[]; readonly span: Span }[];
  /** Rows that a window is compared with. */
  readonly against: number;
};

/** Rows as they are drawn from; a column that none of them has is all missing. */
export type DrawnRows = {
  readonly rows: number;
  /** Rows that a window is compared with. */
  readonly against: number;
  /** Rows of each window, in order; null where they are of a version. */
  readonly sizes: readonly number[] | null;
  readonly read: (columns: readonly JudgedColumn[]) => Promise<readonly Column[]>;
};

/** @throws TidemarkError `unreadable-data`. */
export async function drawnRows(from: DrawnFrom, memoryBytes: number): Promise<DrawnRows> {
  if ('windows' in from) return loggedRows(from);
  const read = (columns: readonly JudgedColumn[]) => {
    const wanted = columns.map(({ name, profile }) => ({ name, type: profile.type }));
    return referenceColumns(from, wanted, { keep: false, memoryBytes });
  };
  return { rows: from.rows, against: from.rows, sizes: null, read };
}

async function loggedRows({ windows, against }: LoggedWindows): Promise<DrawnRows> {
  const sizes: number[] = [];
  for (const { batches, span } of windows) {
    const { rows } = await windowColumns(batches, [span], []);
    sizes.push(rows.reduce((sum, count) => sum + count, 0));
  }
  const rows = sizes.reduce((sum, count) => sum + count, 0);
  return { rows, against, sizes, read: (columns) => readLogged(windows, sizes, columns) };
}

async function readLogged(
  windows: LoggedWindows['windows'],
  sizes: readonly number[],
  wanted: readonly JudgedColumn[],
): Promise<readonly Column[]> {
  const logged = wanted.map(({ logged: name, profile }) => ({ logged: name, type: profile.type }));
  const parts: (readonly (Column | null)[])[] = [];
  for (const { batches, span } of windows) parts.push((await windowColumns(batches, [span], logged)).columns);
  return logged.map(({ type }, c) => {
    // What came as something else cannot be compared, and counts as missing.
    const ofType = (column: Column | null | undefined) => (column?.kind === kindOf(type) ? column : null);
    return concatenate(
      parts.map((columns, w) => ({ rows: sizes[w] ?? 0, column: ofType(columns[c]) })),
      type,
    );
  });
}
