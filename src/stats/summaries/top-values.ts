import type { TopValues, ValueCount } from '../profile.ts';
import type { Grid } from './point-gap-grid.ts';

/** Numbers listed by frequency. */
const LISTED_NUMBERS = 20;

/** An empty list; `unlisted` is the most rows that any value can have. */
export function noTopValues(rows: number, unlisted: number): TopValues {
  const reason = rows === 0 ? 'there are no values' : 'no value is frequent';
  return { method: 'none@1', values: [], rest: rows, complete: rows === 0, error: 0, unlisted, reason };
}

/** Vectors are long, and seldom one is frequent. */
export function noTopVectors(rows: number): TopValues {
  return { ...noTopValues(rows, rows), reason: rows === 0 ? 'there are no values' : 'vectors are not listed' };
}

/** Whole numbers beyond ±2^53 share doubles, so counts of doubles would be counts of several values together. */
const BEYOND_DOUBLE = 'integers beyond 2^53 are not told apart as numbers';

/** Whether a column's values were not counted one by one since a double holds several of them. */
export function sharesDoubles(top: TopValues): boolean {
  return top.reason === BEYOND_DOUBLE;
}

/** The most frequent edges, kept sorted by insertion: the list is short and few edges enter it. */
function mostFrequent(grid: Grid): ValueCount[] {
  const top: { value: number; count: number }[] = [];
  for (let i = 0; i < grid.edges.length; i++) {
    const count = Math.round(grid.at[i]!);
    if (count === 0 || (top.length === LISTED_NUMBERS && count <= top[LISTED_NUMBERS - 1]!.count)) continue;
    let place = top.length;
    while (place > 0 && top[place - 1]!.count < count) place--;
    top.splice(place, 0, { value: grid.edges[i]!, count });
    if (top.length > LISTED_NUMBERS) top.pop();
  }
  return top;
}

/** `unseen`: the most rows that a value which is no edge can have. */
type Known = { readonly distinct: number; readonly shared: boolean; readonly unseen: number };

/**
 * The 20 most frequent numbers; none when no value repeats, or when the grid's doubles may each stand for
 * several integers (`shared`). Cost O(edges).
 */
export function topNumbers(grid: Grid, { distinct, shared, unseen }: Known): TopValues {
  const complete = grid.complete;
  const values = mostFrequent(grid);
  const error = complete ? 0 : Math.ceil(2 * grid.error);
  // A double has at least the rows of any one integer that it stands for.
  if (shared) return { ...noTopValues(grid.n, Math.max(values[0]?.count ?? 0, unseen) + error), reason: BEYOND_DOUBLE };
  if (distinct > LISTED_NUMBERS && (values[0]?.count ?? 0) <= 1)
    return noTopValues(grid.n, Math.max(1, unseen) + error);
  const all = complete && grid.edges.length <= LISTED_NUMBERS;
  const listed = values.reduce((sum, { count }) => sum + count, 0);
  return {
    method: complete ? 'exact@1' : 'point-gap-grid@1',
    values,
    rest: Math.max(0, grid.n - listed),
    complete: all,
    error,
    unlisted: all ? 0 : Math.max(values[values.length - 1]?.count ?? 0, unseen) + error,
    reason: null,
  };
}
