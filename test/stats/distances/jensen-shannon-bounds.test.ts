import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jensenShannonDistance } from '../../../src/stats/distances/jensen-shannon.ts';
import { jensenShannonBounds } from '../../../src/stats/distances/jensen-shannon-bounds.ts';
import { between, known } from '../cumulative-steps.ts';

/** What a cell adds to the base-2 divergence, as it is written. */
function part(p: number, q: number): number {
  const half = (share: number) => (share > 0 ? share * Math.log2((2 * share) / (p + q)) : 0);
  return (half(p) + half(q)) / 2;
}

describe('jensenShannonBounds', () => {
  it('is the distance itself where shares are known', () => {
    const [x, y] = [
      [0.5, 0.3, 0.2, 0],
      [0.1, 0.3, 0.35, 0.25],
    ];
    const found = jensenShannonBounds(x.map(known), y.map(known));
    const distance = jensenShannonDistance(x, y)!;
    for (const bound of [found.lower, found.value, found.upper]) expect(bound).toBeCloseTo(distance, 12);
    const same = jensenShannonBounds(x.map(known), x.map(known));
    expect(same).toEqual({ lower: 0, value: 0, upper: 0 });
    expect(jensenShannonBounds([known(1), known(0)], [known(0), known(1)])).toEqual({ lower: 1, value: 1, upper: 1 });
  });

  it('adds the least and the most of every cell', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const bounded = fc
      .tuple(share, share, share)
      .map((three) => between(...(three.sort((a, b) => a - b) as [number, number, number])));
    fc.assert(
      fc.property(bounded, bounded, (p, q) => {
        const ends = [part(p.lower, q.lower), part(p.lower, q.upper), part(p.upper, q.lower), part(p.upper, q.upper)];
        const overlap = p.lower <= q.upper && q.lower <= p.upper;
        const { lower, value, upper } = jensenShannonBounds([p], [q]);
        expect(lower).toBeCloseTo(Math.sqrt(overlap ? 0 : Math.min(...ends)), 12);
        expect(upper).toBeCloseTo(Math.sqrt(Math.max(...ends)), 12);
        expect(value).toBeGreaterThanOrEqual(lower);
        expect(value).toBeLessThanOrEqual(upper);
      }),
    );
    const [p, q] = [between(0.1, 0.2, 0.3), between(0.4, 0.5, 0.6)];
    const found = jensenShannonBounds([p, q], [q, p]);
    expect(found.lower).toBeCloseTo(Math.sqrt(2 * part(0.3, 0.4)), 12);
    expect(found.upper).toBeCloseTo(Math.sqrt(2 * part(0.1, 0.6)), 12);
    // Of the middle shares, which are 2/7 and 5/7 of theirs.
    expect(found.value).toBeCloseTo(jensenShannonDistance([2, 5], [5, 2])!, 12);
  });

  it('says between its bounds where the middle shares are none', () => {
    const none = between(0, 0, 0.2);
    expect(jensenShannonBounds([none], [none])).toEqual({ lower: 0, value: 0, upper: Math.sqrt(0.1) });
    const apart = jensenShannonBounds([between(0.5, 0.5, 0.6)], [known(0)]);
    expect(apart.value).toBe(apart.lower);
    expect(apart.lower).toBeCloseTo(0.5, 12);
  });
});
