import { describe, expect, it } from 'vitest';
import {
  type ByteSpan,
  createBlockSummer,
  SUMMED_BYTES,
  sumsWithin,
  touchedBlocks,
} from '../../../src/store/objects/block-sums.ts';
import { openCutRange, openProvedRange } from '../../../src/store/objects/proved-range.ts';
import type { ReadOptions } from '../../../src/store/remotes/remote.ts';
import { collect, md5, noise, sha256 } from '../../support/bytes.ts';

const SIZE = 3 * SUMMED_BYTES + 777;
const good = noise(SIZE, 11);
const object = { oid: md5(good), sha256: sha256(good), size: SIZE };
const summer = createBlockSummer();
summer.update(good);
const all = summer.sums() ?? new Uint8Array();
const sumsOf = (range: ByteSpan) => {
  return sumsWithin(all, touchedBlocks(range, SIZE).sums);
};

/** A remote with these bytes that hands them out in pieces of a size. */
const holding = (bytes: Uint8Array, piece = SUMMED_BYTES, asked: ReadOptions[] = []) => ({
  async read(_oid: string, options: ReadOptions = {}) {
    asked.push(options);
    const part = bytes.subarray(options.start ?? 0, options.end ?? bytes.byteLength);
    return (async function* () {
      for (let at = 0; at < part.byteLength; at += piece) yield Uint8Array.from(part.subarray(at, at + piece));
    })();
  },
});

const RANGES = [
  [0, 1],
  [0, SUMMED_BYTES],
  [1, SUMMED_BYTES + 1],
  [SUMMED_BYTES - 1, SUMMED_BYTES + 1],
  [SUMMED_BYTES, 2 * SUMMED_BYTES],
  [SUMMED_BYTES + 5, 3 * SUMMED_BYTES + 5],
  [3 * SUMMED_BYTES, SIZE],
  [SIZE - 1, SIZE],
  [1, SIZE],
] as const;

describe('a part of an object of many blocks', () => {
  it.each([SUMMED_BYTES, 64 * 1024, 1_000_003])('is its bytes, which come in pieces of %i', async (piece) => {
    for (const [start, end] of RANGES) {
      const part = await collect(
        await openProvedRange(holding(good, piece), { object, range: { start, end }, sums: sumsOf({ start, end }) }),
      );
      expect(part.equals(good.subarray(start, end)), `${start}-${end}`).toBe(true);
    }
  });

  it.each([SUMMED_BYTES, 64 * 1024])(
    'is whole for a reader who does away with what it was given: %i',
    async (piece) => {
      const taken: Uint8Array[] = [];
      for await (const chunk of await openProvedRange(holding(good, piece), {
        object,
        range: { start: 1, end: SIZE },
        sums: all,
      })) {
        taken.push(Uint8Array.from(chunk));
        if (chunk.buffer instanceof ArrayBuffer) chunk.buffer.transfer(0);
      }
      expect(Buffer.concat(taken).equals(good.subarray(1))).toBe(true);
    },
  );

  it('is read by whole blocks, and no more of them than it touches', async () => {
    const asked: ReadOptions[] = [];
    for (const [start, end] of [RANGES[0], RANGES[3], RANGES[7]]) {
      await collect(
        await openProvedRange(holding(good, SUMMED_BYTES, asked), {
          object,
          range: { start, end },
          sums: sumsOf({ start, end }),
        }),
      );
    }
    expect(asked).toEqual([
      { start: 0, end: SUMMED_BYTES },
      { start: 0, end: 2 * SUMMED_BYTES },
      { start: 3 * SUMMED_BYTES },
    ]);
  });

  it('ends before the first block that is wrong, and does not look at those that it does not touch', async () => {
    const bad = Uint8Array.from(good);
    bad[2 * SUMMED_BYTES + 9] = (bad[2 * SUMMED_BYTES + 9] ?? 0) ^ 1;
    const open = (start: number, end: number) =>
      openProvedRange(holding(bad, 64 * 1024), { object, range: { start, end }, sums: sumsOf({ start, end }) });
    const taken: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of await open(10, SIZE)) taken.push(chunk);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'object-corrupt' });
    expect(Buffer.concat(taken).equals(good.subarray(10, 2 * SUMMED_BYTES))).toBe(true);
    await expect(collect(await open(2 * SUMMED_BYTES + 100, 2 * SUMMED_BYTES + 101))).rejects.toThrow('corrupt');
    expect((await collect(await open(10, SUMMED_BYTES))).byteLength).toBe(SUMMED_BYTES - 10);
  });

  it('is not all of an object that has become longer', async () => {
    for (const more of [1, SUMMED_BYTES - 777, SUMMED_BYTES]) {
      const longer = holding(Buffer.concat([good, Buffer.alloc(more)]));
      const part = await openProvedRange(longer, { object, range: { start: 0, end: SIZE }, sums: all });
      await expect(collect(part)).rejects.toMatchObject({ code: 'object-corrupt' });
    }
  });

  it.each([2 * SUMMED_BYTES, 2 * SUMMED_BYTES + 5, 0])('is never whole when %i bytes are left', async (left) => {
    const part = openProvedRange(holding(good.subarray(0, left)), {
      object,
      range: { start: 5, end: SIZE },
      sums: all,
    });
    await expect(collect(await part)).rejects.toMatchObject({ code: 'object-corrupt' });
  });
});

describe('a part of an object of one block', () => {
  const small = noise(5000, 3);
  const known = { oid: md5(small), sha256: sha256(small), size: 5000 };

  it('is cut out of the whole, which is judged first', async () => {
    const part = await openCutRange(holding(small, 512), { object: known, range: { start: 700, end: 4000 } });
    expect((await collect(part)).equals(small.subarray(700, 4000))).toBe(true);
    const bad = Uint8Array.from(small);
    bad[4999] = (bad[4999] ?? 0) ^ 1;
    const spoilt = await openCutRange(holding(bad, 512), { object: known, range: { start: 0, end: 1 } });
    await expect(collect(spoilt)).rejects.toMatchObject({ code: 'object-corrupt' });
  });
});
