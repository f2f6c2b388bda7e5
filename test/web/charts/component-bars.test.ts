import { describe, expect, it } from 'vitest';
import { barsOf, pairedBarsOf } from '../../../src/web/charts/histogram.ts';
import { profileOf, vectors } from '../../stats/columns.ts';

const profile = (rows: (number[] | null)[], dimension: number) =>
  profileOf({ emb: vectors(rows, dimension) }).columns[0]!;

describe('bars of a column of vectors', () => {
  it('are the sizes of its components in their order', () => {
    const bars = barsOf(profile([[3, 0, 1], [-3, 0, 1], null], 3));
    // Root mean squares about 0, of the sample's variance: √18 and 1.
    expect(bars?.shares.map((share) => share / bars.shares[2]!)).toEqual([Math.sqrt(18), 0, 1]);
    expect(bars?.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it('put neighbours together where components are many', () => {
    const long = profile([Array.from({ length: 100 }, (_, j) => (j < 50 ? 2 : 1))], 100);
    const bars = barsOf(long);
    expect(bars?.shares).toHaveLength(26);
    expect(bars!.shares[0]! / bars!.shares[25]!).toBeCloseTo(2, 12);
  });

  it('are none without a vector that is not 0', () => {
    expect(barsOf(profile([null], 3))).toBeNull();
    expect(barsOf(profile([[0, 0]], 2))).toBeNull();
  });

  it('stand side by side for vectors of one length', () => {
    const [small, large] = [profile([[1, 1]], 2), profile([[1, 3]], 2)];
    expect(pairedBarsOf(small, large)).toEqual({ from: [0.25, 0.25], to: [0.25, 0.75], labels: [] });
    expect(pairedBarsOf(small, profile([[1, 1, 1]], 3))).toBeNull();
  });
});
