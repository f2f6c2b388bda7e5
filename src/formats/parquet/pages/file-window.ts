import { readSync } from 'node:fs';
import { broken } from './broken.ts';

/** Bytes that are read at least, if there are as many. */
const LEAST = 2 ** 16;

/** A stretch of a file that moves onwards. Its memory is kept: new memory costs as much again as what is read into it. */
export class FileWindow {
  readonly #file: number;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(file: number) {
    this.#file = file;
  }

  /** `length` bytes from `at` on, which stay until others are asked for. @throws TidemarkError `unreadable-data` where the file ends sooner. */
  bytes(at: number, length: number, end: number): Buffer {
    const from = at - this.#at;
    if (from < 0 || from + length > this.#bytes.length) this.#moveTo(at, Math.min(end - at, Math.max(length, LEAST)));
    return this.#bytes.subarray(at - this.#at, at - this.#at + length);
  }

  #moveTo(at: number, length: number): void {
    const held = at < this.#at ? this.#bytes.subarray(0, 0) : this.#bytes.subarray(at - this.#at);
    const room = this.#bytes.buffer.byteLength < length ? Buffer.allocUnsafeSlow(length).buffer : this.#bytes.buffer;
    const bytes = Buffer.from(room, 0, length);
    let read = held.copy(bytes);
    while (read < length) {
      const more = readSync(this.#file, bytes, read, length - read, at + read);
      if (more === 0) throw broken('a page is not where or what its header says');
      read += more;
    }
    this.#bytes = bytes;
    this.#at = at;
  }
}
