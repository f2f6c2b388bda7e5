import { describe, expect, it } from 'vitest';
import { inflateSnappy } from '../../../../src/formats/parquet/pages/snappy.ts';

/** Bytes as they are, by the description of the format. */
const literal = (text: string): number[] => [(text.length - 1) << 2, ...Buffer.from(text)];
const near = (offset: number, length: number): number[] => [
  ((offset >> 8) << 5) | ((length - 4) << 2) | 1,
  offset & 255,
];
const far = (offset: number, length: number): number[] => [((length - 1) << 2) | 2, offset & 255, offset >> 8];

const inflated = (size: number, ...pieces: number[][]) =>
  inflateSnappy(Uint8Array.from([size, ...pieces.flat()]), size)?.toString('latin1') ?? null;

describe('inflateSnappy', () => {
  it('joins bytes and stretches of what was before, also those that reach into themselves', () => {
    expect(inflated(4, literal('abcd'))).toBe('abcd');
    expect(inflated(12, literal('abcd'), near(4, 4), near(3, 4))).toBe('abcdabcdbcdb');
    expect(inflated(11, literal('x'), far(1, 10))).toBe('xxxxxxxxxxx');
    expect(inflated(0)).toBe('');
  });

  it.each<[string, number, number[][]]>([
    ['another size', 5, [literal('abcd')]],
    ['more than it says', 3, [literal('abcd')]],
    ['a stretch from before the beginning', 8, [literal('abcd'), near(5, 4)]],
    ['a stretch of nothing', 8, [literal('abcd'), far(0, 4)]],
    ['bytes that are missing', 4, [[3 << 2, 97]]],
    ['a piece that is cut off', 8, [literal('abcd'), [2]]],
  ])('refuses %s', (_, size, pieces) => {
    expect(inflated(size, ...pieces)).toBeNull();
  });
});
