import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bearsSum, createBlockSummer, SUMMED_BYTES, summed } from '../../../src/store/objects/block-sums.ts';
import { all, chunks, collect, noise } from '../../support/bytes.ts';

const SIZE = 3 * SUMMED_BYTES + 12_345;
const bytes = noise(SIZE, 7);
const blocks = [0, 1, 2, 3].map((i) => bytes.subarray(i * SUMMED_BYTES, (i + 1) * SUMMED_BYTES));

function sumsOf(parts: readonly Uint8Array[]): Uint8Array {
  const summer = createBlockSummer();
  for (const part of parts) summer.update(part);
  const sums = summer.sums();
  if (sums === null) throw new Error('one block has no sums');
  return sums;
}

describe('the sums of blocks', () => {
  it('are those of the tag that NIST gives for these bytes, which every library has', () => {
    // Python: AESGCM(b'tidemark/blocks1').encrypt(bytes(12), b'', b'a' * 2**20) and the same of b'b'
    const sums = sumsOf([Buffer.alloc(SUMMED_BYTES, 'a'), Buffer.from('b')]);
    expect(Buffer.from(sums).toString('hex')).toBe('4c468ed13d8f74612514f8979d642c8071c979d1075c7d13e4ebae14f6325a16');
  });

  it('do not depend on how the bytes come', () => {
    const whole = sumsOf([bytes]);
    expect(whole.byteLength).toBe(4 * 16);
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
    expect(blocks.map((block, i) => bearsSum(sums, i, block))).toEqual([true, true, true, true]);
    expect(bearsSum(sums, 0, blocks[1] ?? bytes)).toBe(false);
    expect(bearsSum(sums, 4, blocks[3] ?? bytes)).toBe(false);
    expect(bearsSum(sums, 3, bytes.subarray(3 * SUMMED_BYTES, SIZE - 1))).toBe(false);
    const spoilt = Uint8Array.from(blocks[2] ?? []);
    let caught = 0;
    for (let i = 0; i < 600; i++) {
      const at = (i * 1747 + (i % 7)) % SUMMED_BYTES;
      spoilt[at] = (spoilt[at] ?? 0) ^ (1 << (i % 8));
      if (!bearsSum(sums, 2, spoilt)) caught++;
      spoilt[at] = (spoilt[at] ?? 0) ^ (1 << (i % 8));
    }
    expect(caught).toBe(600);
  });

  it('are taken before a chunk is handed on', async () => {
    const summer = createBlockSummer();
    for await (const chunk of summed(chunks(...blocks.map((block) => block.slice())), summer)) chunk.fill(0);
    expect(summer.sums()).toEqual(Buffer.from(sumsOf([bytes])));
    expect(await all(summed(chunks(), createBlockSummer()))).toEqual([]);
    expect(await collect(summed(chunks('ab', 'c'), createBlockSummer()))).toEqual(Buffer.from('abc'));
  });
});
