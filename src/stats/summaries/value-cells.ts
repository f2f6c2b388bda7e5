/**
 * A monotone map from doubles to at most 65,536 cells, chosen on a sample: linear between the extremes, or by the
 * leading bits of the doubles, which suits heavy tails. Whatever order statistics are wanted then lie in few cells,
 * and only these need sorting.
 */
const CELLS = 65_536;
const SAMPLE = 2_048;

/** The cell of each value, and how many values each cell has. */
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

/** Indexes finite values (never -0) whose extremes are given. Cost O(n). */
export function indexCells(values: Float64Array, min: number, max: number): CellIndex {
  const cells = new Uint16Array(values.length);
  if (max === min) {
    const counts = new Uint32Array(CELLS);
    counts[0] = values.length;
    return { cells, counts };
  }
  const low = orderedHighOf(min);
  const shift = Math.max(0, 16 - Math.clz32(orderedHighOf(max) - low));
  const scale = (CELLS - 1) / (max - min);
  const sample = spread(values);
  // A scale of 0 or infinity (a range beyond doubles, or below them) maps nothing apart.
  const usable = Number.isFinite(scale) && scale > 0;
  if (usable && collisions(sample, (v) => Math.trunc((v - min) * scale)) <= bitCollisions(sample, low, shift)) {
    for (let i = 0; i < values.length; i++) cells[i] = (values[i]! - min) * scale;
  } else {
    const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
    for (let i = 0; i < values.length; i++) cells[i] = (orderedHigh(words[2 * i + 1]!) - low) >>> shift;
  }
  return { cells, counts: countCells(cells) };
}

function countCells(cells: Uint16Array): Uint32Array {
  const counts = new Uint32Array(CELLS);
  for (let i = 0; i < cells.length; i++) counts[cells[i]!]!++;
  return counts;
}

function spread(values: Float64Array): Float64Array {
  const step = Math.max(1, values.length / SAMPLE);
  return Float64Array.from({ length: Math.min(SAMPLE, values.length) }, (_, i) => values[Math.floor(i * step)]!);
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
