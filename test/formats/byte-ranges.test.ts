import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connects, lineRanges, rangeCount } from '../../src/formats/byte-ranges.ts';
import { tempFile } from './fixtures.ts';

describe('ranges of lines', () => {
  it('cover the bytes once, and begin behind line ends', () => {
    const lines = fc.array(fc.string({ unit: fc.constantFrom('a', '\n', '\r', 'bb'), maxLength: 30 }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 12 }), (parts, count) => {
        const text = parts.join('\n');
        const path = tempFile(text, 't.csv');
        const ranges = lineRanges(path, text.length, count);
        expect(ranges[0]!.start).toBe(0);
        expect(ranges.at(-1)!.end).toBe(Number.POSITIVE_INFINITY);
        for (const [i, { start }] of ranges.entries()) {
          if (i === 0) continue;
          expect(ranges[i - 1]!.end).toBe(start);
          expect('\r\n').toContain(text[start - 1]);
        }
      }),
    );
  });

  it('connect across blank lines only', () => {
    const path = tempFile('a\n\r\n\nb', 't.csv');
    expect([connects(path, 2, 5), connects(path, 2, 6), connects(path, 5, 2), connects(path, 5, 5)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('are one for a small file, and enough for several readers of a large one', () => {
    expect([100, 2 ** 26, 10 * 2 ** 30].map((size) => rangeCount(size, 20))).toEqual([1, 8, 160]);
  });

  it('are fewer of a wide table, of whose every column a range is to have something', () => {
    expect([100, 2 ** 26, 10 * 2 ** 30].map((size) => rangeCount(size, 10_000))).toEqual([1, 1, 160]);
  });
});
