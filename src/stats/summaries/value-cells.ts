/**
 * A monotone map from doubles to at most 65,536 cells, chosen on a sample: linear between the extremes, or by the
 * leading bits of the doubles, which suits heavy tails. Whatever order statistics are wanted then lie in few cells,
 * and only these need sorting.
 */
const CELLS = 65_536;
const SAMPLE = 2_048;

/** Values whose cells are kept room for between calls: to allocate that takes as long as to fill it. */
const MOST_KEPT = 2 ** 20;

let room = new Uint16Array(0);

function roomFor(n: number): Uint16Array {
  if (n > MOST_KEPT) return new Uint16Array(n);
  if (room.length < n) room = new Uint16Array(n);
  return room.subarray(0, n);
}

/** The cell of each value, until the next call, and how many values each cell has. */
export type CellIndex = { readonly cells: Uint16Array; readonly counts: Uint32Array };

const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);

/** The high half of a double as an unsigned integer that ascends with the double. */
function orderedHigh(high: number): number {
  return (high ^ ((high >> 31) | 0x80000000)) >>> 0;
}

function orderedHighOf(value: number): number {
  word[0] = value;
  return orderedHigh(halves[1]!);
}

/** Indexes finite values (never -0), given in chunks, whose number and extremes are known. Cost O(n). */
export function indexCells(chunks: readonly Float64Array[], known: Known): CellIndex {
  const { n, min, max } = known;
  const cells = roomFor(n);
  const counts = new Uint32Array(CELLS);
  if (max === min) {
    cells.fill(0);
    counts[0] = n;
    return { cells, counts };
  }
  const low = orderedHighOf(min);
  const shift = Math.max(0, 16 - Math.clz32(orderedHighOf(max) - low));
  const scale = (CELLS - 1) / (max - min);
  const sample = spread(chunks, n);
  // A scale of 0 or infinity (a range beyond doubles, or below them) maps nothing apart.
  const usable = Number.isFinite(scale) && scale > 0;
  const linear =
    usable && collisions(sample, (v) => Math.trunc((v - min) * scale)) <= bitCollisions(sample, low, shift);
  let at = 0;
  for (const values of chunks) {
    const part = cells.subarray(at, at + values.length);
    if (linear) linearCells(values, part, { min, scale });
    else bitCells(values, part, { low, shift });
    countCells(part, counts);
    at += values.length;
  }
  return { cells, counts };
}

type Known = { readonly n: number; readonly min: number; readonly max: number };

// Loops of their own: one in another is left, and compiled anew, as often as that goes round.
function countCells(cells: Uint16Array, counts: Uint32Array): void {
  for (let i = 0; i < cells.length; i++) counts[cells[i]!]!++;
}

function linearCells(values: Float64Array, cells: Uint16Array, map: { min: number; scale: number }): void {
  const { min, scale } = map;
  for (let i = 0; i < values.length; i++) cells[i] = (values[i]! - min) * scale;
}

function bitCells(values: Float64Array, cells: Uint16Array, { low, shift }: { low: number; shift: number }): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  for (let i = 0; i < values.length; i++) cells[i] = (orderedHigh(words[2 * i + 1]!) - low) >>> shift;
}

function spread(chunks: readonly Float64Array[], n: number): Float64Array {
  const sample: number[] = [];
  const step = Math.max(1, n / SAMPLE);
  let next = 0;
  let at = 0;
  for (const values of chunks) {
    for (; next < at + values.length; next = Math.ceil(sample.length * step)) sample.push(values[next - at]!);
    at += values.length;
  }
  return Float64Array.from(sample);
}

function bitCollisions(sample: Float64Array, low: number, shift: number): number {
  return collisions(sample, (v) => (orderedHighOf(v) - low) >>> shift);
}

/** Different sample values that share a cell with another. */
function collisions(sample: Float64Array, cellOf: (value: number) => number): number {
  const different = new Set(sample);
  const used = new Set<number>();
  for (const value of different) used.add(cellOf(value));
  return different.size - used.size;
}
