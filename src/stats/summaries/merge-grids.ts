import type { PointGapGrid } from '../profile.ts';
import { type Grid, gapAfter, gridOfSorted, listsAllValues, readGrid } from './point-gap-grid.ts';
import { radixSort } from './radix-sort.ts';
import { shareBetween } from './share-between.ts';

/** Reads one grid along ascending values. */
type Cursor = { readonly grid: Grid; next: number };

/** Rows of the cursor's grid before `v`, equal to it, and by how many rows that may be wrong. */
function readAt(cursor: Cursor, v: number, into: { before: number; at: number; error: number }): void {
  const { grid } = cursor;
  const { edges, before } = grid;
  const i = cursor.next;
  into.error += grid.error;
  if (i === edges.length) {
    into.before += grid.n;
  } else if (edges[i] === v) {
    into.before += before[i]!;
    into.at += grid.at[i]!;
    cursor.next = i + 1;
  } else if (i > 0) {
    const gap = gapAfter(grid, i - 1);
    const share = shareBetween(edges[i - 1]!, edges[i]!, v);
    into.before += before[i]! - (1 - share) * gap;
    into.error += Math.max(share, 1 - share) * gap;
  }
}

/**
 * The grid of the union of disjoint parts, on the union of their edges. Where an edge of one part falls into a
 * gap of another, that gap's rows are split in proportion, and `error` grows by the most that this can be
 * wrong; parts without gaps merge exactly. Cost O(edges · parts), and at most O(edges · log parts) without gaps.
 */
export function mergeGrids(parts: readonly Grid[]): Grid {
  if (!parts.every((grid) => grid.complete)) return mergeGapped(parts);
  return sortComplete(parts, rowsOf(parts)) ?? mergeRepeated(parts);
}

/** The same of grids as they are stored; null (no values) is an empty one. */
export function mergeStoredGrids(stored: readonly (PointGapGrid | null)[]): Grid {
  const parts = stored.filter((grid) => grid !== null);
  const sorted = parts.every(listsAllValues) ? sortComplete(parts, rowsOf(parts)) : null;
  return sorted ?? mergeGrids(parts.map(readGrid));
}

function rowsOf(parts: readonly { readonly n: number }[]): number {
  return parts.reduce((sum, { n }) => sum + n, 0);
}

/** Rows an edge up to which sorting all rows is cheaper than merging: what comes next in a merge cannot be guessed. */
const SORTED_ROWS = 4;

/** Room for the rows that are sorted, kept between merges: a wide table has one for each of its thousands of columns. */
let room = new Float64Array(0);

type Listed = { readonly edges: ArrayLike<number>; readonly at: ArrayLike<number> };

/** The grid of parts that list all their values; null where sorting all rows is not worth it. */
function sortComplete(parts: readonly Listed[], rows: number): Grid | null {
  const size = parts.reduce((sum, { edges }) => sum + edges.length, 0);
  if (rows > SORTED_ROWS * size) return null;
  if (room.length < rows) room = new Float64Array(rows);
  const values = room.subarray(0, rows);
  let k = 0;
  for (const { edges, at } of parts) {
    for (let i = 0; i < edges.length; i++) for (let count = at[i]!; count > 0; count--) values[k++] = edges[i]!;
  }
  return gridOfSorted(radixSort(values));
}

/** Two by two, which takes values of many rows as one. */
function mergeRepeated(parts: readonly Grid[]): Grid {
  let points: readonly Points[] = parts;
  while (points.length > 1) {
    points = Array.from({ length: Math.ceil(points.length / 2) }, (_, i) => {
      const [x, y] = [points[2 * i]!, points[2 * i + 1]];
      return y === undefined ? x : mergePoints(x, y);
    });
  }
  const [all] = points;
  if (all === undefined) return gridOfSorted(new Float64Array(0));
  const [edges, at] = [all.edges.slice(), all.at.slice()];
  const before = new Float64Array(edges.length);
  let n = 0;
  for (let i = 0; i < at.length; i++) {
    before[i] = n;
    n += at[i]!;
  }
  return { n, error: 0, complete: true, edges, before, at };
}

/** Ascending values, and how often each is there. */
type Points = { readonly edges: Float64Array; readonly at: Float64Array };

function mergePoints(x: Points, y: Points): Points {
  const [a, b] = [x.edges, y.edges];
  const edges = new Float64Array(a.length + b.length);
  const at = new Float64Array(a.length + b.length);
  let [i, j, used] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const [v, w] = [a[i]!, b[j]!];
    edges[used] = v < w ? v : w;
    let count = 0;
    if (v <= w) count += x.at[i++]!;
    if (w <= v) count += y.at[j++]!;
    at[used++] = count;
  }
  const [rest, from] = i < a.length ? [x, i] : [y, j];
  edges.set(rest.edges.subarray(from), used);
  at.set(rest.at.subarray(from), used);
  used += rest.edges.length - from;
  return { edges: edges.subarray(0, used), at: at.subarray(0, used) };
}

function mergeGapped(parts: readonly Grid[]): Grid {
  const cursors: Cursor[] = parts.map((grid) => ({ grid, next: 0 }));
  const size = parts.reduce((sum, grid) => sum + grid.edges.length, 0);
  const edges = new Float64Array(size);
  const before = new Float64Array(size);
  const at = new Float64Array(size);
  let error = 0;
  let k = 0;
  for (; ; k++) {
    let v = Number.POSITIVE_INFINITY;
    for (const { grid, next } of cursors) if (next < grid.edges.length && grid.edges[next]! < v) v = grid.edges[next]!;
    if (v === Number.POSITIVE_INFINITY) break;
    const sum = { before: 0, at: 0, error: 0 };
    for (const cursor of cursors) readAt(cursor, v, sum);
    edges[k] = v;
    before[k] = sum.before;
    at[k] = sum.at;
    error = Math.max(error, sum.error);
  }
  return {
    n: rowsOf(parts),
    error,
    complete: false,
    edges: edges.slice(0, k),
    before: before.slice(0, k),
    at: at.slice(0, k),
  };
}
