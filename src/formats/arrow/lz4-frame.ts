/**
 * LZ4 frames, which is how pandas and pyarrow compress Feather files when nobody says otherwise.
 * Format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md
 */
import { unreadable } from '../unreadable.ts';
import { xxHash32 } from './xx-hash-32.ts';

const MAGIC = 0x184d_2204;
const VERSION = 0b01;
/** No byte of a block stands for more than so many. */
const MOST_EXPANSION = 255;
/** A match is at least so long, and its length is counted from there. */
const SHORTEST_MATCH = 4;
const LENGTH_GOES_ON = 15;

/**
 * The plain bytes of one frame, which are known to be `length`. Every checksum that the frame has is checked.
 * Throws `unreadable-data` at anything that does not hold; nothing is allocated for a length that cannot be true.
 */
export function decodeLz4Frame(bytes: Uint8Array, length: number): Uint8Array {
  if (!(length >= 0 && length <= MOST_EXPANSION * bytes.length)) throw broken('claims a length that it cannot have');
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return decodeFrame(frame, Buffer.alloc(length));
  } catch (cause) {
    // Reads beyond the end.
    if (cause instanceof RangeError) throw broken('is cut off');
    throw cause;
  }
}

function decodeFrame(frame: Buffer, out: Buffer): Buffer {
  const header = readHeader(frame);
  let at = header.length;
  let written = 0;
  for (;;) {
    const word = frame.readUInt32LE(at);
    at += 4;
    if (word === 0) break;
    const size = word & 0x7fff_ffff;
    if (size > header.blockBytes || at + size > frame.length) throw broken('has a block that is longer than it may be');
    const block = frame.subarray(at, at + size);
    at += size;
    if (header.blockChecksums) {
      if (frame.readUInt32LE(at) !== xxHash32(block)) throw broken('has a block whose checksum differs');
      at += 4;
    }
    // Blocks that stand for themselves alone refer to nothing before them.
    const room = { out, from: header.independent ? written : 0, to: Math.min(out.length, written + header.blockBytes) };
    written = word >>> 31 === 1 ? copyPlain(block, room, written) : decodeBlock(block, room, written);
  }
  if (written !== out.length) throw broken(`holds ${written} bytes instead of ${out.length}`);
  if (header.contentChecksum && frame.readUInt32LE(at) !== xxHash32(out)) throw broken('has another checksum');
  if (at + (header.contentChecksum ? 4 : 0) !== frame.length) throw broken('ends before its buffer does');
  return out;
}

function readHeader(frame: Buffer) {
  if (frame.readUInt32LE(0) !== MAGIC) throw broken('does not begin as one');
  const flags = frame.readUInt8(4);
  if (flags >>> 6 !== VERSION) throw broken('has an unknown version');
  const blockBytes = 2 ** (8 + 2 * ((frame.readUInt8(5) >>> 4) & 7));
  const [contentSize, dictionary] = [(flags & 8) !== 0, (flags & 1) !== 0];
  if (dictionary) throw broken('needs a dictionary');
  const end = 6 + (contentSize ? 8 : 0);
  if (frame.readUInt8(end) !== ((xxHash32(frame.subarray(4, end)) >>> 8) & 0xff)) throw broken('has a broken header');
  return {
    length: end + 1,
    blockBytes,
    independent: (flags & 32) !== 0,
    blockChecksums: (flags & 16) !== 0,
    contentChecksum: (flags & 4) !== 0,
  };
}

/** Where a block is written: matches reach back to `from`, nothing is written at or behind `to`. */
type Room = { readonly out: Buffer; readonly from: number; readonly to: number };

function copyPlain(block: Buffer, { out, to }: Room, written: number): number {
  if (written + block.length > to) throw tooLong();
  block.copy(out, written);
  return written + block.length;
}

/** Sequences of literals and of a match each, the last without the latter. @returns where the next byte goes. */
function decodeBlock(block: Buffer, { out, from, to }: Room, written: number): number {
  let at = 0;
  let end = written;
  const lengthOf = (nibble: number): number => {
    let length = nibble;
    if (nibble !== LENGTH_GOES_ON) return length;
    for (let more = 255; more === 255; length += more) more = block.readUInt8(at++);
    return length;
  };
  for (;;) {
    const token = block.readUInt8(at++);
    const literals = lengthOf(token >>> 4);
    if (at + literals > block.length) throw broken('is cut off in a block');
    if (end + literals > to) throw tooLong();
    block.copy(out, end, at, at + literals);
    at += literals;
    end += literals;
    if (at === block.length) return end;
    const offset = block.readUInt16LE(at);
    at += 2;
    const match = SHORTEST_MATCH + lengthOf(token & 15);
    if (offset === 0 || end - offset < from) throw broken('refers to bytes before its beginning');
    if (end + match > to) throw tooLong();
    copyMatch(out, { end, offset, match });
    end += match;
  }
}

/** A match may reach into itself, which repeats its first bytes. */
function copyMatch(out: Buffer, { end, offset, match }: { readonly end: number; offset: number; match: number }): void {
  if (offset >= match) out.copyWithin(end, end - offset, end - offset + match);
  else for (let i = end; i < end + match; i++) out[i] = out[i - offset]!;
}

const tooLong = (): Error => broken('holds more bytes than it says');

function broken(how: string): Error {
  return unreadable(`An LZ4 frame of the Arrow data ${how}; write the file again.`);
}
