import type { TextDictionary } from '../text/text-dictionary.ts';

/** A power of two; a place has 20 bytes. */
const PLACES = 8_192;

/**
 * Codes of texts of at most 12 bytes, by the four words in which DuckDB holds such a text (its length, then its bytes
 * and zeros): a text that was met before costs a glance at one place, and its bytes are not looked at one by one. A
 * place belongs to the last text that fell on it. Columns in which most texts are new do without.
 */
export class InlineTexts {
  readonly #keys = new Int32Array(4 * PLACES);
  /** One more than the code; 0 in a place that nobody has. */
  readonly #codes = new Int32Array(PLACES);
  #asked = 0;
  #missed = 0;
  #useful = true;

  /** False where most texts were new. */
  get useful(): boolean {
    return this.#useful;
  }

  /** The code of the text whose words begin at `at`; `bytes` are the same memory. */
  code(words: Int32Array, bytes: Uint8Array, at: number, dictionary: TextDictionary): number {
    const [keys, codes] = [this.#keys, this.#codes];
    const [length, a, b, c] = [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!];
    let hash = Math.imul(a ^ Math.imul(b ^ Math.imul(c ^ length, 0x9e3779b1), 0x85ebca6b), 0xc2b2ae35);
    hash ^= hash >>> 15;
    const place = hash & (PLACES - 1);
    const key = 4 * place;
    this.#asked++;
    if (
      keys[key] === length &&
      keys[key + 1] === a &&
      keys[key + 2] === b &&
      keys[key + 3] === c &&
      codes[place] !== 0
    ) {
      return codes[place]! - 1;
    }
    this.#missed++;
    const start = 4 * at + 4;
    const code = dictionary.code(bytes, start, start + length);
    keys[key] = length;
    keys[key + 1] = a;
    keys[key + 2] = b;
    keys[key + 3] = c;
    codes[place] = code + 1;
    return code;
  }

  /** Call between batches. */
  startBatch(): void {
    if (2 * this.#missed > this.#asked) this.#useful = false;
    this.#asked = 0;
    this.#missed = 0;
  }

  /** The dictionary has forgotten its texts. */
  forgetTexts(): void {
    this.#codes.fill(0);
  }
}
