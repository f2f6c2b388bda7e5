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

/** Keeps at most `limit` edges, at even ranks and towards both ends. Adds no error. Cost O(edges). */
export function thin(grid: Grid, limit: number): Grid {
  const { edges, before, at } = grid;
  const last = edges.length - 1;
  if (last < limit) return grid;
  const kept = new Uint32Array(limit);
  let used = 0;
  // Each rank's edge is the last that at most so many rows are below; ranks ascend, and so do the edges.
  let i = 0;
  for (const rank of keptRanks(grid.n, limit)) {
    while (i < last && before[i + 1]! <= rank) i++;
    if (used === 0 || kept[used - 1] !== i) kept[used++] = i;
  }
  kept[used - 1] = last;
  const thinned = { edges: new Float64Array(used), before: new Float64Array(used), at: new Float64Array(used) };
  for (let k = 0; k < used; k++) {
    thinned.edges[k] = edges[kept[k]!]!;
    thinned.before[k] = before[kept[k]!]!;
    thinned.at[k] = at[kept[k]!]!;
  }
  return { n: grid.n, error: grid.error, complete: false, ...thinned };
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

/** Whether a stored grid has every value as an edge. */
export function listsAllValues({ rankError, between }: PointGapGrid): boolean {
  return rankError === 0 && !between.some((rows) => rows !== 0);
}

/** A stored grid at work again; null (no values) is an empty one. */
export function readGrid(stored: PointGapGrid | null): Grid {
  if (stored === null) return gridOfSorted(new Float64Array(0));
  const { n, rankError } = stored;
  const complete = listsAllValues(stored);
  const before = new Float64Array(stored.edges.length);
  for (let i = 1; i < before.length; i++) before[i] = before[i - 1]! + stored.at[i - 1]! + stored.between[i - 1]!;
  const [edges, at] = [new Float64Array(stored.edges), new Float64Array(stored.at)];
  return { n, error: rankError * n, complete, edges, before, at };
}
