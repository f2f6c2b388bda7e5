import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beginMd5, endMd5, type Md5Part, updateMd5, updateMd5Together } from '../../src/compute/md5-lanes.ts';
import { noise } from '../support/bytes.ts';

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

test('a stream of any length has the digest that it has alone', () => {
  // The end takes one block more from 56 bytes on.
  for (let size = 0; size <= 260; size++) {
    const bytes = noise(size, size);
    const stream = beginMd5(false);
    updateMd5([{ stream, bytes }]);
    expect(endMd5(stream), `${size}`).toBe(md5(bytes));
  }
});

test('streams of any lengths in any pieces do not touch each other, however many there are', () => {
  const size = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 70_000 }));
  const pieces = fc.array(size, { maxLength: 5 });
  fc.assert(
    fc.property(fc.array(pieces, { minLength: 1, maxLength: 12 }), (sizes) => {
      const streams = sizes.map((list, i) => ({
        stream: beginMd5(i === 3),
        pieces: list.map((length, j) => noise(length, i * 31 + j)),
      }));
      for (let turn = 0; turn < 5; turn++) {
        updateMd5(
          streams.flatMap(({ stream, pieces: list }): Md5Part[] => {
            const bytes = list[turn];
            return bytes === undefined ? [] : [{ stream, bytes }];
          }),
        );
      }
      for (const { stream, pieces: list } of streams) expect(endMd5(stream)).toBe(md5(Buffer.concat(list)));
    }),
    { numRuns: 60 },
  );
});

test('parts of one stream that wait for one turn are taken in the order in which they came', async () => {
  const lists = [0, 1, 2].map((i) => [noise(100_000, i + 1), noise(7, i + 11), noise(70_000, i + 21)]);
  const digests = lists.map(async (list, i) => {
    const stream = beginMd5(i === 0);
    await Promise.all(list.map((bytes) => updateMd5Together({ stream, bytes })));
    return endMd5(stream);
  });
  expect(await Promise.all(digests)).toEqual(lists.map((list) => md5(Buffer.concat(list))));
});

test('the number of bits is counted past 32 of them', () => {
  const bytes = new Uint8Array(8 * 1024 ** 2);
  const stream = beginMd5(false);
  const expected = createHash('md5');
  for (let i = 0; i < 65; i++) {
    updateMd5([{ stream, bytes }]);
    expected.update(bytes);
  }
  expect(endMd5(stream)).toBe(expected.digest('hex'));
});
