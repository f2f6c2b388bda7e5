/** JSON values of a file, one after another, from any place in it; of the file a window is in memory. */
import { readSync } from 'node:fs';
import { tooLarge, unreadable } from '../unreadable.ts';

const [QUOTE, BACKSLASH, COMMA, COLON] = [34, 92, 44, 58];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];

export type ValueCursorOptions = {
  readonly file: number;
  readonly at: number;
  /** Bytes of the window, which grows with a value that is longer, and of the longest value. */
  readonly window: number;
  readonly longest: number;
};

export class ValueCursor {
  readonly #file: number;
  readonly #longest: number;
  #buf: Buffer;
  /** Of the window's first byte in the file, of the next byte in the window, and how much of that is filled. */
  #base: number;
  #p = 0;
  #length = 0;

  constructor({ file, at, window, longest }: ValueCursorOptions) {
    this.#file = file;
    this.#longest = longest;
    this.#buf = Buffer.allocUnsafe(window);
    this.#base = at;
  }

  /** Where in the file it stands. */
  get at(): number {
    return this.#base + this.#p;
  }

  /** The next byte that is no blank, without taking it; -1 at the end of the file. */
  peek(): number {
    for (;;) {
      while (this.#p < this.#length && isBlank(this.#buf[this.#p]!)) this.#p++;
      if (this.#p < this.#length) return this.#buf[this.#p]!;
      if (!this.#fill(this.#p)) return -1;
    }
  }

  /** Takes this sign, or throws `unreadable-data`. */
  take(sign: number): void {
    if (this.peek() !== sign) throw this.broken(`"${String.fromCharCode(sign)}" is missing`);
    this.#p++;
  }

  /** Takes this sign if it is there. */
  takeIf(sign: number): boolean {
    if (this.peek() !== sign) return false;
    this.#p++;
    return true;
  }

  /**
   * The bytes of the next value, valid until another is asked for; line ends between its parts are blanks. Whether they
   * are JSON is not looked at beyond where they end.
   */
  value(): Buffer {
    const first = this.peek();
    let [i, depth, inText, escaped] = [this.#p, 0, false, false];
    for (; ; i++) {
      if (i === this.#length) {
        i -= this.#p;
        if (i > this.#longest) throw tooLarge(`A value at byte ${this.at} is longer than ${this.#longest} bytes.`);
        if (!this.#fill(this.#p)) break;
      }
      const b = this.#buf[i]!;
      if (inText) {
        inText = escaped || b !== QUOTE;
        escaped = !escaped && b === BACKSLASH;
        if (!inText && depth === 0) break;
      } else if (b === QUOTE) inText = true;
      else if (b === OPEN_LIST || b === OPEN_OBJECT) depth++;
      else if (b === CLOSE_LIST || b === CLOSE_OBJECT) {
        if (--depth <= 0) break;
      } else if (depth === 0 && (b === COMMA || isBlank(b))) break;
      else if (b === 10 || b === 13) this.#buf[i] = 32;
    }
    // A text, a list and an object end with their last sign, anything else before what follows it.
    const closed = first === QUOTE || first === OPEN_LIST || first === OPEN_OBJECT;
    const end = closed ? i + 1 : i;
    if (end > this.#length || end === this.#p) throw this.broken('a value is missing or cut off');
    const value = this.#buf.subarray(this.#p, end);
    this.#p = end;
    return value;
  }

  broken(what: string): Error {
    return unreadable(`The object of columns is broken at byte ${this.at}: ${what}.`);
  }

  /** Reads on, keeping what lies behind `from`, which then is at 0. False at the end of the file. */
  #fill(from: number): boolean {
    const kept = this.#length - from;
    const larger = kept === this.#buf.length ? Buffer.allocUnsafe(2 * kept) : this.#buf;
    this.#buf.copy(larger, 0, from, this.#length);
    this.#buf = larger;
    this.#base += from;
    this.#p -= from;
    this.#length = kept;
    const count = readSync(this.#file, larger, kept, larger.length - kept, this.#base + kept);
    this.#length += count;
    return count > 0;
  }
}

export const SIGNS = { COMMA, COLON, QUOTE, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT } as const;

const isBlank = (b: number): boolean => b === 32 || b === 10 || b === 13 || b === 9;
