import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { andersonDarlingIntegral } from '../../../src/stats/hypothesis-tests/anderson-darling-integral.ts';
import { cauchyCombination } from '../../../src/stats/hypothesis-tests/cauchy-combination.ts';
import { chiSquareContingency } from '../../../src/stats/hypothesis-tests/chi-square-contingency.ts';
import { combinedRanks } from '../../../src/stats/hypothesis-tests/combined-ranks.ts';
import { mood, vanDerWaerden } from '../../../src/stats/hypothesis-tests/linear-rank.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { shuffleFront } from '../../../src/stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';

/** The most frequent value, the smallest of several, when it has a tenth of the rows. */
function atom(x: readonly number[], y: readonly number[]): number | null {
  const rows = [...x, ...y];
  const count = (v: number) => rows.filter((one) => one === v).length;
  const [most] = [...new Set(rows)].sort((a, b) => count(b) - count(a) || a - b);
  return most !== undefined && count(most) >= 0.1 * rows.length ? most : null;
}

describe('combinedRanks', () => {
  const sorted = (values: readonly number[]) => Float64Array.from(values).sort();

  it('is the weighted combination of its tests: location, spread and distribution', () => {
    const random = xoshiro128(21);
    const [x, y] = [14, 11].map((n) => sorted(Array.from({ length: n }, () => normalDeviate(random))));
    const found = combinedRanks(x!, y!)!;
    expect(found).toMatchObject({
      location: vanDerWaerden(x!, y!)!.p,
      spread: mood(x!, y!)!.p,
      distribution: andersonDarlingIntegral(x!, y!)!.p,
      atom: null,
      atomValue: null,
    });
    const parts = [
      { p: found.location!, weight: 0.5 },
      { p: found.spread!, weight: 0.2 },
      { p: found.distribution!, weight: 0.3 },
    ];
    expect(found.p).toBeCloseTo(cauchyCombination(parts), 12);
  });

  it('tests the share of a frequent value apart, and the rest without it', () => {
    const random = xoshiro128(22);
    const draw = (n: number, zeros: number, shift: number) => [
      ...Array.from({ length: n }, () => normalDeviate(random) + shift),
      ...Array.from({ length: zeros }, () => 0),
    ];
    const [a, b] = [draw(12, 9, 0), draw(10, 3, 0.5)];
    const found = combinedRanks(sorted(a), sorted(b))!;
    const rest = (values: readonly number[]) => sorted(values.filter((v) => v !== 0));
    expect(found).toMatchObject({
      location: vanDerWaerden(rest(a), rest(b))!.p,
      spread: mood(rest(a), rest(b))!.p,
      distribution: andersonDarlingIntegral(sorted(a), sorted(b))!.p,
      atom: chiSquareContingency([9, 12], [3, 10])!.p,
      atomValue: 0,
    });
    const parts = [
      { p: found.location!, weight: 0.3 },
      { p: found.spread!, weight: 0.15 },
      { p: found.distribution!, weight: 0.25 },
      { p: found.atom!, weight: 0.3 },
    ];
    expect(found.p).toBeCloseTo(cauchyCombination(parts), 12);
    // Nine rows besides it are too few.
    expect(combinedRanks(sorted(a), sorted(b.slice(1)))).toMatchObject({ location: null, spread: null, atomValue: 0 });
  });

  it('finds the most frequent value, wherever it lies and on whichever side', () => {
    const values = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -40, max: 40 })), {
      minLength: 1,
      maxLength: 90,
    });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const found = combinedRanks(sorted(a), sorted(b));
        if (found === null) expect(new Set([...a, ...b]).size).toBe(1);
        else expect(found.atomValue).toBe(atom(a, b));
      }),
      { numRuns: 300, seed: 5 },
    );
    // A tenth of the rows to the row.
    const others = Array.from({ length: 45 }, (_, i) => i + 10);
    const more = Array.from({ length: 45 }, (_, i) => i + 100);
    expect(combinedRanks(sorted([...others, 1, 1, 1, 1, 1]), sorted([...more, 1, 1, 1, 1, 1]))!.atomValue).toBe(1);
    expect(combinedRanks(sorted([...others, 1, 1, 1, 1, 2]), sorted([...more, 1, 1, 1, 1, 1]))!.atomValue).toBeNull();
  });

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
    expect(combinedRanks(new Float64Array(0), Float64Array.of(1, 2))).toBeNull();
    expect(combinedRanks(Float64Array.of(1, 2), new Float64Array(0))).toBeNull();
    expect(combinedRanks(Float64Array.of(1), Float64Array.of(1, 1))).toBeNull();
    const [three, four] = [new Float64Array(60).fill(3), new Float64Array(60).fill(4)];
    expect(combinedRanks(three, four)).toMatchObject({ location: null, spread: null, atomValue: 3 });
    expect(combinedRanks(three, four)!.p).toBeLessThan(1e-10);
  });
});
