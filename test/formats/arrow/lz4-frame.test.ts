import { describe, expect, it } from 'vitest';
import { decodeLz4Frame } from '../../../src/formats/arrow/lz4-frame.ts';
import { xxHash32 } from '../../../src/formats/arrow/xx-hash-32.ts';

/** A frame of one block of these bytes, in blocks of at most 64 KiB that stand for themselves. */
function frameOf(block: readonly number[], { plain = false } = {}): Buffer {
  const flags = Buffer.of(0x60, 0x40);
  const size = Buffer.alloc(4);
  size.writeUInt32LE((block.length | (plain ? 0x8000_0000 : 0)) >>> 0);
  const check = (xxHash32(flags) >>> 8) & 0xff;
  return Buffer.concat([
    Buffer.of(0x04, 0x22, 0x4d, 0x18),
    flags,
    Buffer.of(check),
    size,
    Buffer.from(block),
    Buffer.alloc(4),
  ]);
}

const A = 65;

describe('the checksum of LZ4', () => {
  it.each([
    ['', 0x02cc_5d05],
    ['a', 0x550d_7456],
    ['abc', 0x32d1_53ff],
    ['Nobody inspects the spammish repetition', 0xe229_3b2f],
  ])('of "%s" is what its authors say', (text, sum) => {
    expect(xxHash32(Buffer.from(text))).toBe(sum);
  });
});

describe('an LZ4 frame', () => {
  it('has literals, and matches that may reach into themselves', () => {
    // One A, a match of 15 + 4 at distance 1 (the length goes on with a 0), and three literals.
    const block = [0x1f, A, 1, 0, 0, 0x30, 66, 67, 68];
    expect(String(decodeLz4Frame(frameOf(block), 23))).toBe(`${'A'.repeat(20)}BCD`);
    expect(String(decodeLz4Frame(frameOf([A, 66], { plain: true }), 2))).toBe('AB');
  });

  it.each<[string, Buffer, number]>([
    ['a match before the beginning', frameOf([0x10, A, 2, 0, 0x10, A]), 6],
    ['a match at no distance', frameOf([0x10, A, 0, 0, 0x10, A]), 6],
    ['more bytes than it says', frameOf([0x20, A, A]), 1],
    ['fewer bytes than it says', frameOf([0x20, A, A]), 3],
    ['literals that are cut off', frameOf([0x50, A, A]), 5],
    ['a length that never ends', frameOf([0xf0, 255, 255]), 600],
    ['a length that it cannot have', frameOf([0x20, A, A]), 1e9],
    ['no end', frameOf([0x20, A, A]).subarray(0, -4), 2],
    ['something behind its end', Buffer.concat([frameOf([0x20, A, A]), Buffer.alloc(1)]), 2],
  ])('with %s is refused', (_, frame, length) => {
    expect(() => decodeLz4Frame(frame, length)).toThrow(expect.objectContaining({ code: 'unreadable-data' }));
  });

  it('whose header has another checksum is refused', () => {
    const frame = frameOf([0x20, A, A]);
    frame[6]! ^= 1;
    expect(() => decodeLz4Frame(frame, 2)).toThrow(/broken header/);
  });
});
