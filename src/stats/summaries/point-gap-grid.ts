import type { PointGapGrid } from '../profile.ts';

/** Edges of a stored grid. */
export const STORED_EDGES = 1_024;
/** Edges at each end whose ranks halve every second step towards the extreme, for the tails. */
const TAIL_EDGES = 36;

/**
 * A grid at work. Cumulative counts at an edge are off by at most `error` rows; 0 means exact. Nothing lies
 * outside the edges. A grid without gap counts is the whole sample, value by value.
 */
export type Grid = {
  readonly n: number;
  readonly error: number;
  readonly edges: Float64Array;
  readonly at: Float64Array;
  /** `between[i]` lies strictly between `edges[i]` and `edges[i + 1]`; one shorter than `edges`. */
  readonly between: Float64Array;
};

/** Every different value of a sorted sample as an edge. Cost O(n). */
export function gridOfSorted(sorted: Float64Array): Grid {
  const n = sorted.length;
  let distinct = n === 0 ? 0 : 1;
  for (let i = 1; i < n; i++) if (sorted[i] !== sorted[i - 1]) distinct++;
  const edges = new Float64Array(distinct);
  const at = new Float64Array(distinct);
  let k = -1;
  for (let i = 0; i < n; i++) {
    if (k < 0 || sorted[i] !== edges[k]) edges[++k] = sorted[i]!;
    at[k]!++;
  }
  return { n, error: 0, edges, at, between: new Float64Array(Math.max(0, distinct - 1)) };
}

/** True when every value is an edge, so that all counts are the sample's own. */
export function isComplete(grid: Grid): boolean {
  if (grid.error > 0) return false;
  for (let i = 0; i < grid.between.length; i++) if (grid.between[i] !== 0) return false;
  return true;
}

/** Rows before each edge: `before[i]` counts values < edges[i]. */
export function rowsBefore(grid: Grid): Float64Array {
  const before = new Float64Array(grid.edges.length);
  for (let i = 1; i < before.length; i++) before[i] = before[i - 1]! + grid.at[i - 1]! + grid.between[i - 1]!;
  return before;
}

/** The ranks (0-based, ascending) whose values a grid of at most `limit` edges keeps. */
function keptRanks(n: number, limit: number): Float64Array {
  const tails = limit >= 8 * TAIL_EDGES ? TAIL_EDGES : 0;
  const steps = limit - 2 * tails - 1;
  const ranks = new Float64Array(limit);
  for (let i = 0; i <= steps; i++) ranks[i] = (i * (n - 1)) / steps;
  for (let k = 1; k <= tails; k++) {
    const rank = (n / steps) * 2 ** (-k / 2);
    ranks[steps + 2 * k - 1] = rank;
    ranks[steps + 2 * k] = n - 1 - rank;
  }
  return ranks.sort();
}

/** Keeps at most `limit` edges, at evenly spread ranks and towards both ends. Adds no error. Cost O(edges). */
export function thin(grid: Grid, limit: number): Grid {
  const { edges, at, between } = grid;
  if (edges.length <= limit) return grid;
  const kept: number[] = [];
  let end = at[0]!;
  let i = 0;
  for (const rank of keptRanks(grid.n, limit)) {
    while (i < edges.length - 1 && end <= rank) {
      end += between[i]! + at[i + 1]!;
      i++;
    }
    if (kept[kept.length - 1] !== i) kept.push(i);
  }
  if (kept[kept.length - 1] !== edges.length - 1) kept[kept.length - 1] = edges.length - 1;
  const out = { edges: new Float64Array(kept.length), at: new Float64Array(kept.length) };
  const gaps = new Float64Array(kept.length - 1);
  for (let k = 0; k < kept.length; k++) {
    const from = kept[k]!;
    out.edges[k] = edges[from]!;
    out.at[k] = at[from]!;
    if (k + 1 === kept.length) break;
    let gap = between[from]!;
    for (let j = from + 1; j < kept[k + 1]!; j++) gap += at[j]! + between[j]!;
    gaps[k] = gap;
  }
  return { n: grid.n, error: grid.error, ...out, between: gaps };
}

/** Reads one grid along ascending values. */
type Cursor = { readonly grid: Grid; readonly before: Float64Array; next: number };

/** Rows of the cursor's grid before `v`, equal to it, and by how many rows that may be wrong. */
function readAt(cursor: Cursor, v: number, into: { before: number; at: number; error: number }): void {
  const { grid, before } = cursor;
  const { edges } = grid;
  const i = cursor.next;
  into.error += grid.error;
  if (i === edges.length) {
    into.before += grid.n;
  } else if (edges[i] === v) {
    into.before += before[i]!;
    into.at += grid.at[i]!;
    cursor.next = i + 1;
  } else if (i > 0) {
    const gap = grid.between[i - 1]!;
    if (gap === 0) {
      into.before += before[i]!;
      return;
    }
    const share = Math.min(1, Math.max(0, (v - edges[i - 1]!) / (edges[i]! - edges[i - 1]!)));
    into.before += before[i - 1]! + grid.at[i - 1]! + share * gap;
    into.error += Math.max(share, 1 - share) * gap;
  }
}

/**
 * The grid of the union of disjoint parts, on the union of their edges. Where an edge of one part falls into a
 * gap of another, that gap's rows are split in proportion, and `error` grows by the most that this can be
 * wrong; parts without gaps merge exactly. Cost O(edges · parts).
 */
export function mergeGrids(parts: readonly Grid[]): Grid {
  const cursors: Cursor[] = parts.map((grid) => ({ grid, before: rowsBefore(grid), next: 0 }));
  const size = parts.reduce((sum, grid) => sum + grid.edges.length, 0);
  const edges = new Float64Array(size);
  const at = new Float64Array(size);
  const before = new Float64Array(size);
  let error = 0;
  let k = 0;
  for (; ; k++) {
    let v = Number.POSITIVE_INFINITY;
    for (const { grid, next } of cursors) if (next < grid.edges.length && grid.edges[next]! < v) v = grid.edges[next]!;
    if (v === Number.POSITIVE_INFINITY) break;
    const sum = { before: 0, at: 0, error: 0 };
    for (const cursor of cursors) readAt(cursor, v, sum);
    edges[k] = v;
    at[k] = sum.at;
    before[k] = sum.before;
    error = Math.max(error, sum.error);
  }
  const between = new Float64Array(Math.max(0, k - 1));
  for (let i = 0; i + 1 < k; i++) between[i] = Math.max(0, before[i + 1]! - before[i]! - at[i]!);
  const n = parts.reduce((sum, grid) => sum + grid.n, 0);
  return { n, error, edges: edges.slice(0, k), at: at.slice(0, k), between };
}

/** Whole rows in every count: cumulative counts are rounded, so that the total stays. */
function wholeRows(grid: Grid): Grid {
  const k = grid.edges.length;
  const at = new Float64Array(k);
  const between = new Float64Array(Math.max(0, k - 1));
  let sum = 0;
  let rounded = 0;
  for (let i = 0; i < k; i++) {
    sum += grid.at[i]!;
    at[i] = Math.max(0, Math.round(sum) - rounded);
    rounded += at[i]!;
    if (i + 1 === k) break;
    sum += grid.between[i]!;
    between[i] = Math.max(0, Math.round(sum) - rounded);
    rounded += between[i]!;
  }
  return { ...grid, at, between };
}

/** The grid as it is stored, on at most 1,024 edges; null without values. */
export function storeGrid(grid: Grid): PointGapGrid | null {
  if (grid.n === 0) return null;
  const { edges, at, between } = wholeRows(thin(grid, STORED_EDGES));
  return {
    method: 'point-gap-grid/1024@1',
    rankError: grid.error / grid.n,
    n: grid.n,
    edges: Array.from(edges),
    at: Array.from(at),
    between: Array.from(between),
    under: 0,
    over: 0,
  };
}

/** A stored grid at work again; null (no values) is an empty one. */
export function readGrid(stored: PointGapGrid | null): Grid {
  if (stored === null) return gridOfSorted(new Float64Array(0));
  return {
    n: stored.n,
    error: stored.rankError * stored.n,
    edges: Float64Array.from(stored.edges),
    at: Float64Array.from(stored.at),
    between: Float64Array.from(stored.between),
  };
}
