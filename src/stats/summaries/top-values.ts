import type { TopValues, ValueCount } from '../profile.ts';
import type { Grid } from './point-gap-grid.ts';

/** Numbers listed by frequency. */
const LISTED_NUMBERS = 20;

export function noTopValues(rows: number, reason: string): TopValues {
  return { method: 'none@1', values: [], rest: rows, complete: rows === 0, error: 0, reason };
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

/** The 20 most frequent numbers; none when no value repeats. Cost O(edges). */
export function topNumbers(grid: Grid, distinct: number): TopValues {
  const complete = grid.complete;
  const values = mostFrequent(grid);
  if (distinct > LISTED_NUMBERS && (values[0]?.count ?? 0) <= 1) return noTopValues(grid.n, 'no value is frequent');
  const listed = values.reduce((sum, { count }) => sum + count, 0);
  return {
    method: complete ? 'exact@1' : 'point-gap-grid@1',
    values,
    rest: Math.max(0, grid.n - listed),
    complete: complete && grid.edges.length <= LISTED_NUMBERS,
    error: complete ? 0 : Math.ceil(2 * grid.error),
    reason: null,
  };
}
