/**
 * Many dictionaries made one by the compiled loops of `kernels`: what `TextDictionary` does text by text. Its room grows
 * up to a bound, behind which that goes on.
 */
import type { EncodedTexts } from '../../stats/column.ts';
import { knownDistinct, type TextDictionary } from './text-dictionary.ts';

type Exports = {
  readonly joined: WebAssembly.Global;
  readonly bits: WebAssembly.Global;
  readonly useTable: (tableAt: number, slots: number, textsAt: number) => void;
  readonly textsEnd: () => number;
  readonly enlargeTable: (slots: number) => void;
  readonly joinCodes: (...given: number[]) => number;
};

const PAGE = 65_536;
/** Bytes of the texts that are given at once, and rows, and texts. */
const GIVEN_BYTES = 2 ** 21;
const GIVEN = 2 ** 16;

/** The kernels' own data lie behind the text. */
const CODES_AT = GIVEN_BYTES + PAGE;
const OFFSETS_AT = CODES_AT + 4 * GIVEN;
const RENAMED_AT = OFFSETS_AT + 4 * (GIVEN + 1) + 60;
const TABLE_AT = RENAMED_AT + 4 * GIVEN;
const FIRST_SLOTS = 2 ** 14;
const MOST_SLOTS = 2 ** 22;
const TEXTS_AT = TABLE_AT + 8 * MOST_SLOTS;
/** More bytes may be looked at at once than a text has. */
const BEHIND = 64;
/** Bytes of memory in all; of so many only the used ones are really taken. */
const MOST_BYTES = TEXTS_AT + 2 ** 28;
/** What is taken at least when there is no more room for texts. */
const STEP = 2 * GIVEN_BYTES;

/** A text before its bytes: code, length and hash. */
const HEAD = 12;

/** A dictionary that others are joined in. */
export class TextJoin {
  readonly #memory: WebAssembly.Memory;
  readonly #exports: Exports;
  #slots = FIRST_SLOTS;

  /** Empty. */
  constructor(module: WebAssembly.Module) {
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil((TEXTS_AT + STEP) / PAGE), maximum: MOST_BYTES / PAGE });
    // The build makes the file from the sources that the type names.
    this.#exports = new WebAssembly.Instance(module, { env: { memory: this.#memory } }).exports as unknown as Exports;
    this.clear();
  }

  clear(): void {
    this.#slots = FIRST_SLOTS;
    this.#exports.useTable(TABLE_AT, this.#slots, TEXTS_AT);
  }

  /** How many different texts there are. */
  get count(): number {
    return Number(this.#exports.joined.value);
  }

  /**
   * Writes the codes that rows of another dictionary have in this one to `into`; unknown texts get the next code in the
   * order of the rows. Returns the first row that it did not do: what is left has no room here, or too long texts.
   */
  join(codes: Int32Array, { bytes, offsets, count }: EncodedTexts, into: Int32Array): number {
    const rows = Math.min(codes.length, into.length);
    const used = offsets[count]!;
    if (rows > GIVEN || count > GIVEN || used + BEHIND > GIVEN_BYTES) return 0;
    this.#bytes(0, used).set(bytes.subarray(0, used));
    this.#words(CODES_AT, rows).set(codes.subarray(0, rows));
    this.#words(OFFSETS_AT, count + 1).set(offsets.subarray(0, count + 1));
    this.#words(RENAMED_AT, count).fill(-1);
    let row = 0;
    do {
      row = this.#exports.joinCodes(CODES_AT, row, rows, RENAMED_AT, OFFSETS_AT, this.#limit);
    } while (row < rows && this.#enlarge());
    into.set(this.#words(CODES_AT, row));
    return row;
  }

  /** All texts, by code. */
  texts(): readonly string[] {
    const encoding = Number(this.#exports.bits.value) < 0x80 ? 'latin1' : 'utf8';
    const texts: string[] = [];
    this.#each((bytes, start, end) => texts.push(bytes.toString(encoding, start, end)));
    return knownDistinct(texts);
  }

  /** Gives all texts to an empty dictionary, under the same codes. */
  moveTo(dictionary: TextDictionary): void {
    this.#each((bytes, start, end) => dictionary.code(bytes, start, end));
  }

  #each(visit: (bytes: Buffer, start: number, end: number) => void): void {
    const end = this.#exports.textsEnd();
    const bytes = Buffer.from(this.#memory.buffer);
    const words = new Int32Array(this.#memory.buffer);
    for (let at = TEXTS_AT; at < end; ) {
      const start = at + HEAD;
      const stop = start + words[(at >> 2) + 1]!;
      visit(bytes, start, stop);
      at = (stop + 3) & ~3;
    }
  }

  get #limit(): number {
    return this.#memory.buffer.byteLength - BEHIND;
  }

  /** Makes room for what did not go in; false when that is not for want of room, or there is none left. */
  #enlarge(): boolean {
    if (2 * this.count >= this.#slots) {
      if (this.#slots >= MOST_SLOTS) return false;
      this.#slots *= 4;
      this.#exports.enlargeTable(this.#slots);
      return true;
    }
    // A text that did not go in is no longer than all that are given at once.
    const { byteLength } = this.#memory.buffer;
    if (byteLength - this.#exports.textsEnd() > GIVEN_BYTES + BEHIND) return false;
    if (byteLength + STEP > MOST_BYTES) return false;
    this.#memory.grow(STEP / PAGE);
    return true;
  }

  #bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, at, length);
  }

  #words(at: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, at, length);
  }
}
