import { ChunkedValues, reuseChunks } from './chunked-values.ts';
import { addNumbers, addWords, emptyRegisters, type HyperLogLog, mergeRegisters } from './hyperloglog.ts';
import { mergeGrids } from './merge-grids.ts';
import { type Grid, gridOfSorted, largestGap, STORED_EDGES, thin } from './point-gap-grid.ts';
import { describedRanks } from './quantiles.ts';
import { radixSort } from './radix-sort.ts';
import { type Extremes, lengthOf, type Selection, selectRanks, selectThinned } from './rank-selection.ts';
import {
  addTable,
  countClose,
  countValues,
  emptyTable,
  gridOfTable,
  type ListedCounts,
  listTable,
  type ValueTable,
} from './value-table.ts';

/** Grids of one level that are merged into one of the next: fewer levels, so less error, than merging in pairs. */
const FAN_IN = 8;

/** As many values are sorted, which also counts the different ones; of more only what is described is selected. */
const SORTED_VALUES = 65_536;

export type CollectorOptions = {
  /** Values kept as they are; beyond them the grid is thinned and counts get an error. */
  readonly capacity: number;
  /** Edges of a thinned grid. */
  readonly edges: number;
};

/**
 * What a column of finite numbers holds. `registers` is null when few different values are all listed; `sketched`
 * is true when only the registers know the different values. `exact`: the grid has true counts at its edges and all
 * ranks that are described among them. `unseen`: the most rows that a value which is no edge can have.
 */
export type Collected = {
  readonly grid: Grid;
  readonly registers: HyperLogLog | null;
  readonly sketched: boolean;
  readonly exact: boolean;
  readonly unseen: number;
};

/** A collector's content as plain data. */
export type CollectorState = {
  readonly table: ListedCounts | null;
  readonly chunks: readonly Float64Array<ArrayBuffer>[];
  readonly levels: readonly (readonly Grid[])[];
  readonly registers: HyperLogLog | null;
  readonly beyondDouble: boolean;
};

/**
 * Collects finite numbers (never -0) in bounded memory. Up to 4,096 different values are counted exactly in a
 * table, however many rows there are. After that values go to a buffer; as long as they all fit, quantiles, grid
 * and bins are exact. A full buffer becomes a thinned grid, and grids are merged eight at a time as in a counter,
 * so that the rank error grows with the logarithm of the rows and is known.
 */
export class NumberCollector {
  readonly #capacity: number;
  readonly #edges: number;
  readonly #hash: typeof addNumbers;
  #table: ValueTable | null = emptyTable();
  readonly #values = new ChunkedValues();
  #levels: Grid[][] = [];
  #registers: HyperLogLog | null = null;
  #hashLimit = Number.POSITIVE_INFINITY;

  /** `hash`: as `addNumbers`, for what is added. */
  constructor(options: CollectorOptions, hash: typeof addNumbers = addNumbers) {
    this.#hash = hash;
    this.#capacity = options.capacity;
    this.#edges = options.edges;
  }

  /** Takes the first `n` of `values`; whoever knows the smallest and the largest of them may spare a look at each. */
  add(values: Float64Array, n: number, known?: Extremes): void {
    let from = 0;
    if (this.#table !== null) {
      if (known !== undefined && countClose(this.#table, values, { n, min: known.min, max: known.max })) return;
      from = countValues(this.#table, values, { from, n });
      if (from === n) return;
      this.#leaveTable();
    }
    const rest = values.subarray(from, n);
    this.#hash(this.#hashed(), rest, this.#hashLimit);
    this.#push(rest);
  }

  /**
   * Takes whole numbers beyond ±2^53, which several share one double, into the count of different values. From
   * the first call on that count is the registers'. The doubles themselves still go through `add`, afterwards.
   */
  addBeyondDouble(value: bigint): void {
    this.#hashLimit = Number.MAX_SAFE_INTEGER;
    addWords(this.#hashed(), Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn), 0x64);
  }

  /** The content; the collector must not be used any more. */
  state(): CollectorState {
    return {
      table: this.#table && listTable(this.#table),
      chunks: this.#values.take(),
      levels: this.#levels,
      registers: this.#registers,
      beyondDouble: this.#hashLimit !== Number.POSITIVE_INFINITY,
    };
  }

  /** Takes what another collector has, as if its values came next. */
  absorb(other: CollectorState): void {
    if (other.beyondDouble) this.#hashLimit = Number.MAX_SAFE_INTEGER;
    if (other.registers !== null) mergeRegisters(this.#hashed(), other.registers);
    if (this.#table !== null && other.table !== null && addTable(this.#table, other.table)) return;
    this.#leaveTable();
    if (other.table !== null) this.#takeCounts(other.table);
    for (const chunk of other.chunks) {
      if (this.#values.length + chunk.length <= this.#capacity) {
        this.#values.adopt(chunk);
        continue;
      }
      this.#push(chunk);
      reuseChunks([chunk]);
    }
    for (const [level, grids] of other.levels.entries()) for (const grid of grids) this.#pushGrid(grid, level);
  }

  /**
   * The grid of all values, complete or exact unless the buffer overflowed. Call once, at the end; whoever knows the
   * smallest and the largest of all values spares them being looked for.
   */
  finish(known?: Extremes): Collected {
    const sketched = this.#hashLimit !== Number.POSITIVE_INFINITY;
    if (this.#table !== null) return this.#finishTable(this.#table, sketched);
    const registers = this.#hashed();
    const grids = this.#levels.flat();
    if (grids.length === 0) {
      const { grid, unseen } = this.#settled(known);
      return { grid, registers, sketched, exact: true, unseen };
    }
    if (this.#values.length > 0) grids.push(this.#thinned(known));
    const [first, ...others] = grids;
    const grid = first !== undefined && others.length === 0 ? first : mergeGrids(grids);
    return { grid, registers, sketched, exact: false, unseen: largestGap(grid) };
  }

  #finishTable(table: ValueTable, sketched: boolean): Collected {
    const grid = gridOfTable(table);
    // A stored grid lists no more values than this, so what is stored must be mergeable without them.
    const registers = sketched || grid.edges.length > STORED_EDGES ? this.#hashed() : null;
    if (registers !== null) addNumbers(registers, grid.edges, this.#hashLimit);
    return { grid, registers, sketched, exact: true, unseen: 0 };
  }

  #hashed(): HyperLogLog {
    this.#registers ??= emptyRegisters();
    return this.#registers;
  }

  #leaveTable(): void {
    if (this.#table === null) return;
    const table = this.#table;
    this.#table = null;
    this.#takeCounts(listTable(table));
  }

  #takeCounts(listed: ListedCounts): void {
    const { keys, counts } = listed;
    addNumbers(this.#hashed(), keys, this.#hashLimit);
    const rows = counts.reduce((sum, count) => sum + count, 0);
    if (rows > this.#capacity - this.#values.length) {
      const table = emptyTable();
      addTable(table, listed);
      this.#pushGrid(thin(gridOfTable(table), this.#edges), 0);
      return;
    }
    this.#values.add(keys);
    for (let i = 0; i < keys.length; i++) if (counts[i]! > 1) this.#values.addRun(keys[i]!, counts[i]! - 1);
  }

  #push(values: Float64Array): void {
    for (let from = 0; from < values.length; ) {
      if (this.#values.length === this.#capacity) this.#pushGrid(this.#thinned(), 0);
      const to = Math.min(values.length, from + this.#capacity - this.#values.length);
      this.#values.add(values.subarray(from, to));
      from = to;
    }
  }

  /** The values that are kept as a grid with all ranks that are described; none is kept after that. */
  #settled(known?: Extremes): Selection {
    const chunks = this.#values.take();
    const length = lengthOf(chunks);
    if (length <= SORTED_VALUES) return { grid: gridOfChunks(chunks, length), unseen: 0 };
    const selection = selectRanks(chunks, describedRanks(length), known);
    reuseChunks(chunks);
    return selection;
  }

  /** The same on few edges. `known`: bounds of the values. */
  #thinned(known?: Extremes): Grid {
    const chunks = this.#values.take();
    const length = lengthOf(chunks);
    if (length <= SORTED_VALUES) return thin(gridOfChunks(chunks, length), this.#edges);
    const grid = selectThinned(chunks, this.#edges, known);
    reuseChunks(chunks);
    return grid;
  }

  #pushGrid(pushed: Grid, from: number): void {
    let grid = pushed;
    for (let level = from; ; level++) {
      while (this.#levels.length <= level) this.#levels.push([]);
      const grids = this.#levels[level]!;
      grids.push(grid);
      if (grids.length < FAN_IN) return;
      this.#levels[level] = [];
      grid = thin(mergeGrids(grids), this.#edges);
    }
  }
}

function gridOfChunks(chunks: readonly Float64Array[], length: number): Grid {
  const sorted = new Float64Array(length);
  let at = 0;
  for (const chunk of chunks) {
    sorted.set(chunk, at);
    at += chunk.length;
  }
  return gridOfSorted(radixSort(sorted));
}
