import { describe, expect, it } from 'vitest';
import { binFeature } from '../../../src/stats/table/binned-table.ts';
import { numbers, texts } from '../columns.ts';

const counting = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i);
const all = (n: number) => Int32Array.from({ length: n }, (_, i) => i);

const binned = (reference: readonly (number | null)[], window: readonly (number | null)[]) =>
  binFeature(
    { name: 'x', reference: numbers(reference), window: numbers(window) },
    { reference: all(reference.length), window: all(window.length) },
  );

describe('numbers in bins', () => {
  it('are in one each where there are few, in their order, and in one for what is missing', () => {
    expect(binned([5, 3, null], [9, Number.NaN, 3])).toEqual({
      name: 'x',
      ordered: true,
      bins: 4,
      codes: Uint8Array.of(1, 0, 3, 2, 3, 0),
    });
  });

  it('are in equal parts of both tables together where there are many', () => {
    const { codes, bins } = binned(counting(610), counting(610));
    // Sixty-one parts of twenty rows; none is beyond the reference, whose least value is the first.
    expect(bins).toBe(62);
    expect([...codes]).toEqual([...counting(610), ...counting(610)].map((v) => Math.floor(v / 10)));
  });

  it('have an edge where the reference begins, and where what lies beyond it does', () => {
    const { codes, bins } = binned(counting(305, 1000), [...counting(3), ...counting(299, 1000), ...counting(3, 2000)]);
    const [before, first, last, beyond] = [codes[305], codes[0], codes[304], codes[305 + 302]];
    expect(bins).toBeLessThanOrEqual(64);
    expect(first).toBe(before! + 1);
    expect(beyond).toBe(last! + 1);
    expect(new Set(codes.slice(305, 308))).toEqual(new Set([0]));
    expect(new Set(codes.slice(305 + 302))).toEqual(new Set([bins - 2]));
  });

  it('are of the rows that are used', () => {
    const column = numbers([7, 1, 2, 3]);
    const found = binFeature(
      { name: 'x', reference: column, window: column },
      { reference: Int32Array.of(3, 0), window: Int32Array.of(1) },
    );
    expect(found).toMatchObject({ bins: 4, codes: Uint8Array.of(1, 2, 0) });
  });

  it('are in one bin where there is one value, and none where there is no number', () => {
    expect(binned([4, 4], [4, null])).toMatchObject({ bins: 2, codes: Uint8Array.of(0, 0, 0, 1) });
    expect(binned([null], [null])).toMatchObject({ bins: 2, codes: Uint8Array.of(1, 1) });
    // The reference has none, so that nothing is beyond it.
    expect(binned([null, null], [3, 5])).toMatchObject({ bins: 3, codes: Uint8Array.of(2, 2, 0, 1) });
  });
});

describe('texts in bins', () => {
  const of = (reference: readonly (string | null)[], window: readonly (string | null)[]) =>
    binFeature(
      { name: 't', reference: texts(reference), window: texts(window) },
      { reference: all(reference.length), window: all(window.length) },
    );

  it('have one each, the most frequent of both tables first, ties by text, and one for what is missing', () => {
    expect(of(['b', 'c', 'b', null], ['a', 'c', 'd', 'c'])).toEqual({
      name: 't',
      ordered: false,
      bins: 5,
      codes: Uint8Array.of(1, 0, 1, 4, 2, 0, 3, 0),
    });
  });

  it('are in the order of their letters where they are equally frequent, whichever comes first', () => {
    expect([...of(['d', 'a', 'c', 'c'], ['e', 'b']).codes]).toEqual([3, 1, 0, 0, 4, 2]);
  });

  it('share one where they are rare and many', () => {
    const names = counting(63).map((i) => `t${String(i).padStart(2, '0')}`);
    // Sixty-two have bins of their own, and the last one that of the others.
    const found = of([...names, null], ['t62', 't62']);
    expect(found.bins).toBe(64);
    expect([...found.codes]).toEqual([...counting(61).map((i) => i + 1), 62, 0, 63, 0, 0]);
    const many = counting(90).map((i) => `t${i + 10}`);
    expect(of(many, [null]).bins).toBe(64);
    expect([...of(many, [null]).codes]).toEqual([...many.map((_, i) => Math.min(i, 62)), 63]);
    expect(of(names.slice(0, 62), [null]).bins).toBe(63);
    expect([...of(names.slice(0, 62), [null]).codes]).toEqual([...counting(62), 62]);
  });

  it('are of the rows that are used', () => {
    const column = texts(['x', 'y', 'y', 'z']);
    const found = binFeature(
      { name: 't', reference: column, window: column },
      { reference: Int32Array.of(3, 0, 3), window: Int32Array.of(1) },
    );
    expect(found).toMatchObject({ bins: 4, codes: Uint8Array.of(0, 1, 0, 2) });
  });
});
