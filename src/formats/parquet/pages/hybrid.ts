/** Parquet's mixture of runs and packed bits, in which levels and places in a dictionary are written. */
import { broken } from './broken.ts';

type Stretch = {
  readonly from: number;
  readonly end: number;
  /** Bits of a number, at most 32. */
  readonly width: number;
};

/** Reads numbers one after another, as many as are asked for. */
export class HybridNumbers {
  readonly #bytes: Uint8Array;
  readonly #words: DataView;
  readonly #end: number;
  readonly #width: number;
  #at: number;
  /** Numbers left of the run; packed ones are unpacked from `#bit` on. */
  #left = 0;
  #packed = false;
  #value = 0;
  #bit = 0;

  constructor(bytes: Uint8Array, { from, end, width }: Stretch) {
    if (width > 32 || end > bytes.length) throw broken('a page holds fewer values than it says');
    this.#bytes = bytes;
    this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = from;
    this.#end = end;
    this.#width = width;
  }

  /** Writes the next `count` numbers to `out`, as signed ones. @throws TidemarkError `unreadable-data` where there are fewer. */
  read(out: Int32Array | Uint8Array, count: number): void {
    for (let done = 0; done < count; ) {
      if (this.#left === 0) this.#begin();
      const some = Math.min(count - done, this.#left);
      if (this.#packed) this.#unpack(out, done, done + some);
      else out.fill(this.#value, done, done + some);
      this.#left -= some;
      done += some;
    }
  }

  #begin(): void {
    const head = this.#head();
    const some = Math.floor(head / 2);
    this.#packed = head % 2 === 1;
    if (some === 0) throw broken('a page holds fewer values than it says');
    if (this.#packed) {
      this.#left = 8 * some;
      this.#bit = 8 * this.#at;
      // The last run may be cut short where its numbers are not needed.
      this.#at = Math.min(this.#end, this.#at + some * this.#width);
      return;
    }
    const wide = (this.#width + 7) >> 3;
    if (wide > this.#end - this.#at) throw broken('a page holds fewer values than it says');
    this.#left = some;
    this.#value = 0;
    for (let i = 0; i < wide; i++) this.#value |= this.#bytes[this.#at++]! << (8 * i);
  }

  #head(): number {
    let head = 0;
    for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
      if (this.#at >= this.#end) throw broken('a page holds fewer values than it says');
      const byte = this.#bytes[this.#at++]!;
      head += (byte & 127) * scale;
      if (byte < 128) return head;
    }
    throw broken('a page holds fewer values than it says');
  }

  /** The lowest bit first. */
  #unpack(out: Int32Array | Uint8Array, from: number, to: number): void {
    const [width, bit] = [this.#width, this.#bit];
    this.#bit += (to - from) * width;
    if (this.#bit > 8 * this.#at) throw broken('a page holds fewer values than it says');
    const whole = width === 0 || width > WORD - 7 ? 0 : Math.floor((8 * this.#bytes.length - WORD - bit) / width) + 1;
    const rest = Math.max(from, Math.min(to, from + whole));
    unpackWords(this.#words, { bit, width }, out, { from, to: rest });
    unpackBits(this.#bytes, { bit: bit + (rest - from) * width, width }, out, { from: rest, to });
  }
}

type Packed = { readonly bit: number; readonly width: number };
type Slots = { readonly from: number; readonly to: number };

/** Bits that are read at once, from the byte on in which a number begins. */
const WORD = 32;

/** Numbers that lie within one word each. */
function unpackWords(words: DataView, { bit, width }: Packed, out: Int32Array | Uint8Array, { from, to }: Slots): void {
  const mask = 2 ** width - 1;
  for (let i = from, at = bit; i < to; i++, at += width) {
    out[i] = (words.getUint32(at >>> 3, true) >>> (at & 7)) & mask;
  }
}

/** Numbers of any width, and the last ones, behind which there is no whole word. */
function unpackBits(
  bytes: Uint8Array,
  { bit, width }: Packed,
  out: Int32Array | Uint8Array,
  { from, to }: Slots,
): void {
  for (let i = from, at = bit; i < to; i++) {
    let value = 0;
    for (let b = 0; b < width; b++, at++) value += ((bytes[at >> 3]! >> (at & 7)) & 1) * 2 ** b;
    out[i] = value;
  }
}
