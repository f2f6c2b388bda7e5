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

  /**
   * Writes the next `count` numbers to `out`, as signed ones, and returns the largest, which is negative where one has 32 bits.
   * @throws TidemarkError `unreadable-data` where there are fewer.
   */
  read(out: Int32Array, count: number): number {
    let [largest, signs] = [0, 0];
    this.#eachRun(count, (from, to) => {
      const found = this.#packed ? this.#unpack(out, from, to) : this.#value;
      if (!this.#packed) out.fill(found, from, to);
      largest = Math.max(largest, found);
      signs |= found;
    });
    return signs < 0 ? signs : largest;
  }

  /** Writes whether each of the next `count` numbers is 1, as 1 or 0, and returns how many are. Of numbers of one bit. @throws as `read`. */
  readFlags(out: Uint8Array, count: number): number {
    let ones = 0;
    this.#eachRun(count, (from, to) => {
      if (this.#packed) ones += this.#unpackFlags(out, from, to);
      else {
        // What is no 1 is none, however it is written.
        const flag = this.#value === 1 ? 1 : 0;
        out.fill(flag, from, to);
        ones += flag * (to - from);
      }
    });
    return ones;
  }

  #eachRun(count: number, take: (from: number, to: number) => void): void {
    for (let done = 0; done < count; ) {
      if (this.#left === 0) this.#begin();
      const some = Math.min(count - done, this.#left);
      take(done, done + some);
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
  #unpack(out: Int32Array, from: number, to: number): number {
    const width = this.#width;
    const bit = this.#pass((to - from) * width);
    const whole = width === 0 || width > WORD - 7 ? 0 : Math.floor((8 * this.#bytes.length - WORD - bit) / width) + 1;
    const rest = Math.max(from, Math.min(to, from + whole));
    const largest = unpackWords(this.#words, { bit, width }, out, { from, to: rest });
    const last = unpackBits(this.#bytes, { bit: bit + (rest - from) * width, width }, out, { from: rest, to });
    return last < 0 ? last : Math.max(largest, last);
  }

  #unpackFlags(out: Uint8Array, from: number, to: number): number {
    return unpackFlags(this.#bytes, this.#pass(to - from), out, { from, to });
  }

  /** Goes on behind so many bits, and returns where they begin. */
  #pass(bits: number): number {
    const bit = this.#bit;
    this.#bit += bits;
    if (this.#bit > 8 * this.#at) throw broken('a page holds fewer values than it says');
    return bit;
  }
}

type Packed = { readonly bit: number; readonly width: number };
type Slots = { readonly from: number; readonly to: number };

/** Bits that are read at once, from the byte on in which a number begins. */
const WORD = 32;

/** Numbers that lie within one word each; returns the largest. */
function unpackWords(words: DataView, { bit, width }: Packed, out: Int32Array, { from, to }: Slots): number {
  const mask = 2 ** width - 1;
  let largest = 0;
  for (let i = from, at = bit; i < to; i++, at += width) {
    const value = (words.getUint32(at >>> 3, true) >>> (at & 7)) & mask;
    out[i] = value;
    if (value > largest) largest = value;
  }
  return largest;
}

/** Numbers of any width, and the last ones, behind which there is no whole word; returns the largest, or one that is negative. */
function unpackBits(bytes: Uint8Array, { bit, width }: Packed, out: Int32Array, { from, to }: Slots): number {
  let [largest, signs] = [0, 0];
  for (let i = from, at = bit; i < to; i++) {
    let value = 0;
    for (let b = 0; b < width; b++, at++) value |= ((bytes[at >> 3]! >> (at & 7)) & 1) << b;
    out[i] = value;
    signs |= value;
    if (value > largest) largest = value;
  }
  return signs < 0 ? signs : largest;
}

/** How many bits of a byte are 1. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/** Eight of them are in a byte; returns how many are 1. */
function unpackFlags(bytes: Uint8Array, bit: number, out: Uint8Array, { from, to }: Slots): number {
  let ones = 0;
  let i = from;
  let at = bit;
  for (; i < to && (at & 7) !== 0; i++, at++) ones += out[i] = (bytes[at >> 3]! >> (at & 7)) & 1;
  for (; i + 8 <= to; i += 8, at += 8) {
    const byte = bytes[at >> 3]!;
    ones += ONES[byte]!;
    for (let b = 0; b < 8; b++) out[i + b] = (byte >> b) & 1;
  }
  for (; i < to; i++, at++) ones += out[i] = (bytes[at >> 3]! >> (at & 7)) & 1;
  return ones;
}
