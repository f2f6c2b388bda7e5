/**
 * The compiled loops of `kernels` and the memory that they work in. Without the compiled file, as in a source
 * tree that was not built, there are none, and the TypeScript that they are twins of does everything.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Field } from '../../stats/column.ts';
import { powerTables } from '../text/decimal.ts';
import { DICTIONARY_ROOM, KernelDictionary } from '../text/kernel-dictionary.ts';
import type { CellBlock } from './cells.ts';
import type { Dialect } from './dialect.ts';
import { blockRows, RowIndex, type ScanRange } from './scan.ts';

/** What the files in `kernels` export. */
type Exports = {
  readonly next: WebAssembly.Global;
  readonly seenNumbers: WebAssembly.Global;
  readonly seenTimes: WebAssembly.Global;
  readonly questions: WebAssembly.Global;
  readonly useTables: (at: number) => void;
  readonly scan: (...given: number[]) => number;
  readonly numbers: (...given: number[]) => number;
  readonly times: (...given: number[]) => number;
  readonly texts: (...given: number[]) => number;
  readonly useRoom: (entries: number, slots: number, textBytes: number) => void;
  readonly clear: (dictionary: number) => void;
  readonly codeOf: (dictionary: number, start: number, end: number) => number;
};

const PAGE = 65_536;
/** Text lies at address 0, so that its places in the buffer and in the memory are the same. */
const TEXT = 2 ** 21;
/** What lies behind the text: more bytes may be looked at at once than are left of it. */
const BEHIND = 64;

/** Bytes for dictionaries; the text columns beyond do without. */
const DICTIONARY_BYTES = 32 * 2 ** 20;

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
    const tables = powerTables();
    const texts = fields.flatMap(({ type }, column) => (type === 'text' ? [column] : []));
    texts.splice(Math.floor(DICTIONARY_BYTES / DICTIONARY_ROOM.total));
    const bounds = rows * width * 4;
    const fixed = [
      TEXT + BEHIND,
      tables.byteLength,
      bounds,
      bounds,
      rows * 8,
      rows * 4,
      DICTIONARY_ROOM.quoted + BEHIND,
    ];
    const places = placesOf([...fixed, ...texts.map(() => DICTIONARY_ROOM.total)]);
    const [textAt, tablesAt, startsAt, endsAt, valuesAt, oddAt, scratch] = places;
    const memory = new WebAssembly.Memory({ initial: Math.ceil(places[places.length - 1]! / PAGE) });
    const { buffer } = memory;
    // The build makes the file from the sources that the type above names.
    const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
    this.#exports = exports;
    this.text = Buffer.from(buffer, textAt, TEXT);
    new Float64Array(buffer, tablesAt, tables.length).set(tables);
    exports.useTables(tablesAt!);
    exports.useRoom(DICTIONARY_ROOM.entries, DICTIONARY_ROOM.slots, DICTIONARY_ROOM.textBytes);
    const starts = new Int32Array(buffer, startsAt, rows * width);
    const ends = new Int32Array(buffer, endsAt, rows * width);
    this.index = new RowIndex(width, rows, { starts, ends });
    this.values = new Float64Array(buffer, valuesAt, rows);
    this.codes = new Int32Array(buffer, valuesAt, rows);
    this.oddRows = new Int32Array(buffer, oddAt, rows);
    this.dictionaries = new Map(
      texts.map((column, k) => {
        const at = places[fixed.length + k]!;
        return [column, new KernelDictionary(exports, buffer, { at, scratch: scratch! })];
      }),
    );
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

let compiled: WebAssembly.Module | null | undefined;

/** Kernels for tables with these fields, of whose types only texts matter; null without the compiled file. */
export function csvKernels(fields: readonly Field[]): CsvKernels | null {
  compiled ??= compile();
  return compiled === null ? null : new CsvKernels(compiled, fields);
}

/** The file lies beside this one where that is built, and in the build where it is run from its source. */
function compile(): WebAssembly.Module | null {
  for (const place of ['../kernels/csv.wasm', '../../../dist/src/formats/kernels/csv.wasm']) {
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
