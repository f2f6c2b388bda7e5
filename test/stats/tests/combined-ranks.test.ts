import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { shuffleFront } from '../../../src/stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { combinedRanks } from '../../../src/stats/tests/combined-ranks.ts';

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
