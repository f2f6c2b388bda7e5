import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonPieces } from '../../../src/cli/terminal/json-pieces.ts';

describe('JSON in pieces', () => {
  it('is what it is in one piece', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect([...jsonPieces(value)].join('')).toBe(JSON.stringify(value));
      }),
    );
  });

  it('leaves out what JSON has no form for, as it does in one piece', () => {
    const value = { a: undefined, b: [undefined, 1], c: { d: undefined }, e: {}, f: [], g: Number.NaN };
    expect([...jsonPieces(value)].join('')).toBe(JSON.stringify(value));
  });

  it('replaces what neither a terminal nor the service holds', () => {
    expect([...jsonPieces({ a: { b: { c: ['x\0', '\ud800'] } } })].join('')).toBe(
      '{"a":{"b":{"c":["x\ufffd","\ufffd"]}}}',
    );
  });

  it('never makes one text of a column and the next', () => {
    const columns = Array.from({ length: 100 }, (_, i) => ({ name: `c${i}`, values: [1, 2, 3] }));
    const longest = Math.max(...[...jsonPieces({ profile: { columns } })].map((piece) => piece.length));
    expect(longest).toBeLessThan(100);
  });
});
