import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bearsSum,
  createBlockSummer,
  SUMMED_BYTES,
  summed,
  sumsWithin,
  touchedBlocks,
} from '../../../src/store/objects/block-sums.ts';
import { all, chunks, collect, noise } from '../../support/bytes.ts';

const SIZE = 3 * SUMMED_BYTES + 12_345;
const bytes = noise(SIZE, 7);
const blocks = [0, 1, 2, 3].map((i) => bytes.subarray(i * SUMMED_BYTES, (i + 1) * SUMMED_BYTES));

const key = Buffer.from('a key of its own');
const bears = (sums: Uint8Array, number: number, block: Uint8Array): boolean =>
  bearsSum(sums, { first: 0, number }, block);

function sumsOf(parts: readonly Uint8Array[], under: Uint8Array = key): Uint8Array {
  const summer = createBlockSummer(under);
  for (const part of parts) summer.update(part);
  const sums = summer.sums();
  if (sums === null) throw new Error('one block has no sums');
  return sums;
}

describe('the sums of blocks', () => {
  it('are those of the tag that NIST gives for these bytes, which every library has', () => {
    // Python: AESGCM(b'a key of its own').encrypt(bytes(12), b'', b'a' * 2**20); bytes(11) + b'\\x01' and b'b'
    const sums = sumsOf([Buffer.alloc(SUMMED_BYTES, 'a'), Buffer.from('b')]);
    expect(Buffer.from(sums.subarray(0, 16)).toString()).toBe('a key of its own');
    expect(Buffer.from(sums.subarray(16)).toString('hex')).toBe(
      '9fcda841e7816adf5891ea1c3a6afc33436a3af5057c346c12fe47d445b039ca',
    );
  });

  it('do not depend on how the bytes come', () => {
    const whole = sumsOf([bytes]);
    expect(whole.byteLength).toBe(5 * 16);
    const cuts = fc.array(fc.integer({ min: 0, max: SIZE }), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (at) => {
        const ends = [0, ...at.toSorted((a, b) => a - b), SIZE];
        const parts = ends.slice(1).map((end, i) => bytes.subarray(ends[i], end));
        return Buffer.from(sumsOf(parts)).equals(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('are none for what has one block', () => {
    const summer = createBlockSummer();
    summer.update(noise(SUMMED_BYTES));
    expect(summer.sums()).toBeNull();
    expect(createBlockSummer().sums()).toBeNull();
  });

  it('tell every block from one with a flipped bit, from a part of it and from its neighbours: 600 of 600', () => {
    const sums = sumsOf([bytes]);
    expect(blocks.map((block, i) => bears(sums, i, block))).toEqual([true, true, true, true]);
    expect(bears(sums, 0, blocks[1] ?? bytes)).toBe(false);
    expect(bears(sums, 4, blocks[3] ?? bytes)).toBe(false);
    expect(bears(sums, 3, bytes.subarray(3 * SUMMED_BYTES, SIZE - 1))).toBe(false);
    const spoilt = Uint8Array.from(blocks[2] ?? []);
    let caught = 0;
    for (let i = 0; i < 600; i++) {
      const at = (i * 1747 + (i % 7)) % SUMMED_BYTES;
      spoilt[at] = (spoilt[at] ?? 0) ^ (1 << (i % 8));
      if (!bears(sums, 2, spoilt)) caught++;
      spoilt[at] = (spoilt[at] ?? 0) ^ (1 << (i % 8));
    }
    expect(caught).toBe(600);
  });

  it('are of their place and of their key, which no two objects have', () => {
    const twice = sumsOf([blocks[0] ?? bytes, blocks[0] ?? bytes]);
    expect(bears(twice, 1, blocks[0] ?? bytes)).toBe(true);
    expect(Buffer.from(twice.subarray(16, 32)).equals(twice.subarray(32, 48))).toBe(false);
    const own = () => {
      const summer = createBlockSummer();
      summer.update(bytes);
      return summer.sums() ?? new Uint8Array();
    };
    const [one, other] = [own(), own()];
    expect(bears(one, 3, blocks[3] ?? bytes)).toBe(true);
    expect(Buffer.from(one.subarray(16, 32)).equals(other.subarray(16, 32))).toBe(false);
    expect(bears(Buffer.concat([other.subarray(0, 16), one.subarray(16)]), 3, blocks[3] ?? bytes)).toBe(false);
  });

  it('of some blocks stand for them by their numbers', () => {
    const sums = sumsOf([bytes]);
    const { sums: span } = touchedBlocks({ start: 2 * SUMMED_BYTES, end: SIZE }, SIZE);
    const part = sumsWithin(sums, span);
    expect(part.byteLength).toBe(3 * 16);
    expect([2, 3].map((number) => bearsSum(part, { first: 2, number }, blocks[number] ?? bytes))).toEqual([true, true]);
    expect(bearsSum(part, { first: 2, number: 3 }, blocks[2] ?? bytes)).toBe(false);
  });

  it('are taken before a chunk is handed on', async () => {
    const summer = createBlockSummer(key);
    for await (const chunk of summed(chunks(...blocks.map((block) => block.slice())), summer)) chunk.fill(0);
    expect(summer.sums()).toEqual(Buffer.from(sumsOf([bytes])));
    expect(await all(summed(chunks(), createBlockSummer()))).toEqual([]);
    expect(await collect(summed(chunks('ab', 'c'), createBlockSummer()))).toEqual(Buffer.from('abc'));
  });
});
