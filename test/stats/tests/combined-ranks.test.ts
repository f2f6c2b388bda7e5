import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { shuffleFront } from '../../../src/stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { normalTail } from '../../../src/stats/special/normal.ts';
import { normalQuantile } from '../../../src/stats/special/normal-quantile.ts';
import { cauchyCombination } from '../../../src/stats/tests/cauchy-combination.ts';
import { combinedRanks } from '../../../src/stats/tests/combined-ranks.ts';
import { mood, vanDerWaerden } from '../../../src/stats/tests/linear-rank.ts';

describe('normalQuantile', () => {
  it('undoes the normal law from the middle to the far tail', () => {
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
    for (const p of [1e-300, 1e-20, 1e-6, 0.01, 0.07, 0.3]) {
      expect(normalTail(-normalQuantile(p)) / p).toBeCloseTo(1, 10);
      if (p > 1e-15) expect(normalQuantile(1 - p)).toBeCloseTo(-normalQuantile(p), 8);
    }
  });
});

describe('linear rank tests', () => {
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

describe('cauchyCombination', () => {
  it('is the p of one test, and of several that agree', () => {
    for (const p of [1e-290, 1e-20, 1e-3, 0.2, 0.7]) {
      expect(cauchyCombination([{ p, weight: 3 }]) / p).toBeCloseTo(1, 12);
      const three = [1, 2, 3].map((weight) => ({ p, weight }));
      expect(cauchyCombination(three) / p).toBeCloseTo(1, 10);
    }
    expect(cauchyCombination([])).toBe(1);
  });

  it('costs a lone test its weight, and is not carried off by one that saw nothing at all', () => {
    const found = cauchyCombination([
      { p: 1e-9, weight: 0.25 },
      { p: 1, weight: 0.75 },
    ]);
    expect(found / 4e-9).toBeCloseTo(1, 3);
  });
});

describe('combinedRanks', () => {
  const normal = (random: () => number): number => normalDeviate(random);
  const inflated = (random: () => number): number => (random() < 0.7 ? 0 : Math.exp(normalDeviate(random)));

  it.each<[string, (random: () => number) => number]>([
    ['normal', normal],
    ['mostly zero', inflated],
    ['of six values', (random) => Math.floor(6 * random() ** 2)],
    ['of two values', (random) => Number(random() < 0.3)],
  ])('keeps its level on values that are %s', (_, draw) => {
    const random = xoshiro128(4);
    const pooled = Float64Array.from({ length: 500 }, () => draw(random));
    let below = 0;
    for (let t = 0; t < 1500; t++) {
      shuffleFront(pooled, pooled.length, random);
      if (combinedRanks(pooled.slice(0, 200).sort(), pooled.slice(200).sort())!.p < 0.05) below++;
    }
    expect(below / 1500).toBeLessThan(0.067);
    expect(below / 1500).toBeGreaterThan(0.02);
  });

  it('sees location, spread, the share of zeros and what lies beside them, whatever the unit', () => {
    const random = xoshiro128(8);
    const draw = (of: () => number) => Float64Array.from({ length: 800 }, of).sort();
    const base = draw(() => normal(random));
    const zeros = draw(() => inflated(random));
    const moved = draw(() => normal(random) + 0.35);
    const seen = {
      location: combinedRanks(base, moved)!,
      spread: combinedRanks(
        base,
        draw(() => 1.35 * normal(random)),
      )!,
      share: combinedRanks(
        zeros,
        draw(() => (random() < 0.3 ? 0 : inflated(random))),
      )!,
      rest: combinedRanks(
        zeros,
        draw(() => 1.9 * inflated(random)),
      )!,
    };
    for (const [name, { p }] of Object.entries(seen)) expect(p, name).toBeLessThan(1e-3);
    expect(seen.location).toMatchObject({ atom: null, atomValue: null });
    expect(seen.rest.atomValue).toBe(0);
    const cubed = combinedRanks(
      base.map((v) => v ** 3),
      moved.map((v) => v ** 3),
    );
    expect(cubed).toEqual(seen.location);
  });

  it('is null where nothing can differ, and made where hardly anything is left beside a value', () => {
    expect(combinedRanks(new Float64Array(0), Float64Array.of(1))).toBeNull();
    expect(combinedRanks(Float64Array.of(1), Float64Array.of(1, 1))).toBeNull();
    const [three, four] = [new Float64Array(60).fill(3), new Float64Array(60).fill(4)];
    expect(combinedRanks(three, four)).toMatchObject({ location: null, spread: null, atomValue: 3 });
    expect(combinedRanks(three, four)!.p).toBeLessThan(1e-10);
  });
});
