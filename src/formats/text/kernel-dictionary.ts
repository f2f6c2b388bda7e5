/** A dictionary of texts in the kernels' memory. Its room is bounded; when it is full, a `TextDictionary` goes on. */
import type { EncodedTexts } from '../../stats/column.ts';
import type { EncodedSource } from '../columns/column-sink.ts';
import type { CellBlock } from '../csv/cells.ts';
import type { TextDictionary } from './text-dictionary.ts';

/** Texts of a batch, and as many more that are carried along from the batches before. */
const ENTRIES = 16_384;
const SLOTS = 32_768;
const TEXT_BYTES = 2 ** 19;

/** What is carried along from batch to batch at most. */
const KEPT_ENTRIES = ENTRIES / 2;
const KEPT_BYTES = TEXT_BYTES / 4;

const HEAD = 8;
const SLOTS_AT = HEAD;
const HASHES_AT = SLOTS_AT + 4 * SLOTS;
const OFFSETS_AT = HASHES_AT + 4 * ENTRIES;
const TEXTS_AT = OFFSETS_AT + 4 * (ENTRIES + 1);
/** Eight bytes are compared at once, so as many behind the texts may be read. */
const BEHIND = 8;

/** A longer text with quotes or escapes is left to the other dictionary. */
const LONGEST_QUOTED = 4_096;

/** What the kernels are told of the room, and the bytes that a dictionary takes. */
export const DICTIONARY_ROOM = {
  entries: ENTRIES,
  slots: SLOTS,
  textBytes: TEXT_BYTES,
  total: TEXTS_AT + TEXT_BYTES + BEHIND,
  quoted: LONGEST_QUOTED,
} as const;

/** What the kernels do with dictionaries. */
export type DictionaryExports = {
  readonly clear: (dictionary: number) => void;
  readonly codeOf: (dictionary: number, start: number, end: number) => number;
};

export class KernelDictionary implements EncodedSource {
  /** Where it lies in the memory. */
  readonly at: number;
  readonly #exports: DictionaryExports;
  /** Entries, and bytes of their texts. */
  readonly #head: Int32Array;
  readonly #offsets: Int32Array;
  readonly #texts: Buffer<ArrayBuffer>;
  /** Where a text is put that has no place in the text that is scanned. */
  readonly #scratch: Buffer<ArrayBuffer>;

  constructor(
    exports: DictionaryExports,
    memory: ArrayBuffer,
    places: { readonly at: number; readonly scratch: number },
  ) {
    const { at, scratch } = places;
    this.at = at;
    this.#exports = exports;
    this.#head = new Int32Array(memory, at, 2);
    this.#offsets = new Int32Array(memory, at + OFFSETS_AT, ENTRIES + 1);
    this.#texts = Buffer.from(memory, at + TEXTS_AT, TEXT_BYTES);
    this.#scratch = Buffer.from(memory, scratch, LONGEST_QUOTED);
  }

  /** Call between batches: starts afresh when too much would be carried along. */
  startBatch(): void {
    if (this.#head[0]! > KEPT_ENTRIES || this.#head[1]! > KEPT_BYTES) this.#exports.clear(this.at);
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
    if (bytes.length > LONGEST_QUOTED) return -1;
    bytes.copy(this.#scratch);
    const at = this.#scratch.byteOffset;
    return this.#exports.codeOf(this.at, at, at + bytes.length);
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
