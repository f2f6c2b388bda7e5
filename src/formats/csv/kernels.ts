/** The kernels of delimited text, and the memory that they work in. */
import type { Field } from '../../stats/column.ts';
import type { DictionaryExports, KernelDictionary } from '../text/kernel-dictionary.ts';
import { KernelMemory, kernelModule, SpareKernels } from '../text/kernel-memory.ts';
import type { CellBlock } from './cells.ts';
import type { Dialect } from './dialect.ts';
import { blockRows, RowIndex, type ScanRange } from './row-index.ts';

/** What the files in `kernels` export for delimited text. */
type Exports = DictionaryExports & {
  readonly next: WebAssembly.Global;
  readonly seenNumbers: WebAssembly.Global;
  readonly seenTimes: WebAssembly.Global;
  readonly absentNumbers: WebAssembly.Global;
  readonly absentTimes: WebAssembly.Global;
  readonly questions: WebAssembly.Global;
  readonly useTables: (at: number) => void;
  readonly scan: (...given: number[]) => number;
  readonly numbers: (...given: number[]) => number;
  readonly times: (...given: number[]) => number;
  readonly texts: (...given: number[]) => number;
  readonly useRoom: (entries: number, slots: number, textBytes: number) => void;
};

export class CsvKernels {
  readonly index: RowIndex;
  /** Where text must lie to be scanned; the byte behind it is writable. */
  readonly text: Buffer<ArrayBuffer>;
  /** Of the block that was read last: the values, the codes, and the rows that were left out, from 0 each. */
  readonly values: Float64Array;
  readonly codes: Int32Array;
  readonly oddRows: Int32Array;
  /** By column. */
  readonly dictionaries: ReadonlyMap<number, KernelDictionary>;
  readonly #exports: Exports;

  constructor(module: WebAssembly.Module, fields: readonly Field[]) {
    const width = fields.length;
    const rows = blockRows(width);
    const bounds = rows * width * 4;
    const memory = new KernelMemory<Exports>(module, fields, [bounds, bounds, rows * 8, rows * 4]);
    const { buffer, places } = memory;
    const [startsAt, endsAt, valuesAt, oddAt] = places;
    this.#exports = memory.exports;
    this.text = memory.text;
    this.dictionaries = memory.dictionaries;
    const starts = new Int32Array(buffer, startsAt, rows * width);
    const ends = new Int32Array(buffer, endsAt, rows * width);
    this.index = new RowIndex(width, rows, { starts, ends });
    this.values = new Float64Array(buffer, valuesAt, rows);
    this.codes = new Int32Array(buffer, valuesAt, rows);
    this.oddRows = new Int32Array(buffer, oddAt, rows);
  }

  /** Forgets what belongs to what was read. */
  clear(): void {
    for (const dictionary of this.dictionaries.values()) dictionary.clear();
  }

  /** Kernels work on text in their own memory only. */
  holds(buf: Buffer): boolean {
    return buf.buffer === this.text.buffer;
  }

  /** Where the first row begins that `scan` did not take. */
  get next(): number {
    return Number(this.#exports.next.value);
  }

  /** Evidence of the cells that `readNumbers` did not leave out. */
  get seenNumbers(): number {
    return Number(this.#exports.seenNumbers.value);
  }

  /** Evidence of the cells that `readTimes` did not leave out. */
  get seenTimes(): number {
    return Number(this.#exports.seenTimes.value);
  }

  /** Of the rows that `readNumbers` went over last, so many, those without anything in the cell; from 0. */
  rowsWithoutNumber(rows: number): Int32Array {
    return this.oddRows.subarray(rows - Number(this.#exports.absentNumbers.value), rows);
  }

  /** Those of `readTimes`. */
  rowsWithoutTime(rows: number): Int32Array {
    return this.oddRows.subarray(rows - Number(this.#exports.absentTimes.value), rows);
  }

  /** How many of the cells that `readTexts` did hold a question mark alone. */
  get questions(): number {
    return Number(this.#exports.questions.value);
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

  /** Reads the block's cells as codes into `codes`; returns the first row that it did not do, at best `to`. */
  readTexts({ index, column, from, to }: CellBlock, dictionary: KernelDictionary): number {
    const { starts, ends, width } = index;
    const { at } = dictionary;
    return this.#exports.texts(starts.byteOffset, ends.byteOffset, width, from, to, column, at, this.codes.byteOffset);
  }
}

const spare = new SpareKernels<CsvKernels>();

/** Kernels for tables with these fields, of whose types only texts matter; null without the compiled file. */
export function csvKernels(fields: readonly Field[]): CsvKernels | null {
  const kernels = spare.take(fields);
  if (kernels !== null) return kernels;
  const module = kernelModule();
  return module === null ? null : new CsvKernels(module, fields);
}

/** Says that nobody looks any more at what kernels for such tables have read. */
export function releaseCsvKernels(kernels: CsvKernels, fields: readonly Field[]): void {
  spare.give(kernels, fields);
}
