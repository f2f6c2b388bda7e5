/**
 * A monotone map from doubles to at most 65,536 cells, chosen on a sample: linear between the extremes, or by the
 * leading bits of the doubles in stretches, each with as many of the cells as of the values, which suits tails of all
 * kinds. Whatever order statistics are wanted then lie in few cells, and only these need sorting.
 */
const CELLS = 65_536;
const SAMPLE = 2_048;
/** Collisions within the sample that are taken for none. */
const SOONER = 32;

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
  const scale = (CELLS - 1) / (max - min);
  const sample = spread(chunks, n);
  const stretches = stretchesOf(sample, known);
  // A scale of 0 or infinity (a range beyond doubles, or below them) maps nothing apart.
  const usable = Number.isFinite(scale) && scale > 0;
  const even = usable ? collisions(sample, (v) => Math.trunc((v - min) * scale)) : Number.POSITIVE_INFINITY;
  // Where either will do, even cells are found sooner.
  const linear = even <= SOONER + 2 * collisions(sample, (v) => cellIn(stretches, orderedHighOf(v)));
  let at = 0;
  for (const values of chunks) {
    const part = cells.subarray(at, at + values.length);
    if (linear) linearCells(values, part, { min, scale });
    else stretchCells(values, part, stretches);
    countCells(part, counts);
    at += values.length;
  }
  return { cells, counts };
}

/**
 * Stretches of values with one sign, exponent and beginning of the mantissa. `first` is the least cell of each, `widths` how
 * many it has: about as many as it has of the values.
 */
type Stretches = { readonly low: number; readonly first: Uint32Array; readonly widths: Uint32Array };

/** Bits of a double's high half behind those that tell its stretch. */
const WITHIN = 16;

function stretchesOf(sample: Float64Array, { min, max }: Known): Stretches {
  const low = orderedHighOf(min) >>> WITHIN;
  const count = (orderedHighOf(max) >>> WITHIN) - low + 1;
  const rows = new Uint32Array(count);
  for (const v of sample) rows[(orderedHighOf(v) >>> WITHIN) - low]!++;
  // Each has a cell at least, since the sample does not know all that have values.
  const share = (CELLS - Math.min(count, CELLS / 2)) / sample.length;
  const least = Math.min(1, CELLS / 2 / count);
  const first = new Uint32Array(count);
  const widths = new Uint32Array(count);
  let cells = 0;
  for (let i = 0; i < count; i++) {
    first[i] = cells;
    cells += least + share * rows[i]!;
    widths[i] = Math.floor(cells) - first[i]!;
  }
  return { low, first, widths };
}

function cellIn({ low, first, widths }: Stretches, high: number): number {
  const i = (high >>> WITHIN) - low;
  return first[i]! + (Math.imul(high & 0xffff, widths[i]!) >>> WITHIN);
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

function stretchCells(values: Float64Array, cells: Uint16Array, { low, first, widths }: Stretches): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  for (let i = 0; i < values.length; i++) {
    const high = orderedHigh(words[2 * i + 1]!);
    const stretch = (high >>> WITHIN) - low;
    cells[i] = first[stretch]! + (Math.imul(high & 0xffff, widths[stretch]!) >>> WITHIN);
  }
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

/** Different sample values that share a cell with another. */
function collisions(sample: Float64Array, cellOf: (value: number) => number): number {
  const different = new Set(sample);
  const used = new Set<number>();
  for (const value of different) used.add(cellOf(value));
  return different.size - used.size;
}
