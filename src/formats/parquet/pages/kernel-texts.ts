/** The kernels of plain texts: a page in their memory, and a dictionary there. */
import type { EncodedTexts } from '../../../stats/column.ts';
import type { EncodedSource } from '../../columns/column-sink.ts';
import {
  DICTIONARY_ROOM,
  type DictionaryExports,
  dictionaryBytes,
  KernelDictionary,
  wordBytes,
} from '../../text/kernel-dictionary.ts';
import { kernelModule } from '../../text/kernel-memory.ts';
import type { TextDictionary } from '../../text/text-dictionary.ts';
import { PIECE_ROWS } from './page-values.ts';

type Exports = DictionaryExports & {
  readonly behindPlain: WebAssembly.Global;
  readonly useRoom: (entries: number, slots: number, textBytes: number) => void;
  readonly plainTexts: (...given: number[]) => number;
};

/** Texts of a batch, and those that are carried along: as many as a `TextDictionary` would. */
const ROOM = { entries: 49_152, slots: 2 ** 17, textBytes: 2 ** 22, keptEntries: 8_192, keptBytes: 2 ** 20 };

const PAGE = 65_536;
/** Bytes of a page that is read here; what lies behind it is the kernels' own. */
const TEXT = 2 ** 21;
const SCRATCH = TEXT + PAGE;
const CODES = SCRATCH + DICTIONARY_ROOM.quoted + 64;
const WORDS = CODES + 4 * PIECE_ROWS;
const DICTIONARY = WORDS + wordBytes(ROOM);

/** Texts of one column, for as long as there is room for those of a batch. */
export class KernelTexts implements EncodedSource {
  readonly #exports: Exports;
  readonly #dictionary: KernelDictionary;
  readonly #text: Uint8Array;
  readonly #codes: Int32Array;
  /** Of the page: the next text, and where it ends. */
  #at = 0;
  #end = 0;

  constructor(module: WebAssembly.Module) {
    const memory = new WebAssembly.Memory({ initial: Math.ceil((DICTIONARY + dictionaryBytes(ROOM)) / PAGE) });
    const { buffer } = memory;
    // The build makes the file from the sources that the type names.
    this.#exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
    this.#exports.useRoom(ROOM.entries, ROOM.slots, ROOM.textBytes);
    const places = { at: DICTIONARY, scratch: SCRATCH, words: WORDS, room: ROOM };
    this.#dictionary = new KernelDictionary(this.#exports, buffer, places);
    this.#text = new Uint8Array(buffer, 0, TEXT);
    this.#codes = new Int32Array(buffer, CODES, PIECE_ROWS);
  }

  /** Begins a page whose texts are plain; false for one that is too long. */
  open(bytes: Buffer, at: number): boolean {
    const page = bytes.subarray(at);
    if (page.length > TEXT) return false;
    this.#text.set(page);
    this.#at = 0;
    this.#end = page.length;
    return true;
  }

  /** Bytes of the page whose texts were read. */
  get done(): number {
    return this.#at;
  }

  /** The codes of the next texts of the page, until the next call: fewer than `count` where one is left to others. */
  next(count: number): Int32Array {
    const { at } = this.#dictionary;
    const done = this.#exports.plainTexts(this.#at, this.#end, count, at, this.#codes.byteOffset);
    this.#at = Number(this.#exports.behindPlain.value);
    return this.#codes.subarray(0, done);
  }

  /** The code of a text that is no part of the page; -1 when there is no room. */
  code(bytes: Uint8Array, start: number, end: number): number {
    return this.#dictionary.code(bytes, start, end);
  }

  encode(): EncodedTexts {
    return this.#dictionary.encode();
  }

  /** Call between batches: whether it starts afresh. */
  startBatch(): boolean {
    return this.#dictionary.startBatch();
  }

  moveTo(dictionary: TextDictionary): void {
    this.#dictionary.moveTo(dictionary);
  }
}

/** Kernels for the texts of one column; null without the compiled file. */
export function kernelTexts(): KernelTexts | null {
  const module = kernelModule();
  return module && new KernelTexts(module);
}
