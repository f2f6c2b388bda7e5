/** The kernels of JSON records, a line each, and the memory that they work in. */
import type { Field } from '../../stats/column.ts';
import type { DictionaryExports, KernelDictionary } from '../text/kernel-dictionary.ts';
import { KernelMemory, kernelModule, SpareKernels } from '../text/kernel-memory.ts';
import { CellTable, MAX_BLOCK_CELLS } from './cells.ts';
import { KernelShape, SHAPE_BYTES } from './kernel-shape.ts';

/** What the files in `kernels` export for JSON. */
type Exports = DictionaryExports & {
  readonly nextRecord: WebAssembly.Global;
  readonly seenKinds: WebAssembly.Global;
  readonly seenCellTimes: WebAssembly.Global;
  readonly useTables: (at: number) => void;
  readonly useRoom: (entries: number, slots: number, textBytes: number) => void;
  readonly useCells: (...given: number[]) => void;
  readonly records: (...given: number[]) => number;
  readonly cellNumbers: (...given: number[]) => number;
  readonly cellTimes: (...given: number[]) => number;
  readonly cellTexts: (...given: number[]) => number;
};

/** Columns that the sample did not show. */
const SPARE_SLOTS = 16;
const BLOCK_ROWS = 512;
const BLOCK_CELLS = 2 ** 19;
/** No more columns are on a path that the scanner remembers. */
const WIDEST = 4096;

/** A column of cells from one row on. */
export type CellRange = { readonly slot: number; readonly from: number; readonly to: number };

/** They learn the shape of the records, so each reading has its own. */
export class JsonKernels {
  readonly cells: CellTable;
  /** Rows of a block. */
  readonly rows: number;
  /** Where records must lie to be scanned; the byte behind them is writable. */
  readonly text: Buffer<ArrayBuffer>;
  readonly shape: KernelShape;
  /** Of the cells that were read last: the values, the codes, and the rows that were left out, from 0 each. */
  readonly values: Float64Array;
  readonly codes: Int32Array;
  readonly oddRows: Int32Array;
  /** By slot. */
  readonly dictionaries: ReadonlyMap<number, KernelDictionary>;
  readonly #exports: Exports;

  constructor(module: WebAssembly.Module, fields: readonly Field[]) {
    const stride = (fields.length + SPARE_SLOTS + 15) & ~15;
    const rows = Math.min(BLOCK_ROWS, Math.floor(BLOCK_CELLS / stride));
    const count = rows * stride;
    const areas = [SHAPE_BYTES, count * 4, count * 4, count, count * 8, rows * 8, rows * 4];
    const memory = new KernelMemory<Exports>(module, fields, areas);
    const { buffer, exports, places } = memory;
    const [shapeAt, startsAt, endsAt, kindsAt, doublesAt, valuesAt, oddAt] = places;
    this.#exports = exports;
    this.rows = rows;
    this.text = memory.text;
    this.dictionaries = memory.dictionaries;
    this.shape = new KernelShape(buffer, shapeAt!);
    this.cells = new CellTable(stride, MAX_BLOCK_CELLS, {
      starts: new Int32Array(buffer, startsAt, count),
      ends: new Int32Array(buffer, endsAt, count),
      kinds: new Uint8Array(buffer, kindsAt, count),
      doubles: new Float64Array(buffer, doublesAt, count),
    });
    exports.useCells(startsAt!, endsAt!, kindsAt!, doublesAt!, stride);
    this.values = new Float64Array(buffer, valuesAt, rows);
    this.codes = new Int32Array(buffer, valuesAt, rows);
    this.oddRows = new Int32Array(buffer, oddAt, rows);
  }

  /** Forgets what belongs to what was read, the shape of the records among it. */
  clear(): void {
    this.shape.clear();
    this.cells.rows = 0;
    for (const dictionary of this.dictionaries.values()) dictionary.clear();
  }

  /** Kernels work in their own memory only: longer records, and tables with many more columns, lie elsewhere. */
  holds(buf: Buffer): boolean {
    return buf.buffer === this.text.buffer && this.cells.kinds.buffer === this.text.buffer;
  }

  /** Where the first record begins that `scan` did not take. */
  get next(): number {
    return Number(this.#exports.nextRecord.value);
  }

  /** The kinds of all cells that `readNumbers` went over: bit `kind` for each. */
  get seenKinds(): number {
    return Number(this.#exports.seenKinds.value);
  }

  /** Evidence of the cells that `readTimes` did not leave out. */
  get seenTimes(): number {
    return Number(this.#exports.seenCellTimes.value);
  }

  /** Appends plain records to `cells`; returns how many. They begin before `until`; at `end` stands a line end. */
  scan(start: number, until: number, end: number): number {
    const { shape, cells, rows } = this;
    const taken = this.#exports.records(shape.root, start, Math.min(until, end), end, cells.rows, rows - cells.rows);
    cells.rows += taken;
    return taken;
  }

  /** Reads cells as numbers into `values`; returns how many rows were left out. */
  readNumbers({ slot, from, to }: CellRange, whole: boolean): number {
    const { kinds, doubles, stride } = this.cells;
    const out = this.values.byteOffset;
    const odd = this.oddRows.byteOffset;
    return this.#exports.cellNumbers(
      kinds.byteOffset,
      // They are there as long as the cells lie in the kernels' memory.
      doubles!.byteOffset,
      stride,
      from,
      to,
      slot,
      Number(whole),
      out,
      odd,
    );
  }

  /** Reads cells as points in time into `values`; returns how many rows were left out. */
  readTimes({ slot, from, to }: CellRange): number {
    const { starts, ends, kinds, stride } = this.cells;
    const out = this.values.byteOffset;
    const odd = this.oddRows.byteOffset;
    return this.#exports.cellTimes(
      starts.byteOffset,
      ends.byteOffset,
      kinds.byteOffset,
      stride,
      from,
      to,
      slot,
      out,
      odd,
    );
  }

  /** Reads cells as codes into `codes`; returns the first row that it did not do, at best `to`. */
  readTexts({ slot, from, to }: CellRange, { at }: KernelDictionary): number {
    const { starts, ends, kinds, stride } = this.cells;
    const out = this.codes.byteOffset;
    return this.#exports.cellTexts(
      starts.byteOffset,
      ends.byteOffset,
      kinds.byteOffset,
      stride,
      from,
      to,
      slot,
      at,
      out,
    );
  }
}

const spare = new SpareKernels<JsonKernels>();

/** Kernels for records with these columns, of whose types only texts matter; null without the compiled file. */
export function jsonKernels(fields: readonly Field[]): JsonKernels | null {
  const kernels = spare.take(fields);
  if (kernels !== null) return kernels;
  const module = fields.length > WIDEST ? null : kernelModule();
  return module === null ? null : new JsonKernels(module, fields);
}

/** Says that nobody looks any more at what kernels for such records have read. */
export function releaseJsonKernels(kernels: JsonKernels, fields: readonly Field[]): void {
  // Where records were met with many more columns, the cells have left.
  if (kernels.holds(kernels.text)) spare.give(kernels, fields);
}
