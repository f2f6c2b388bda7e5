import { cellSort } from './cell-sort.ts';
import { type Grid, keptRanks, thin } from './point-gap-grid.ts';
import { indexCells } from './value-cells.ts';

/** Cells that are looked into for the sake of their many rows alone. */
const CROWDED_CELLS = 64;

/** A grid with true counts at all its edges, among which are all wanted order statistics. */
export type Selection = {
  readonly grid: Grid;
  /** No value that is not an edge has more rows than this. */
  readonly unseen: number;
};

/**
 * Order statistics without sorting: the values are counted into cells, and only those cells are gathered and sorted
 * that hold a wanted rank (0-based, ascending) or the most rows. Every value of a gathered cell becomes an edge, so
 * a grid read at a wanted rank is that of the sorted sample. Values are finite, never -0. Cost O(n) and the sorting
 * of what is gathered, a few per cent of a spread-out column.
 */
export function selectRanks(chunks: readonly Float64Array[], ranks: Float64Array, known?: Extremes): Selection {
  const { grid, unseen } = selectInRoom(chunks, ranks, known);
  return { grid: kept(grid), unseen };
}

/**
 * At most `limit` edges, among them all that `thin` leaves of the grid of the sorted values. Cost as above.
 * @param known bounds of the values, if not their extremes
 */
export function selectThinned(chunks: readonly Float64Array[], limit: number, known?: Extremes): Grid {
  const { grid } = selectInRoom(chunks, keptRanks(lengthOf(chunks), limit), known);
  const thinned = thin(grid, limit);
  return thinned === grid ? kept(grid) : thinned;
}

export const lengthOf = (chunks: readonly Float64Array[]): number =>
  chunks.reduce((sum, { length }) => sum + length, 0);

/** Of a grid that lies in room which others use. */
const kept = ({ edges, before, at, ...grid }: Grid): Grid => ({
  ...grid,
  ...{ edges: edges.slice(), before: before.slice(), at: at.slice() },
});

/** A grid until the next call. */
function selectInRoom(chunks: readonly Float64Array[], ranks: Float64Array, known?: Extremes): Selection {
  const n = lengthOf(chunks);
  const { cells, counts } = indexCells(chunks, { n, ...(known ?? extremesOf(chunks)) });
  const wanted = wantedCells(counts, ranks);
  const unseen = addCrowded(counts, wanted);
  let size = 0;
  for (let c = 0; c < counts.length; c++) if (wanted[c] === 1) size += counts[c]!;
  // One more, since of what is not kept the last is written as well.
  const room = roomFor(size + 1);
  gather(chunks, { cells, wanted, room });
  cellSort(room.values.subarray(0, size));
  return { grid: gridOfGathered(room, { counts, wanted, size, n }), unseen };
}

/** Values that room is kept for between calls: half of those of a full buffer, which heavy tails come near. */
const MOST_KEPT = 2 ** 19;

/** For gathered values, and for the three arrays of their grid. */
type Room = {
  readonly values: Float64Array;
  readonly edges: Float64Array;
  readonly before: Float64Array;
  readonly at: Float64Array;
};

const newRoom = (n: number): Room => ({
  values: new Float64Array(n),
  edges: new Float64Array(n),
  before: new Float64Array(n),
  at: new Float64Array(n),
});

let lastRoom = newRoom(0);

/** Used again by the next call. */
function roomFor(n: number): Room {
  if (lastRoom.values.length >= n) return lastRoom;
  const larger = newRoom(n);
  if (n <= MOST_KEPT) lastRoom = larger;
  return larger;
}

type Gathering = { readonly cells: Uint16Array; readonly wanted: Uint8Array; readonly room: Room };

/** Takes the values of wanted cells. */
function gather(chunks: readonly Float64Array[], { cells, wanted, room }: Gathering): void {
  let at = 0;
  let k = 0;
  for (const chunk of chunks) {
    k = gatherChunk(chunk, room.values, { cells: cells.subarray(at, at + chunk.length), wanted, from: k });
    at += chunk.length;
  }
}

type Chunk = { readonly cells: Uint16Array; readonly wanted: Uint8Array; readonly from: number };

/** Each value is written, and kept where it is wanted: that is cheaper than to guess. */
function gatherChunk(chunk: Float64Array, into: Float64Array, { cells, wanted, from }: Chunk): number {
  let k = from;
  for (let i = 0; i < chunk.length; i++) {
    into[k] = chunk[i]!;
    k += wanted[cells[i]!]!;
  }
  return k;
}

/** The smallest and the largest value. */
export type Extremes = { readonly min: number; readonly max: number };

function extremesOf(chunks: readonly Float64Array[]): Extremes {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const values of chunks) {
    for (let i = 0; i < values.length; i++) {
      const v = values[i]!;
      if (v < min) min = v;
      if (v > max) max = v;
    }
  }
  return { min, max };
}

/** Marks the cells in which the ranks lie. */
function wantedCells(counts: Uint32Array, ranks: Float64Array): Uint8Array {
  const wanted = new Uint8Array(counts.length);
  let cell = 0;
  let end = counts[0]!;
  for (const rank of ranks) {
    while (end <= rank && cell + 1 < counts.length) end += counts[++cell]!;
    wanted[cell] = 1;
  }
  return wanted;
}

/** Marks the cells with the most rows as well; returns the most rows of a cell that stays unmarked. */
function addCrowded(counts: Uint32Array, wanted: Uint8Array): number {
  const top: number[] = [];
  let unseen = 0;
  for (let c = 0; c < counts.length; c++) {
    if (wanted[c] === 1 || counts[c]! <= unseen) continue;
    let place = top.length;
    while (place > 0 && counts[top[place - 1]!]! < counts[c]!) place--;
    top.splice(place, 0, c);
    if (top.length > CROWDED_CELLS) unseen = counts[top.pop()!]!;
  }
  for (const c of top) wanted[c] = 1;
  return unseen;
}

type Gathered = {
  readonly counts: Uint32Array;
  readonly wanted: Uint8Array;
  readonly size: number;
  readonly n: number;
};

function gridOfGathered({ values, edges, before, at }: Room, { counts, wanted, size, n }: Gathered): Grid {
  let k = 0;
  let from = 0;
  let below = 0;
  for (let c = 0; c < counts.length; c++) {
    const end = from + (wanted[c] === 1 ? counts[c]! : 0);
    const first = from;
    while (from < end) {
      const v = values[from]!;
      let to = from + 1;
      while (to < end && values[to] === v) to++;
      edges[k] = v;
      before[k] = below + from - first;
      at[k++] = to - from;
      from = to;
    }
    below += counts[c]!;
  }
  const complete = size === n;
  return { n, error: 0, complete, edges: edges.subarray(0, k), before: before.subarray(0, k), at: at.subarray(0, k) };
}
