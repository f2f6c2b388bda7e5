import { type Grid, gapAfter } from './point-gap-grid.ts';
import { shareBetween } from './share-between.ts';

/**
 * The grid of what is left of a sample when a part of it is taken away, on the edges of the whole. Exact where both list
 * all their values; else an edge that falls into a gap of the part divides that gap's rows in proportion, and `error`
 * grows by the most that this can be wrong. Null where the second is no part of the first: it has more rows somewhere
 * than the errors of both allow. Cost O(edges).
 */
export function subtractGrids(whole: Grid, part: Grid): Grid | null {
  const complete = whole.complete && part.complete;
  const known = new Set(whole.edges);
  if (complete && part.edges.some((edge) => !known.has(edge))) return null;
  // Counts between edges are stored in whole rows.
  const base = whole.error + part.error + (complete ? 0 : 2);
  let error = base;
  const [before, at] = [new Float64Array(whole.edges.length), new Float64Array(whole.edges.length)];
  let next = 0;
  for (let i = 0; i < whole.edges.length; i++) {
    const edge = whole.edges[i]!;
    while (next < part.edges.length && part.edges[next]! < edge) next++;
    const taken = rowsAt(part, next, edge);
    error = Math.max(error, base + taken.error);
    before[i] = whole.before[i]! - taken.before;
    at[i] = whole.at[i]! - taken.at;
    const fallen = (before[i - 1] ?? 0) - before[i]!;
    const allowed = complete ? 0 : 2 * error;
    if (at[i]! < -allowed || fallen > allowed) return null;
    if (fallen > 0) before[i]! += fallen;
  }
  const n = whole.n - part.n;
  // A row on an edge may be the part's, which tells no rows within its gaps: there are no more than have room.
  if (!complete) for (let i = 0; i < at.length; i++) at[i] = clamped(at[i]!, (before[i + 1] ?? n) - before[i]!);
  const kept = Array.from(at.keys()).filter((i) => !complete || at[i]! > 0);
  return {
    n,
    error,
    complete,
    edges: Float64Array.from(kept, (i) => whole.edges[i]!),
    before: Float64Array.from(kept, (i) => before[i]!),
    at: Float64Array.from(kept, (i) => at[i]!),
  };
}

const clamped = (value: number, most: number): number => Math.max(0, Math.min(value, most));

/** Rows of a grid before a point and equal to it, of which edge `next` is the first that is not below it. */
function rowsAt(grid: Grid, next: number, point: number): { before: number; at: number; error: number } {
  const { edges, before, at, n } = grid;
  if (next === edges.length) return { before: n, at: 0, error: 0 };
  if (edges[next] === point) return { before: before[next]!, at: at[next]!, error: 0 };
  if (next === 0) return { before: 0, at: 0, error: 0 };
  const gap = gapAfter(grid, next - 1);
  const share = shareBetween(edges[next - 1]!, edges[next]!, point);
  return { before: before[next]! - (1 - share) * gap, at: 0, error: Math.max(share, 1 - share) * gap };
}
