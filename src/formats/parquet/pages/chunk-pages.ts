/** The pages of one column in one row group, one after another, inflated. */
import { broken } from './broken.ts';
import type { FileWindow } from './file-window.ts';
import type { ColumnChunk, Leaf } from './footer.ts';
import { HybridNumbers } from './hybrid.ts';
import { inflatePage } from './inflate.ts';
import { numberIn, structIn, ThriftReader, type ThriftStruct } from './thrift.ts';

/** What most headers are shorter than. */
const HEADER = 2 ** 12;
/** A header may hold a longest and a shortest text. */
const LONGEST_HEADER = 2 ** 20;

const DATA = 0;
const DICTIONARY = 2;
const DATA_V2 = 3;

/** The values of those rows that have one stand in `bytes` from `at` on, until the next page is asked for. */
export type DataPage = {
  readonly kind: 'data';
  readonly rows: number;
  /** 1 for each row with a value; null: all have. */
  readonly levels: HybridNumbers | null;
  readonly encoding: number;
  readonly bytes: Buffer;
  readonly at: number;
};

/** `bytes` stay as they are. */
export type DictionaryPage = { readonly kind: 'dictionary'; readonly count: number; readonly bytes: Buffer };

export class ChunkPages {
  readonly #window: FileWindow;
  readonly #leaf: Leaf;
  readonly #chunk: ColumnChunk;
  #at: number;

  /** `window`: of the file, which nobody else moves until the chunk is read. */
  constructor(window: FileWindow, leaf: Leaf, chunk: ColumnChunk) {
    this.#window = window;
    this.#leaf = leaf;
    this.#chunk = chunk;
    this.#at = chunk.start;
  }

  /** The next page; null behind the last. The former one's bytes are gone then. @throws TidemarkError `unreadable-data`. */
  next(): DataPage | DictionaryPage | null {
    while (this.#at < this.#chunk.end) {
      const header = this.#header();
      const size = numberIn(header, 2) ?? -1;
      const length = numberIn(header, 3) ?? -1;
      if (size < 0 || length < 0 || size > this.#chunk.inflated || length > this.#chunk.end - this.#at)
        throw broken('a page is not where or what its header says');
      const bytes = this.#bytes(this.#at, length);
      this.#at += length;
      const type = numberIn(header, 1);
      if (type === DICTIONARY) return this.#dictionary(header, bytes, size);
      if (type === DATA) return this.#data(header, bytes, size);
      if (type === DATA_V2) return this.#dataV2(header, bytes, size);
    }
    return null;
  }

  #dictionary(header: ThriftStruct, bytes: Buffer, size: number): DictionaryPage {
    const inflated = inflatePage(bytes, this.#chunk.codec, size);
    // What is not inflated lies in the window, which is written over.
    const own = inflated === bytes ? Buffer.from(bytes) : inflated;
    return { kind: 'dictionary', count: counted(structIn(header, 7), 1), bytes: own };
  }

  #data(header: ThriftStruct, compressed: Buffer, size: number): DataPage {
    const about = structIn(header, 5);
    const rows = this.#rowsOf(about);
    const encoding = numberIn(about, 2) ?? -1;
    const bytes = inflatePage(compressed, this.#chunk.codec, size);
    if (!this.#leaf.optional) return { kind: 'data', rows, levels: null, encoding, bytes, at: 0 };
    if (bytes.length < 4) throw broken('a page is not where or what its header says');
    const at = 4 + bytes.readUInt32LE(0);
    if (at > bytes.length) throw broken('a page is not where or what its header says');
    return { kind: 'data', rows, levels: levelsIn(bytes, 4, at), encoding, bytes, at };
  }

  /** The second version has its levels before what is compressed. */
  #dataV2(header: ThriftStruct, compressed: Buffer, size: number): DataPage {
    const about = structIn(header, 8);
    const rows = this.#rowsOf(about);
    const encoding = numberIn(about, 4) ?? -1;
    const at = counted(about, 5);
    if (at > compressed.length || at > size || counted(about, 6) !== 0)
      throw broken('a page is not where or what its header says');
    const levels = this.#leaf.optional ? levelsIn(compressed, 0, at) : null;
    const values = compressed.subarray(at);
    const packed = about?.get(7) !== false && values.length > 0;
    const bytes = packed ? inflatePage(values, this.#chunk.codec, size - at) : values;
    return { kind: 'data', rows, levels, encoding, bytes, at: 0 };
  }

  #rowsOf(about: ThriftStruct | undefined): number {
    const rows = counted(about, 1);
    if (rows <= this.#chunk.rows) return rows;
    throw broken('a page is not where or what its header says');
  }

  #header(): ThriftStruct {
    const left = this.#chunk.end - this.#at;
    for (const length of [HEADER, LONGEST_HEADER]) {
      const reader = new ThriftReader(this.#bytes(this.#at, Math.min(left, length)));
      try {
        const header = reader.struct();
        this.#at += reader.at;
        return header;
      } catch (error) {
        // It may go on behind what was read.
        if (left <= length || length === LONGEST_HEADER) throw error;
      }
    }
    throw broken('a page is not where or what its header says');
  }

  #bytes(at: number, length: number): Buffer {
    return this.#window.bytes(at, length, this.#chunk.end);
  }
}

const levelsIn = (bytes: Buffer, from: number, end: number) => new HybridNumbers(bytes, { from, end, width: 1 });

/** A field that must be a count. */
function counted(about: ThriftStruct | undefined, id: number): number {
  const count = numberIn(about, id) ?? -1;
  if (count >= 0) return count;
  throw broken('a page is not where or what its header says');
}
