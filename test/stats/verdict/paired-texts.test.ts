import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CategoryColumn } from '../../../src/stats/column.ts';
import { countTexts, countTogether, type PairedTexts, pairTexts } from '../../../src/stats/verdict/paired-texts.ts';

const column = (codes: readonly number[], dictionary: readonly string[], distinct?: true): CategoryColumn => ({
  kind: 'category',
  type: 'text',
  length: codes.length,
  codes: Int32Array.from(codes),
  dictionary,
  ...(distinct && { distinct }),
});

const listed = ({ texts, r, w }: PairedTexts) =>
  texts.map((text, k) => [text, r[k], w[k]] as const).toSorted(([a], [b]) => (a < b ? -1 : 1));

describe('countTexts', () => {
  it('counts rows by text, whatever their codes, and leaves nulls and unused texts out', () => {
    const found = countTexts({ ...column([0, 2, -1, 2, 3, -1, 0, 0], ['a', 'unused', 'b', 'a']), length: 7 });
    expect([...found]).toEqual([
      ['a', 3],
      ['b', 2],
    ]);
  });
});

describe('countTogether', () => {
  it('says of one list of texts what it says of two', () => {
    const codes = fc.array(fc.integer({ min: -1, max: 6 }), { maxLength: 30 });
    fc.assert(
      fc.property(codes, codes, (reference, window) => {
        const texts = Array.from('gfedcba');
        const own = [column(reference, texts), column(window, [...texts])] as const;
        const shared = [column(reference, texts, true), column(window, texts, true)] as const;
        const found = countTogether(...shared);
        expect(listed(found)).toEqual(listed(countTogether(...own)));
        expect(found.texts.every((_, k) => found.r[k]! + found.w[k]! > 0)).toBe(true);
      }),
    );
  });

  it('looks at the texts where each side has a list of its own', () => {
    const found = countTogether(column([0, 0, 1], ['a', 'b'], true), column([0, 1, 2], ['b', 'c', 'a'], true));
    expect(listed(found)).toEqual([
      ['a', 2, 1],
      ['b', 1, 1],
      ['c', 0, 1],
    ]);
  });

  it('has a text once that a list has twice', () => {
    const texts = ['a', 'b', 'a'];
    const found = countTogether(column([0, 1, 2], texts), column([2, 2, -1], texts));
    expect(listed(found)).toEqual([
      ['a', 2, 2],
      ['b', 1, 0],
    ]);
  });
});

describe('pairTexts', () => {
  it('holds every text of either side once', () => {
    const found = pairTexts(new Map([['a', 1]]), new Map([...Object.entries({ b: 2, a: 3 })]));
    expect(listed(found)).toEqual([
      ['a', 1, 3],
      ['b', 0, 2],
    ]);
  });
});
