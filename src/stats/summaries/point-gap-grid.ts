import type { PointGapGrid } from '../profile.ts';

/** Edges of a stored grid. */
export const STORED_EDGES = 1_024;
/** Edges at each end whose ranks halve every second step towards the extreme, for the tails. */
const TAIL_EDGES = 36;

/**
 * A grid at work: `before[i]` rows are below `edges[i]` and `at[i]` equal to it, so what lies between two edges
 * is `before[i + 1] - before[i] - at[i]`; nothing lies outside. `before` is off by at most `error` rows.
 * `complete`: every value is an edge and every count the sample's own.
 */
export type Grid = {
  readonly n: number;
  readonly error: number;
  readonly complete: boolean;
  readonly edges: Float64Array;
  readonly before: Float64Array;
  readonly at: Float64Array;
};

/** Every different value of a sorted sample as an edge. Cost O(n). */
export function gridOfSorted(sorted: Float64Array): Grid {
  const n = sorted.length;
  let distinct = n === 0 ? 0 : 1;
  for (let i = 1; i < n; i++) if (sorted[i] !== sorted[i - 1]) distinct++;
  const edges = new Float64Array(distinct);
  const before = new Float64Array(distinct);
  const at = new Float64Array(distinct);
  let from = 0;
  for (let k = 0; k < distinct; k++) {
    const v = sorted[from]!;
    let to = from + 1;
    while (to < n && sorted[to] === v) to++;
    edges[k] = v;
    before[k] = from;
    at[k] = to - from;
    from = to;
  }
  return { n, error: 0, complete: true, edges, before, at };
}

/** Rows strictly between edge `i` and the next. */
export function gapAfter(grid: Grid, i: number): number {
  return Math.max(0, grid.before[i + 1]! - grid.before[i]! - grid.at[i]!);
}

/** The most rows between two neighbouring edges. */
export function largestGap(grid: Grid): number {
  let gap = 0;
  if (!grid.complete) for (let i = 0; i + 1 < grid.edges.length; i++) gap = Math.max(gap, gapAfter(grid, i));
  return gap;
}

/** The last edge that at most `rank` rows are below. Cost O(log edges). */
export function edgeAtRank(grid: Grid, rank: number): number {
  const { before } = grid;
  let low = 0;
  let high = before.length - 1;
  while (low < high) {
    const mid = (low + high + 1) >> 1;
    if (before[mid]! <= rank) low = mid;
    else high = mid - 1;
  }
  return low;
}

/** The ranks (0-based, ascending) whose values a grid of at most `limit` edges keeps. */
export function keptRanks(n: number, limit: number): Float64Array {
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

/** Keeps at most `limit` edges, at even ranks and towards both ends. Adds no error. Cost O(limit log edges). */
export function thin(grid: Grid, limit: number): Grid {
  const { edges, before, at } = grid;
  if (edges.length <= limit) return grid;
  const kept: number[] = [];
  for (const rank of keptRanks(grid.n, limit)) {
    const i = edgeAtRank(grid, rank);
    if (kept[kept.length - 1] !== i) kept.push(i);
  }
  if (kept[kept.length - 1] !== edges.length - 1) kept[kept.length - 1] = edges.length - 1;
  return {
    n: grid.n,
    error: grid.error,
    complete: false,
    edges: Float64Array.from(kept, (i) => edges[i]!),
    before: Float64Array.from(kept, (i) => before[i]!),
    at: Float64Array.from(kept, (i) => at[i]!),
  };
}

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
    const share = gap === 0 ? 1 : (v - edges[i - 1]!) / (edges[i]! - edges[i - 1]!);
    into.before += before[i]! - (1 - share) * gap;
    into.error += Math.max(share, 1 - share) * gap;
  }
}

/**
 * The grid of the union of disjoint parts, on the union of their edges. Where an edge of one part falls into a
 * gap of another, that gap's rows are split in proportion, and `error` grows by the most that this can be
 * wrong; parts without gaps merge exactly. Cost O(edges · parts), and O(edges · log parts) without gaps.
 */
export function mergeGrids(parts: readonly Grid[]): Grid {
  return parts.every((grid) => grid.complete) ? mergeComplete(parts) : mergeGapped(parts);
}

/** Two by two: every value is an edge, so counts are added and nothing has to be split. */
function mergeComplete(parts: readonly Grid[]): Grid {
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
    n: parts.reduce((sum, grid) => sum + grid.n, 0),
    error,
    complete: false,
    edges: edges.slice(0, k),
    before: before.slice(0, k),
    at: at.slice(0, k),
  };
}

/** The grid as it is stored, on at most 1,024 edges and in whole rows; null without values. */
export function storeGrid(grid: Grid): PointGapGrid | null {
  if (grid.n === 0) return null;
  const { edges, before, at } = thin(grid, STORED_EDGES);
  const points: number[] = [];
  const between: number[] = [];
  // Cumulative counts are rounded, never the counts themselves: the total stays.
  let counted = 0;
  for (let i = 0; i < edges.length; i++) {
    const below = Math.max(counted, Math.round(before[i]!));
    if (i > 0) between.push(below - counted);
    counted = Math.max(below, Math.round(before[i]! + at[i]!));
    points.push(counted - below);
  }
  return {
    method: 'point-gap-grid/1024@1',
    rankError: Math.min(1, grid.error / grid.n),
    n: grid.n,
    edges: Array.from(edges),
    // Copies take no more than they hold; what has grown has up to half of it unused, in thousands of columns.
    at: points.slice(),
    between: between.slice(),
    under: 0,
    over: 0,
  };
}

/** A stored grid at work again; null (no values) is an empty one. */
export function readGrid(stored: PointGapGrid | null): Grid {
  if (stored === null) return gridOfSorted(new Float64Array(0));
  const { n, rankError } = stored;
  const before = new Float64Array(stored.edges.length);
  let complete = rankError === 0;
  for (let i = 1; i < before.length; i++) {
    before[i] = before[i - 1]! + stored.at[i - 1]! + stored.between[i - 1]!;
    if (stored.between[i - 1] !== 0) complete = false;
  }
  const [edges, at] = [Float64Array.from(stored.edges), Float64Array.from(stored.at)];
  return { n, error: rankError * n, complete, edges, before, at };
}
