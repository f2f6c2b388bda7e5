/**
 * The compiled loops of `kernels`, in memory of their own. Without the compiled file, as in a source tree that was
 * not built, there are none, and the TypeScript that they are twins of does everything.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Field } from '../../stats/column.ts';
import { powerTables } from './decimal.ts';
import { DICTIONARY_ROOM, type DictionaryExports, KernelDictionary, wordBytes } from './kernel-dictionary.ts';

/** What all readers of text use of the files in `kernels`. */
type SharedExports = DictionaryExports & {
  readonly useTables: (at: number) => void;
  readonly useRoom: (entries: number, slots: number, textBytes: number) => void;
};

const PAGE = 65_536;
/** Text lies at address 0, so that its places in the buffer and in the memory are the same. */
const TEXT = 2 ** 21;
/** What lies behind an area: more bytes may be looked at at once than are left of it. */
const BEHIND = 64;

/** Bytes behind the tables of powers: those that the kernels make of them, see `plain-digits.ts`. */
const OWN_TABLES = 22 * 64;

/** Bytes for dictionaries; the text columns beyond do without. */
const DICTIONARY_BYTES = 32 * 2 ** 20;

export class KernelMemory<Exports extends SharedExports> {
  readonly exports: Exports;
  /** Where text must lie to be scanned; the byte behind it is writable. */
  readonly text: Buffer<ArrayBuffer>;
  /** Where the areas begin that were asked for. */
  readonly places: readonly number[];
  /** By position of the field; those of the first text columns. */
  readonly dictionaries: ReadonlyMap<number, KernelDictionary>;

  /** With areas of the given bytes. `Exports` is what the build makes of the files in `kernels`. */
  constructor(module: WebAssembly.Module, fields: readonly Field[], areas: readonly number[]) {
    const tables = powerTables();
    const texts = fields.flatMap(({ type }, position) => (type === 'text' ? [position] : []));
    texts.splice(Math.floor(DICTIONARY_BYTES / DICTIONARY_ROOM.total));
    const own = [
      TEXT + BEHIND,
      tables.byteLength + OWN_TABLES,
      DICTIONARY_ROOM.quoted + BEHIND,
      texts.length === 0 ? 0 : wordBytes(),
    ];
    const sizes = [...own, ...texts.map(() => DICTIONARY_ROOM.total), ...areas];
    const starts = placesOf(sizes);
    const [textAt, tablesAt, scratch, words] = starts;
    const memory = new WebAssembly.Memory({ initial: Math.ceil(starts[sizes.length]! / PAGE) });
    const { buffer } = memory;
    // The build makes the file from the sources that the type names.
    this.exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
    this.text = Buffer.from(buffer, textAt, TEXT);
    new Float64Array(buffer, tablesAt, tables.length).set(tables);
    this.exports.useTables(tablesAt!);
    this.exports.useRoom(DICTIONARY_ROOM.entries, DICTIONARY_ROOM.slots, DICTIONARY_ROOM.textBytes);
    this.dictionaries = new Map(
      texts.map((position, k) => {
        const at = starts[own.length + k]!;
        return [position, new KernelDictionary(this.exports, buffer, { at, scratch: scratch!, words: words! })];
      }),
    );
    this.places = starts.slice(own.length + texts.length, sizes.length);
  }

  get buffer(): ArrayBuffer {
    return this.text.buffer;
  }
}

/** Kernels of more bytes are not kept until they are needed again. */
const MOST_KEPT = 2 ** 24;

/** What lies in such a memory, and can be made as it was when it was new. */
type Kernels = { readonly text: Buffer<ArrayBuffer>; readonly clear: () => void };

/**
 * The kernels that were given back last, by what they are for. A thread reads many ranges of a table: with each of them its
 * own, their memory is cleared by the system page by page, and what V8 compiled for the calls of one does not do for the next.
 */
export class SpareKernels<K extends Kernels> {
  #kernels: K | null = null;
  #use = '';

  /** Those for tables with these fields, which nobody else gets then; null where there are none. */
  take(fields: readonly Field[]): K | null {
    if (this.#kernels === null || this.#use !== useOf(fields)) return null;
    const kernels = this.#kernels;
    this.#kernels = null;
    return kernels;
  }

  /** Says that nobody looks any more at what these have read. */
  give(kernels: K, fields: readonly Field[]): void {
    if (kernels.text.buffer.byteLength > MOST_KEPT) return;
    kernels.clear();
    this.#kernels = kernels;
    this.#use = useOf(fields);
  }
}

/** Of types only texts matter. */
const useOf = (fields: readonly Field[]): string => fields.map(({ type }) => (type === 'text' ? 't' : '.')).join('');

let compiled: WebAssembly.Module | null | undefined;

/** The compiled file, or null. */
export function kernelModule(): WebAssembly.Module | null {
  compiled ??= compile();
  return compiled;
}

/** The file lies beside this one where that is built or joined with others, and in the build where it is run from its source. */
function compile(): WebAssembly.Module | null {
  for (const place of ['../../formats/kernels/text.wasm', '../../../dist/src/formats/kernels/text.wasm']) {
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
