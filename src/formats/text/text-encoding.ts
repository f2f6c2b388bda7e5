/** Text tables are UTF-8, with or without byte order mark; anything else is named with its place. */
import { isUtf8 } from 'node:buffer';
import type { ByteSource } from '../byte-source.ts';
import { unreadable } from '../unreadable.ts';

/** Length of a UTF-8 byte order mark. Throws `unreadable-data` at the mark of another encoding. */
export function bomLength(head: Uint8Array): number {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 3;
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    throw unreadable('The file is UTF-16; save it as UTF-8.');
  }
  return 0;
}

/** Throws `unreadable-data` with the byte offset of the first NUL or invalid UTF-8; `offset` is that of `bytes[0]`. */
export function checkEncoding(bytes: Uint8Array, offset: number): void {
  const nul = bytes.indexOf(0);
  if (nul >= 0) throw unreadable(`Byte ${offset + nul} is NUL; text tables hold none. Is this a binary file?`);
  if (isUtf8(bytes)) return;
  const at = offset + firstInvalid(bytes);
  const message = `The bytes at offset ${at} are not UTF-8; save the file as UTF-8 (it may be Latin-1).`;
  throw unreadable(message, NOT_UTF8);
}

const NOT_UTF8 = new Error('not UTF-8');

/** Whether a text was refused for its encoding: it may be read in another one. */
export function isNotUtf8(error: unknown): boolean {
  return error instanceof Error && error.cause === NOT_UTF8;
}

/** The start of the first invalid sequence, by halving: a prefix that ends inside a sequence is told apart by its tail. */
function firstInvalid(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = boundaryBefore(bytes, (good + bad) >> 1, good);
    if (middle === good) break;
    if (isUtf8(bytes.subarray(good, middle))) good = middle;
    else bad = middle;
  }
  while (good < bad) {
    const size = sequenceLength(bytes[good]!);
    if (!isUtf8(bytes.subarray(good, Math.min(good + size, bytes.length)))) return good;
    good += size;
  }
  return good;
}

function boundaryBefore(bytes: Uint8Array, at: number, floor: number): number {
  let p = at;
  while (p > floor && (bytes[p]! & 0xc0) === 0x80) p--;
  return p;
}

function sequenceLength(lead: number): number {
  if (lead < 0xc0) return 1;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** Up to `limit` plain bytes from the beginning, and whether that is all there is. */
export async function headBytes(
  source: ByteSource,
  limit: number,
): Promise<{ readonly head: Buffer<ArrayBuffer>; readonly complete: boolean }> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const piece of source.pieces()) {
    parts.push(Buffer.from(piece));
    length += piece.length;
    if (length >= limit) return { head: Buffer.concat(parts), complete: false };
  }
  return { head: Buffer.concat(parts), complete: true };
}
