import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTidemarkError } from '../../src/errors.ts';
import { attachment } from '../../src/http/bytes.ts';
import { readCursor, writeCursor } from '../../src/http/cursor.ts';
import { parseRange } from '../../src/http/range.ts';

describe('a range', () => {
  it('lies within the bytes, whatever is asked', () => {
    const header = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(50), fc.nat(50)).map(([a, b]) => `bytes=${a}-${b}`),
    );
    fc.assert(
      fc.property(header, fc.nat(30), (text, size) => {
        try {
          const range = parseRange(text, size);
          if (range === null) return;
          expect(range.start).toBeGreaterThanOrEqual(0);
          expect(range.end).toBeGreaterThan(range.start);
          expect(range.end).toBeLessThanOrEqual(size);
        } catch (error) {
          expect(isTidemarkError(error, 'range-not-satisfiable')).toBe(true);
        }
      }),
    );
  });

  it('of an empty file cannot be sent', () => {
    expect(() => parseRange('bytes=0-', 0)).toThrow('outside');
    expect(parseRange(undefined, 0)).toBeNull();
  });
});

describe('a cursor', () => {
  it('brings its position back', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 2 ** 31 - 1 })), (position) => {
        const first: string | number = typeof position === 'string' ? '' : 0;
        if (typeof position === 'string' && position.includes('\0')) return;
        expect(readCursor(writeCursor(position), first)).toBe(position);
      }),
    );
  });

  it('that is not ours is refused, whatever it holds', () => {
    const forged = ['null', '{}', '"text"', '1e99', '-99999999999', '1.5'].map((json) =>
      Buffer.from(json).toString('base64url'),
    );
    for (const cursor of ['', '!', ...forged]) expect(() => readCursor(cursor, 0)).toThrow('cursor');
    expect(() => readCursor(writeCursor('a\0'), '')).toThrow('cursor');
  });
});

describe('the name of a download', () => {
  it('cannot leave its header or its folder', () => {
    expect(attachment('a/b/c.csv')).toBe('attachment; filename="c.csv"');
    expect(attachment('a"; x="\r\n.csv')).toBe(
      `attachment; filename="a_; x=___.csv"; filename*=UTF-8''a%22%3B%20x%3D%22%0D%0A.csv`,
    );
    expect(attachment('\u{1f600}.csv')).toBe(`attachment; filename="__.csv"; filename*=UTF-8''%F0%9F%98%80.csv`);
  });
});
