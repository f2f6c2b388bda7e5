/** A dictionary of texts in the kernels' memory. Its room is bounded; when it is full, a `TextDictionary` goes on. */
import type { EncodedTexts } from '../../stats/column.ts';
import type { EncodedSource } from '../columns/column-sink.ts';
import type { CellBlock } from '../csv/cells.ts';
import type { TextDictionary } from './text-dictionary.ts';

const HEAD = 8;
/** Eight bytes are compared at once, so as many behind the texts may be read. */
const BEHIND = 8;

/** A longer text with quotes or escapes is left to the other dictionary. */
const LONGEST_QUOTED = 4_096;

/** What a dictionary has room for, and what of that is carried along from batch to batch at most. */
export type DictionaryRoom = {
  /** Fewer than 65,536: a slot has so many bits for a code. */
  readonly entries: number;
  /** A power of two. */
  readonly slots: number;
  readonly textBytes: number;
  readonly keptEntries: number;
  readonly keptBytes: number;
};

/** Texts of a batch, and as many more that are carried along from the batches before. */
const ROOM: DictionaryRoom = {
  entries: 16_384,
  slots: 32_768,
  textBytes: 2 ** 19,
  keptEntries: 8_192,
  keptBytes: 2 ** 17,
};

/** Where the parts of a dictionary are, and the bytes that it takes. */
function layoutOf({ entries, slots, textBytes }: DictionaryRoom) {
  const offsets = HEAD + 4 * slots;
  const texts = offsets + 4 * (entries + 1);
  return { offsets, texts, total: texts + textBytes + BEHIND };
}

/** The bytes that a dictionary takes. */
export const dictionaryBytes = (room: DictionaryRoom): number => layoutOf(room).total;

/** What the kernels are told of the room, and the bytes that a dictionary takes. */
export const DICTIONARY_ROOM = { ...ROOM, total: dictionaryBytes(ROOM), quoted: LONGEST_QUOTED } as const;

/** What the kernels do with dictionaries. */
export type DictionaryExports = {
  readonly clear: (dictionary: number) => void;
  readonly codeOf: (dictionary: number, start: number, end: number) => number;
  readonly textWords: (dictionary: number, out: number) => number;
};

/** The bytes that the words of a dictionary's texts take; all dictionaries of a memory share them. */
export const wordBytes = ({ entries }: DictionaryRoom = ROOM): number => 8 * entries;

export class KernelDictionary implements EncodedSource {
  /** Where it lies in the memory. */
  readonly at: number;
  readonly #exports: DictionaryExports;
  readonly #room: DictionaryRoom;
  /** Entries, and bytes of their texts. */
  readonly #head: Int32Array;
  readonly #offsets: Int32Array;
  readonly #texts: Buffer<ArrayBuffer>;
  /** Two words for each text, see `EncodedTexts`. */
  readonly #words: Int32Array;
  /** Where a text is put that has no place in the text that is scanned. */
  readonly #scratch: Buffer<ArrayBuffer>;

  constructor(
    exports: DictionaryExports,
    memory: ArrayBuffer,
    places: { readonly at: number; readonly scratch: number; readonly words: number; readonly room?: DictionaryRoom },
  ) {
    const { at, scratch, words, room = ROOM } = places;
    const { offsets, texts } = layoutOf(room);
    this.at = at;
    this.#exports = exports;
    this.#room = room;
    this.#head = new Int32Array(memory, at, 2);
    this.#offsets = new Int32Array(memory, at + offsets, room.entries + 1);
    this.#texts = Buffer.from(memory, at + texts, room.textBytes);
    this.#words = new Int32Array(memory, words, 2 * room.entries);
    this.#scratch = Buffer.from(memory, scratch, LONGEST_QUOTED);
  }

  /** Call between batches: starts afresh, and says so, when too much would be carried along. */
  startBatch(): boolean {
    if (this.#head[0]! <= this.#room.keptEntries && this.#head[1]! <= this.#room.keptBytes) return false;
    this.clear();
    return true;
  }

  /** Forgets all texts. */
  clear(): void {
    this.#exports.clear(this.at);
  }

  /** The code of a quoted cell with doubled quotes; -1 for any other cell, and when there is no room. */
  quotedCode({ buf, index, column }: CellBlock, row: number): number {
    const i = row * index.width + column;
    const start = index.starts[i]!;
    const stop = index.ends[i]!;
    if (stop >= 0 || !buf.subarray(start, ~stop).includes(34)) return -1;
    return this.codeOf(buf.toString('utf8', start, ~stop).replaceAll('""', '"'));
  }

  /** The code of a text that is not in the buffer as such (it had quotes or escapes); -1 when there is no room. */
  codeOf(text: string): number {
    const bytes = Buffer.from(text, 'utf8');
    return this.code(bytes, 0, bytes.length);
  }

  /** The code of the UTF-8 text in `[start, end)` of other memory; -1 when there is no room. */
  code(bytes: Uint8Array, start: number, end: number): number {
    if (end - start > LONGEST_QUOTED) return -1;
    this.#scratch.set(bytes.subarray(start, end));
    const at = this.#scratch.byteOffset;
    return this.#exports.codeOf(this.at, at, at + end - start);
  }

  /** All texts so far, valid until the next batch is begun. */
  encode(): EncodedTexts {
    const offsets = this.#offsets;
    const texts = this.#texts;
    return {
      count: this.#head[0]!,
      bytes: texts,
      offsets,
      textOf: (code) => texts.toString('utf8', offsets[code]!, offsets[code + 1]!),
      words: () => (this.#exports.textWords(this.at, this.#words.byteOffset) === 0 ? null : this.#words),
    };
  }

  /** Gives all texts to an empty dictionary, under the same codes. */
  moveTo(dictionary: TextDictionary): void {
    const count = this.#head[0]!;
    for (let code = 0; code < count; code++) {
      dictionary.code(this.#texts, this.#offsets[code]!, this.#offsets[code + 1]!);
    }
  }
}
