import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { md5OfEach } from '../../src/compute/md5-each.ts';
import { noise } from '../support/bytes.ts';

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

/** Enough that it is worth while to digest what comes with it side by side. */
const LARGE = noise(1024 ** 2, 1);

test('a piece of any length has the digest that it has alone', () => {
  // The end takes one block more from 56 bytes on, and the room of a lane is 32 KiB.
  const sizes = [0, 1, 55, 56, 63, 64, 65, 119, 120, 32_703, 32_704, 32_759, 32_760, 32_767, 32_768, 32_769, 65_536];
  const pieces = [...sizes.map((size) => noise(size, size)), LARGE];
  expect(md5OfEach(pieces)).toEqual(pieces.map(md5));
  for (const piece of pieces) expect(md5OfEach([LARGE, piece])).toEqual([md5(LARGE), md5(piece)]);
});

test('pieces keep their order, whatever their lengths, and however many there are', () => {
  const size = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 70_000 }), fc.constant(4096));
  fc.assert(
    fc.property(fc.array(size, { maxLength: 40 }), (sizes) => {
      const pieces = [...sizes.map((length, i) => noise(length, i)), LARGE];
      expect(md5OfEach(pieces)).toEqual(pieces.map(md5));
    }),
    { numRuns: 60 },
  );
});

test('few and small ones are digested as well', () => {
  expect(md5OfEach([])).toEqual([]);
  expect(md5OfEach([noise(0, 0), noise(7, 1)])).toEqual([md5(noise(0, 0)), md5(noise(7, 1))]);
});
