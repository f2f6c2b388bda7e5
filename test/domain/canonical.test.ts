import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, differencesOf, toJson } from '../../src/domain/canonical.ts';

describe('canonical JSON', () => {
  it('is the same whatever the order of keys, and parses back', () => {
    expect(canonicalJson({ b: 1, a: [{ d: null, c: 'x' }] })).toBe('{"a":[{"c":"x","d":null}],"b":1}');
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = toJson(value);
        expect(JSON.parse(canonicalJson(json))).toEqual(json);
      }),
    );
  });

  it('holds nothing that the database refuses', () => {
    expect(toJson({ a: 'x\u0000y', b: '\ud800', c: Number.NaN, d: undefined })).toEqual({
      a: 'x\ufffdy',
      b: '\ufffd',
      c: null,
    });
  });

  it('finds each place that differs and no other', () => {
    const stored = toJson({ a: { 'x/y': 1, same: [1, 2] }, list: [1, 2, 3] });
    const other = toJson({ a: { 'x/y': 2, same: [1, 2] }, list: [1, 2], more: null });
    expect([...differencesOf(stored, other)]).toEqual([
      { pointer: '/a/x~1y', stored: 1, recomputed: 2 },
      { pointer: '/list/2', stored: 3, recomputed: undefined },
      { pointer: '/more', stored: undefined, recomputed: null },
    ]);
    expect([...differencesOf(stored, stored)]).toEqual([]);
  });
});
