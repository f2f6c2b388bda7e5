import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CategoryCounts, categoryBins, categoryCells } from '../../../src/stats/verdict/category-bins.ts';
import { pairTexts } from '../../../src/stats/verdict/paired-texts.ts';

type Sides = { readonly reference: ReadonlyMap<string, number>; readonly window: ReadonlyMap<string, number> };
type Given = Sides & Omit<CategoryCounts, 'paired'>;

const paired = ({ reference, window, ...rest }: Given): CategoryCounts => {
  return { paired: pairTexts(reference, window), ...rest };
};

const counts = (entries: readonly (readonly [string, number])[]): Map<string, number> => new Map(entries);

/** The rule in its plainest form: all that is known in order, the first 200 apart. */
function plainly({ reference, window, known }: Given) {
  const all = [...new Set([...reference.keys(), ...known])];
  const order = all.toSorted((a, b) => (reference.get(b) ?? 0) - (reference.get(a) ?? 0) || (a < b ? -1 : 1));
  const rest = (side: ReadonlyMap<string, number>) =>
    order.slice(200).reduce((sum, text) => sum + (side.get(text) ?? 0), 0);
  return { own: order.slice(0, 200), other: { reference: rest(reference), window: rest(window) } };
}

describe('categoryBins', () => {
  const none = { lower: null, upper: null };

  it('are the texts of the reference, what it never held, and what is missing', () => {
    const reference = counts([
      ['b', 2],
      ['a', 2],
      ['c', 5],
    ]);
    const window = counts([
      ['a', 1],
      ['known', 4],
      ['new', 6],
    ]);
    const bins = categoryBins(paired({ reference, window, known: ['known'], referenceNulls: 3, windowNulls: 0 }));
    expect(bins).toEqual([
      { kind: 'value', label: 'c', ...none, reference: 5, window: 0 },
      { kind: 'value', label: 'a', ...none, reference: 2, window: 1 },
      { kind: 'value', label: 'b', ...none, reference: 2, window: 0 },
      { kind: 'value', label: 'known', ...none, reference: 0, window: 4 },
      { kind: 'unseen', label: 'unseen', ...none, reference: 0, window: 6 },
      { kind: 'missing', label: 'missing', ...none, reference: 3, window: 0 },
    ]);
  });

  it('have bins for the 200 most frequent in whatever order they come', () => {
    const rising = counts(Array.from({ length: 210 }, (_, i) => [`t${i}`, i + 1] as const));
    const given = { reference: rising, window: counts([]), known: [], referenceNulls: 0, windowNulls: 0 };
    const bins = categoryBins(paired(given));
    expect(bins.slice(0, 200).map(({ reference }) => reference)).toEqual(
      Array.from({ length: 200 }, (_, i) => 210 - i),
    );
    expect(bins[200]).toMatchObject({ kind: 'other', reference: 55 });
  });

  it('have one bin for all texts but the 200 most frequent', () => {
    const name = (i: number) => `t${String(i).padStart(3, '0')}`;
    // Two of them are met twice, among them the last.
    const times = (i: number) => (i === 7 || i === 202 ? 2 : 1);
    const reference = counts(Array.from({ length: 203 }, (_, i) => [name(i), times(i)] as const));
    const window = counts([
      [name(201), 5],
      [name(200), 6],
      [name(0), 7],
      ['new', 8],
    ]);
    const bins = categoryBins(paired({ reference, window, known: [], referenceNulls: 0, windowNulls: 9 }));
    const own = bins.filter(({ kind }) => kind === 'value').map(({ label }) => label);
    const rest = Array.from({ length: 199 }, (_, i) => name(i)).filter((text) => text !== name(7));
    expect(own).toEqual([name(7), name(202), ...rest]);
    expect(bins.slice(200)).toEqual([
      { kind: 'other', label: 'other', ...none, reference: 3, window: 11 },
      { kind: 'unseen', label: 'unseen', ...none, reference: 0, window: 8 },
      { kind: 'missing', label: 'missing', ...none, reference: 0, window: 9 },
    ]);
  });

  it('gives the 200 most frequent texts of the reference a bin each, ties by text', () => {
    const text = fc.integer({ min: 0, max: 400 }).map((i) => `t${i}`);
    const side = fc.array(fc.tuple(text, fc.integer({ min: 1, max: 4 })), { maxLength: 500 }).map(counts);
    fc.assert(
      fc.property(side, side, fc.array(text, { maxLength: 5 }), (reference, window, known) => {
        const given = { reference, window, known, referenceNulls: 3, windowNulls: 4 };
        const bins = categoryBins(paired(given));
        const { own, other } = plainly(given);
        expect(bins.filter(({ kind }) => kind === 'value').map(({ label }) => label)).toEqual(own);
        expect(bins.find(({ kind }) => kind === 'other') ?? { reference: 0, window: 0 }).toMatchObject(other);
        const sum = (which: 'reference' | 'window') => bins.reduce((total, bin) => total + bin[which], 0);
        const rows = (of: ReadonlyMap<string, number>) => [...of.values()].reduce((a, b) => a + b, 0);
        expect([sum('reference'), sum('window')]).toEqual([rows(reference) + 3, rows(window) + 4]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('categoryCells', () => {
  it('holds every text of either side once, in order, and what is missing', () => {
    const cells = categoryCells(
      paired({
        reference: counts([
          ['b', 2],
          ['a', 1],
        ]),
        window: counts([
          ['c', 5],
          ['a', 4],
        ]),
        known: [],
        referenceNulls: 7,
        windowNulls: 8,
      }),
    );
    expect(cells).toEqual({ labels: ['a', 'b', 'c', 'missing'], r: [1, 2, 0, 7], w: [4, 0, 5, 8] });
  });
});
