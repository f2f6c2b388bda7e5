import { unreadable } from '../unreadable.ts';

/** Bytes that grow as values are put behind each other, least significant byte first. */
export class ByteWriter {
  #bytes = Buffer.alloc(1024);
  #length = 0;

  /** Room for so many bytes, and where it begins. */
  take(length: number): { readonly bytes: Buffer; readonly at: number } {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(this.#length, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return { bytes: this.#bytes, at };
  }

  byte(value: number): void {
    const { bytes, at } = this.take(1);
    bytes[at] = value;
  }

  double(value: number): void {
    const { bytes, at } = this.take(8);
    bytes.writeDoubleLE(value, at);
  }

  /** A whole number from 0 to 2^53 - 1, seven bits a byte. */
  count(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) + 0x80);
    this.byte(rest);
  }

  block(block: Buffer): void {
    const { bytes, at } = this.take(block.length);
    block.copy(bytes, at);
  }

  /** What was written; not to be written to any more. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Reads such bytes, which may be anybody's. Every method throws `unreadable-data` rather than read beyond their end. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  block(length: number): Buffer {
    if (length > this.left) throw this.broken('it ends before what it announces');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  byte(): number {
    return this.block(1)[0] ?? 0;
  }

  double(): number {
    return this.block(8).readDoubleLE(0);
  }

  count(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 0x80) {
      const byte = this.byte();
      value += (byte % 0x80) * scale;
      if (byte < 0x80) {
        if (Number.isSafeInteger(value)) return value;
        break;
      }
    }
    throw this.broken('a count is beyond 2^53');
  }

  /** A list's length: each of its members takes at least so many bytes, so that no memory is taken for what is not there. */
  length(bytesEach = 1): number {
    const length = this.count();
    if (length * bytesEach > this.left) throw this.broken('it ends before what it announces');
    return length;
  }

  broken(what: string): Error {
    return unreadable(`The profile is broken at byte ${this.#at} of its content: ${what}.`);
  }
}
