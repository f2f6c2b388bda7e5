import { describe, expect, it } from 'vitest';
import { mood, vanDerWaerden } from '../../../src/stats/hypothesis-tests/linear-rank.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { normalQuantile } from '../../../src/stats/special/normal-quantile.ts';
import { relativeError } from '../samples.ts';

const sides = (x: readonly number[], y: readonly number[]) =>
  [Float64Array.from(x).sort(), Float64Array.from(y).sort()] as const;

const UNTIED = [
  [1, 2, 4, 9, 13],
  [3, 5, 6, 7, 8, 10, 14],
] as const;
const TIED = [
  [1, 1, 2, 2, 3, 5, 5],
  [2, 3, 3, 5, 7, 7, 7, 9],
] as const;

describe('linear rank tests', () => {
  it('have the values of SciPy’s mood and of its ranks’ normal scores, with ties and without', () => {
    const expected = [
      [vanDerWaerden, UNTIED, 0.9835630998130208, 0.3253303758428483],
      [vanDerWaerden, TIED, 2.159413694343387, 0.03081808641500429],
      [mood, UNTIED, -1.258066593690543, 0.2083676735277692],
      [mood, TIED, 0.042619806851522196, 0.9660046062506663],
    ] as const;
    for (const [test, [x, y], z, p] of expected) {
      const found = test(...sides(x, y))!;
      expect(relativeError(found.z, z)).toBeLessThan(1e-11);
      expect(relativeError(found.p, p)).toBeLessThan(1e-10);
    }
  });

  it('have the same scores whether they are kept or made for the value', () => {
    // Mostly one value: scores are made one by one; the others lie where they would without it.
    const spread = Array.from({ length: 40 }, (_, i) => i);
    const before = vanDerWaerden(...sides(spread, [50, 51]))!;
    const other = vanDerWaerden(...sides([...spread.slice(1), ...Array.from({ length: 200 }, () => 0)], [50, 51]))!;
    expect(other.z).not.toBe(before.z);
    expect(vanDerWaerden(...sides(spread, [50, 51]))).toEqual(before);
    // Ties of two among a quarter of different values and just below: the same law on both sides of the border.
    const tied = (pairs: number, heavy: number) => [
      ...Array.from({ length: pairs }, (_, i) => i),
      ...Array.from({ length: heavy }, () => -1),
    ];
    for (const heavy of [60, 61, 62, 63, 64]) {
      const test = vanDerWaerden(...sides(tied(20, heavy), [1000]))!;
      const up = vanDerWaerden(...sides([1000], tied(20, heavy)))!;
      expect(test.z).toBeCloseTo(-up.z, 10);
      expect(test.z).toBeGreaterThan(1);
    }
  });

  it('have the scores of their ranks on more values than are gone through at a time', () => {
    const size = 3000;
    const isSecond = (rank: number) => (rank * rank) % 7 < 2;
    const ranks = Array.from({ length: size }, (_, i) => i + 1);
    const second = ranks.filter(isSecond);
    const scores = ranks.map((rank) => normalQuantile(rank / (size + 1)));
    const squares = scores.reduce((sum, score) => sum + score * score, 0);
    const sum = second.reduce((total, rank) => total + scores[rank - 1]!, 0);
    const [n, m] = [size - second.length, second.length];
    const found = vanDerWaerden(
      ...sides(
        ranks.filter((rank) => !isSecond(rank)),
        second,
      ),
    )!;
    expect(found.z).toBeCloseTo(sum / Math.sqrt(((n * m) / (size * (size - 1))) * squares), 10);
  });

  /** z of every way of dealing these rows to sides of 3 and 5. */
  const deals = (test: typeof mood): number[] => {
    const rows = [1, 1, 2, 3, 3, 3, 4, 5];
    const found: number[] = [];
    for (let mask = 0; mask < 256; mask++) {
      const x = rows.filter((_, i) => (mask >> i) & 1);
      if (x.length !== 3) continue;
      const y = rows.filter((_, i) => !((mask >> i) & 1));
      found.push(test(Float64Array.from(x), Float64Array.from(y))!.z);
    }
    return found;
  };

  it.each([
    ['van der Waerden', vanDerWaerden],
    ['Mood', mood],
  ])('have mean 0 and variance 1 over all ways of dealing, with ties: %s', (_, test) => {
    const found = deals(test);
    expect(found).toHaveLength(56);
    expect(found.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 10);
    expect(found.reduce((sum, z) => sum + z * z, 0) / 56).toBeCloseTo(1, 10);
  });

  it('see what they are for, and nothing where all values are equal', () => {
    const random = xoshiro128(2);
    const draw = (shift: number, scale: number) =>
      Float64Array.from({ length: 400 }, () => shift + scale * normalDeviate(random)).sort();
    const base = draw(0, 1);
    const moved = draw(0.5, 1);
    const spread = draw(0, 1.5);
    expect(vanDerWaerden(base, moved)!.z).toBeGreaterThan(5);
    expect(mood(base, moved)!.p).toBeGreaterThan(0.01);
    expect(mood(base, spread)!.z).toBeGreaterThan(5);
    expect(vanDerWaerden(base, spread)!.p).toBeGreaterThan(0.01);
    expect(mood(Float64Array.of(1, 1), Float64Array.of(1))).toBeNull();
    expect(vanDerWaerden(Float64Array.of(1, 1), Float64Array.of(1))).toBeNull();
  });
});

describe('linear rank tests of many rows', () => {
  it('keep their digits: Mood’s sum is that of whole numbers', () => {
    const random = xoshiro128(11);
    const size = 300_000;
    const isSecond = Array.from({ length: size }, () => random() < 0.5);
    const side = (second: boolean) =>
      Float64Array.from(isSecond.flatMap((is, rank) => (is === second ? [rank + 1] : [])));
    // Of untied ranks, four times the squared distances to the middle one.
    let sum = 0n;
    for (const [i, is] of isSecond.entries()) if (is) sum += BigInt(2 * (i + 1) - size - 1) ** 2n;
    const [x, y] = [side(false), side(true)];
    const mean = (y.length * (size ** 2 - 1)) / 12;
    const variance = (x.length * y.length * (size + 1) * (size ** 2 - 4)) / 180;
    const expected = Number(sum * 3n - BigInt(y.length) * (BigInt(size) ** 2n - 1n)) / 12;
    expect(Math.abs(expected)).toBeLessThan(mean / 100);
    expect(mood(x, y)!.z / (expected / Math.sqrt(variance))).toBeCloseTo(1, 11);
  });
});
