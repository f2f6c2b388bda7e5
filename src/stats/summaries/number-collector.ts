import { addNumbers, addWords, emptyRegisters, type HyperLogLog, mergeRegisters } from './hyperloglog.ts';
import { type Grid, gridOfSorted, keptRanks, largestGap, mergeGrids, STORED_EDGES, thin } from './point-gap-grid.ts';
import { describedRanks } from './quantiles.ts';
import { radixSort } from './radix-sort.ts';
import { type Selection, selectRanks } from './rank-selection.ts';
import { countValues, emptyTable, gridOfTable, mergedTable, type ValueTable } from './value-table.ts';

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
  readonly table: ValueTable | null;
  readonly buffer: Float64Array<ArrayBuffer>;
  readonly used: number;
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
  #table: ValueTable | null = emptyTable();
  #buffer = new Float64Array(0);
  #used = 0;
  #levels: Grid[][] = [];
  #registers: HyperLogLog | null = null;
  #hashLimit = Number.POSITIVE_INFINITY;

  constructor(options: CollectorOptions) {
    this.#capacity = options.capacity;
    this.#edges = options.edges;
  }

  /** Takes the first `n` of `values`. */
  add(values: Float64Array, n: number): void {
    let from = 0;
    if (this.#table !== null) {
      from = countValues(this.#table, values, { from, n });
      if (from === n) return;
      this.#leaveTable();
    }
    const rest = values.subarray(from, n);
    addNumbers(this.#hashed(), rest, this.#hashLimit);
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
      table: this.#table,
      buffer: this.#buffer,
      used: this.#used,
      levels: this.#levels,
      registers: this.#registers,
      beyondDouble: this.#hashLimit !== Number.POSITIVE_INFINITY,
    };
  }

  /** Takes what another collector has, as if its values came next. */
  absorb(other: CollectorState): void {
    if (other.beyondDouble) this.#hashLimit = Number.MAX_SAFE_INTEGER;
    if (other.registers !== null) mergeRegisters(this.#hashed(), other.registers);
    if (this.#table !== null && other.table !== null) {
      const merged = mergedTable(this.#table, other.table);
      if (merged !== null) {
        this.#table = merged;
        return;
      }
    }
    this.#leaveTable();
    if (other.table !== null) this.#takeTable(other.table);
    this.#push(other.buffer.subarray(0, other.used));
    for (const [level, grids] of other.levels.entries()) for (const grid of grids) this.#pushGrid(grid, level);
  }

  /** The grid of all values, complete or exact unless the buffer overflowed. Call once, at the end. */
  finish(): Collected {
    const sketched = this.#hashLimit !== Number.POSITIVE_INFINITY;
    if (this.#table !== null) return this.#finishTable(this.#table, sketched);
    const registers = this.#hashed();
    const grids = this.#levels.flat();
    if (grids.length === 0) {
      const { grid, unseen } = this.#settled(describedRanks);
      return { grid, registers, sketched, exact: true, unseen };
    }
    if (this.#used > 0) grids.push(this.#thinned());
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
    this.#takeTable(table);
  }

  #takeTable(table: ValueTable): void {
    const grid = gridOfTable(table);
    addNumbers(this.#hashed(), grid.edges, this.#hashLimit);
    if (grid.n > this.#capacity - this.#used) {
      this.#pushGrid(thin(grid, this.#edges), 0);
      return;
    }
    this.#reserve(this.#used + grid.n);
    for (let i = 0; i < grid.edges.length; i++) {
      this.#buffer.fill(grid.edges[i]!, this.#used, this.#used + grid.at[i]!);
      this.#used += grid.at[i]!;
    }
  }

  #push(values: Float64Array): void {
    for (let from = 0; from < values.length; ) {
      if (this.#used === this.#capacity) this.#pushGrid(this.#thinned(), 0);
      const take = Math.min(values.length - from, this.#capacity - this.#used);
      this.#reserve(this.#used + take);
      this.#buffer.set(values.subarray(from, from + take), this.#used);
      this.#used += take;
      from += take;
    }
  }

  #reserve(size: number): void {
    if (size <= this.#buffer.length) return;
    const grown = new Float64Array(Math.min(this.#capacity, Math.max(size, 2 * this.#buffer.length, 8_192)));
    grown.set(this.#buffer.subarray(0, this.#used));
    this.#buffer = grown;
  }

  /** The buffer as a grid with the ranks that are asked for, and empties it. */
  #settled(ranksFor: (n: number) => Float64Array): Selection {
    const values = this.#buffer.subarray(0, this.#used);
    this.#used = 0;
    if (values.length <= SORTED_VALUES) return { grid: gridOfSorted(radixSort(values)), unseen: 0 };
    return selectRanks(values, ranksFor(values.length));
  }

  #thinned(): Grid {
    return thin(this.#settled((n) => keptRanks(n, this.#edges)).grid, this.#edges);
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
