import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ulid } from '../src/ulid.ts';

const LAST = 2 ** 48 - 1;
const zeros = new Uint8Array(10);
const ones = new Uint8Array(10).fill(255);

describe('a ULID', () => {
  it('encodes the values of its specification', () => {
    expect(ulid(0, zeros)).toBe('0'.repeat(26));
    expect(ulid(LAST, ones)).toBe('7zzzzzzzzzzzzzzzzzzzzzzzzz');
    // The README's `ulid(1469918176385)` begins with 01ARYZ6S41.
    expect(ulid(1469918176385, zeros).slice(0, 10)).toBe('01aryz6s41');
    expect(ulid(0, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 31)).at(-1)).toBe('z');
  });

  it('sorts as its time and then its random bytes do', () => {
    const one = fc.tuple(fc.integer({ min: 0, max: LAST }), fc.uint8Array({ minLength: 10, maxLength: 10 }));
    fc.assert(
      fc.property(one, one, ([t, a], [u, b]) => {
        const expected = Math.sign(t - u) || Math.sign(Buffer.compare(a, b));
        const [x, y] = [ulid(t, a), ulid(u, b)];
        expect(x).toMatch(/^[0-7][0-9a-hjkmnp-tv-z]{25}$/);
        expect(x < y ? -1 : x > y ? 1 : 0).toBe(expected);
      }),
    );
  });
});
