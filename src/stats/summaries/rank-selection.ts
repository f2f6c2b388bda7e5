import type { Grid } from './point-gap-grid.ts';
import { radixSort } from './radix-sort.ts';
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
  const n = chunks.reduce((sum, { length }) => sum + length, 0);
  const { cells, counts } = indexCells(chunks, { n, ...(known ?? extremesOf(chunks)) });
  const wanted = wantedCells(counts, ranks);
  const unseen = addCrowded(counts, wanted);
  let size = 0;
  for (let c = 0; c < counts.length; c++) if (wanted[c] === 1) size += counts[c]!;
  const gathered = gather(chunks, { cells, wanted, size });
  return { grid: gridOfGathered(radixSort(gathered), { counts, wanted, n }), unseen };
}

/** Values that room is kept for between calls. */
const MOST_KEPT = 2 ** 18;

let room = [new Float64Array(0), new Float64Array(0), new Float64Array(0), new Float64Array(0)] as const;

/** Room for gathered values, and for the three arrays of their grid; used again by the next call. */
function roomFor(n: number): typeof room {
  if (room[0].length >= n) return room;
  const larger = [new Float64Array(n), new Float64Array(n), new Float64Array(n), new Float64Array(n)] as const;
  if (n <= MOST_KEPT) room = larger;
  return larger;
}

type Wanted = { readonly cells: Uint16Array; readonly wanted: Uint8Array; readonly size: number };

/** The values of wanted cells, until the next call. Each value is written, and kept where it is wanted: that is cheaper than to guess. */
function gather(chunks: readonly Float64Array[], { cells, wanted, size }: Wanted): Float64Array {
  const [gathered] = roomFor(size + 1);
  let at = 0;
  let k = 0;
  for (const values of chunks) {
    k = gatherChunk(values, gathered, { cells: cells.subarray(at, at + values.length), wanted, from: k });
    at += values.length;
  }
  return gathered.subarray(0, size);
}

type Chunk = { readonly cells: Uint16Array; readonly wanted: Uint8Array; readonly from: number };

function gatherChunk(values: Float64Array, into: Float64Array, { cells, wanted, from }: Chunk): number {
  let k = from;
  for (let i = 0; i < values.length; i++) {
    into[k] = values[i]!;
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

type Gathering = { readonly counts: Uint32Array; readonly wanted: Uint8Array; readonly n: number };

function gridOfGathered(sorted: Float64Array, { counts, wanted, n }: Gathering): Grid {
  const [, edges, before, at] = roomFor(sorted.length);
  let k = 0;
  let from = 0;
  let below = 0;
  for (let c = 0; c < counts.length; c++) {
    const end = from + (wanted[c] === 1 ? counts[c]! : 0);
    const first = from;
    while (from < end) {
      const v = sorted[from]!;
      let to = from + 1;
      while (to < end && sorted[to] === v) to++;
      edges[k] = v;
      before[k] = below + from - first;
      at[k++] = to - from;
      from = to;
    }
    below += counts[c]!;
  }
  const complete = sorted.length === n;
  return { n, error: 0, complete, edges: edges.slice(0, k), before: before.slice(0, k), at: at.slice(0, k) };
}
