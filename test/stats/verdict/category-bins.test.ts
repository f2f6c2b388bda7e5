import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CategoryCounts, categoryBins, categoryCells } from '../../../src/stats/verdict/category-bins.ts';

const counts = (entries: readonly (readonly [string, number])[]): Map<string, number> => new Map(entries);

/** The rule in its plainest form: all that is known in order, the first 200 apart. */
function plainly({ reference, window, known }: CategoryCounts) {
  const all = [...new Set([...reference.keys(), ...known])];
  const order = all.toSorted((a, b) => (reference.get(b) ?? 0) - (reference.get(a) ?? 0) || (a < b ? -1 : 1));
  const rest = (side: ReadonlyMap<string, number>) =>
    order.slice(200).reduce((sum, text) => sum + (side.get(text) ?? 0), 0);
  return { own: order.slice(0, 200), other: { reference: rest(reference), window: rest(window) } };
}

describe('categoryBins', () => {
  it('gives the 200 most frequent texts of the reference a bin each, ties by text', () => {
    const text = fc.integer({ min: 0, max: 400 }).map((i) => `t${i}`);
    const side = fc.array(fc.tuple(text, fc.integer({ min: 1, max: 4 })), { maxLength: 500 }).map(counts);
    fc.assert(
      fc.property(side, side, fc.array(text, { maxLength: 5 }), (reference, window, known) => {
        const given = { reference, window, known, referenceNulls: 3, windowNulls: 4 };
        const bins = categoryBins(given);
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
    const cells = categoryCells({
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
    });
    expect(cells).toEqual({ labels: ['a', 'b', 'c', 'missing'], r: [1, 2, 0, 7], w: [4, 0, 5, 8] });
  });
});
