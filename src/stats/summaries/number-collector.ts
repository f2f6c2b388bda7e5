import { addNumbers, addWords, emptyRegisters, type HyperLogLog } from './hyperloglog.ts';
import { type Grid, gridOfSorted, mergeGrids, thin } from './point-gap-grid.ts';
import { radixSort } from './radix-sort.ts';
import { countValues, emptyTable, gridOfTable, type ValueTable } from './value-table.ts';

/** Grids of one level that are merged into one of the next: fewer levels, so less error, than merging in pairs. */
const FAN_IN = 8;

export type CollectorOptions = {
  /** Values kept as they are; beyond them the grid is thinned and counts get an error. */
  readonly capacity: number;
  /** Edges of a thinned grid. */
  readonly edges: number;
};

/**
 * What a column of finite numbers holds. `registers` is null when the table sufficed; `sketched` is true when
 * only the registers know the different values.
 */
export type Collected = {
  readonly grid: Grid;
  readonly registers: HyperLogLog | null;
  readonly sketched: boolean;
};

/** A table this small goes into the buffer when it overflows, so that one sort and no merge is needed. */
const EXPANDED_ROWS = 65_536;

/**
 * Collects finite numbers (never -0) in bounded memory. Up to 4,096 different values are counted exactly in a
 * table, however many rows there are. After that values go to a buffer; as long as they all fit, everything
 * stays exact. A full buffer is sorted into a grid, thinned, and grids are merged eight at a time as in a
 * counter, so that the rank error grows with the logarithm of the rows and is known.
 */
export class NumberCollector {
  readonly #capacity: number;
  readonly #edges: number;
  #table: ValueTable | null = emptyTable();
  #tableGrid: Grid | null = null;
  #buffer = new Float64Array(0);
  #used = 0;
  readonly #levels: Grid[][] = [];
  readonly #registers = emptyRegisters();
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
      this.#leaveTable(gridOfTable(this.#table));
    }
    while (from < n) {
      if (this.#used === this.#capacity) this.#fold();
      const take = Math.min(n - from, this.#capacity - this.#used);
      this.#reserve(this.#used + take);
      this.#buffer.set(values.subarray(from, from + take), this.#used);
      this.#used += take;
      from += take;
    }
  }

  /**
   * Takes whole numbers beyond ±2^53, which several share one double, into the count of different values. From
   * the first call on that count is the registers'. The doubles themselves still go through `add`.
   */
  addBeyondDouble(value: bigint): void {
    this.#hashLimit = Number.MAX_SAFE_INTEGER;
    addWords(this.#registers, Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn), 0x64);
  }

  /** The grid of all values, complete unless the buffer overflowed. Call once, at the end. */
  finish(): Collected {
    const sketched = this.#hashLimit !== Number.POSITIVE_INFINITY;
    if (this.#table !== null) {
      const grid = gridOfTable(this.#table);
      if (sketched) addNumbers(this.#registers, grid.edges, this.#hashLimit);
      return { grid, registers: sketched ? this.#registers : null, sketched };
    }
    const parts = this.#levels.flat();
    if (this.#tableGrid !== null) parts.push(this.#tableGrid);
    if (this.#used > 0) parts.push(this.#sortedBuffer());
    const [first, ...others] = parts;
    const grid = first !== undefined && others.length === 0 ? first : mergeGrids(parts);
    return { grid, registers: this.#registers, sketched };
  }

  #leaveTable(grid: Grid): void {
    this.#table = null;
    if (grid.n > Math.min(EXPANDED_ROWS, this.#capacity)) {
      this.#tableGrid = grid;
      addNumbers(this.#registers, grid.edges, this.#hashLimit);
      return;
    }
    this.#reserve(grid.n);
    for (let i = 0; i < grid.edges.length; i++) {
      this.#buffer.fill(grid.edges[i]!, this.#used, this.#used + grid.at[i]!);
      this.#used += grid.at[i]!;
    }
  }

  #reserve(size: number): void {
    if (size <= this.#buffer.length) return;
    const grown = new Float64Array(Math.min(this.#capacity, Math.max(size, 2 * this.#buffer.length, 8_192)));
    grown.set(this.#buffer.subarray(0, this.#used));
    this.#buffer = grown;
  }

  #sortedBuffer(): Grid {
    const grid = gridOfSorted(radixSort(this.#buffer.subarray(0, this.#used)));
    addNumbers(this.#registers, grid.edges, this.#hashLimit);
    this.#used = 0;
    return grid;
  }

  #fold(): void {
    let grid = thin(this.#sortedBuffer(), this.#edges);
    for (let level = 0; ; level++) {
      const grids = this.#levels[level] ?? [];
      this.#levels[level] = grids;
      grids.push(grid);
      if (grids.length < FAN_IN) return;
      this.#levels[level] = [];
      grid = thin(mergeGrids(grids), this.#edges);
    }
  }
}
