/**
 * The compiled loops of `kernels/csv.ts` and the memory that they work in. Without the compiled file, as in a source
 * tree that was not built, there are none, and the TypeScript that they are twins of does everything.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { CellBlock } from './csv-cells.ts';
import type { Dialect } from './csv-dialect.ts';
import { blockRows, RowIndex, type ScanRange } from './csv-scan.ts';
import { powerTables } from './decimal.ts';

/** What `kernels/csv.ts` exports. */
type Exports = {
  readonly next: WebAssembly.Global;
  readonly seen: WebAssembly.Global;
  readonly useTables: (at: number) => void;
  readonly scan: (...given: number[]) => number;
  readonly numbers: (...given: number[]) => number;
  readonly times: (...given: number[]) => number;
};

const PAGE = 65_536;
/** Text lies at address 0, so that its places in the buffer and in the memory are the same. */
const TEXT = 2 ** 21;
/** What lies behind the text: more bytes may be looked at at once than are left of it. */
const BEHIND = 64;

export class CsvKernels {
  readonly index: RowIndex;
  /** Where text must lie to be scanned; the byte behind it is writable. */
  readonly text: Buffer<ArrayBuffer>;
  /** Of the block that was read last: the values, and the rows that were left out, from 0 each. */
  readonly values: Float64Array;
  readonly oddRows: Int32Array;
  readonly #exports: Exports;

  /** For tables of `width` columns. */
  constructor(module: WebAssembly.Module, width: number) {
    const rows = blockRows(width);
    const tables = powerTables();
    const sizes = [TEXT + BEHIND, tables.byteLength, rows * width * 4, rows * width * 4, rows * 8, rows * 4];
    const places = placesOf(sizes);
    const memory = new WebAssembly.Memory({ initial: Math.ceil(places[sizes.length]! / PAGE) });
    const { buffer } = memory;
    // The build makes the file from the source that the type above names.
    this.#exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
    this.text = Buffer.from(buffer, 0, TEXT);
    new Float64Array(buffer, places[1], tables.length).set(tables);
    this.#exports.useTables(places[1]!);
    const starts = new Int32Array(buffer, places[2], rows * width);
    const ends = new Int32Array(buffer, places[3], rows * width);
    this.index = new RowIndex(width, rows, { starts, ends });
    this.values = new Float64Array(buffer, places[4], rows);
    this.oddRows = new Int32Array(buffer, places[5], rows);
  }

  /** Kernels work on text in their own memory only. */
  holds(buf: Buffer): boolean {
    return buf.buffer === this.text.buffer;
  }

  /** Where the first row begins that `scan` did not take. */
  get next(): number {
    return Number(this.#exports.next.value);
  }

  /** Evidence of the cells that `readNumbers` or `readTimes` did not leave out. */
  get seen(): number {
    return Number(this.#exports.seen.value);
  }

  /** Appends plain rows to `index` (this object's); returns how many. */
  scan(range: ScanRange & { readonly until: number }, dialect: Dialect, index: RowIndex): number {
    const { start, until, end, last } = range;
    const { width, rows, capacity } = index;
    const done = rows * width * 4;
    return this.#exports.scan(
      start,
      Math.min(until, end),
      end,
      Number(last),
      dialect.delimiter,
      Number(dialect.skipBlank),
      width,
      index.starts.byteOffset + done,
      index.ends.byteOffset + done,
      capacity - rows,
    );
  }

  /** Reads the block's cells as numbers into `values`; returns how many rows were left out. */
  readNumbers({ index, column, from, to }: CellBlock, whole: boolean): number {
    const { starts, ends, width } = index;
    const out = this.values.byteOffset;
    const odd = this.oddRows.byteOffset;
    return this.#exports.numbers(starts.byteOffset, ends.byteOffset, width, from, to, column, Number(whole), out, odd);
  }

  /** Reads the block's cells as points in time into `values`; returns how many rows were left out. */
  readTimes({ index, column, from, to }: CellBlock): number {
    const { starts, ends, width } = index;
    const out = this.values.byteOffset;
    return this.#exports.times(
      starts.byteOffset,
      ends.byteOffset,
      width,
      from,
      to,
      column,
      out,
      this.oddRows.byteOffset,
    );
  }
}

let compiled: WebAssembly.Module | null | undefined;

/** Kernels for tables of `width` columns; null without the compiled file. */
export function csvKernels(width: number): CsvKernels | null {
  compiled ??= compile();
  return compiled === null ? null : new CsvKernels(compiled, width);
}

/** The file lies beside this one where that is built, and in the build where it is run from its source. */
function compile(): WebAssembly.Module | null {
  for (const place of ['./kernels/csv.wasm', '../../dist/src/formats/kernels/csv.wasm']) {
    const file = new URL(place, import.meta.url);
    if (existsSync(file)) return new WebAssembly.Module(readFileSync(file));
  }
  return null;
}

/** Offsets for areas of the given sizes, each on a border of 64 bytes, and the end of the last. */
function placesOf(sizes: readonly number[]): number[] {
  const places = [0];
  for (const size of sizes) places.push((places[places.length - 1]! + size + 63) & ~63);
  return places;
}
