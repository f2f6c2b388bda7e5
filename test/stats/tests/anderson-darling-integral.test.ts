import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { shuffleFront } from '../../../src/stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { andersonDarling } from '../../../src/stats/tests/anderson-darling.ts';
import { andersonDarlingIntegral } from '../../../src/stats/tests/anderson-darling-integral.ts';
import { setA } from '../samples.ts';

/** Share of random dealings of the rows whose p lies below `level`. */
function level(pooled: Float64Array, n: number, { trials, at }: { trials: number; at: number }): number {
  const random = xoshiro128(5);
  let below = 0;
  for (let t = 0; t < trials; t++) {
    shuffleFront(pooled, pooled.length, random);
    const [x, y] = [pooled.slice(0, n).sort(), pooled.slice(n).sort()];
    if (andersonDarlingIntegral(x, y)!.p < at) below++;
  }
  return below / trials;
}

describe('andersonDarlingIntegral', () => {
  it('agrees with the midrank statistic on untied samples', () => {
    const { reference, current } = setA();
    const [x, y] = [reference.sort(), current.sort()];
    const test = andersonDarlingIntegral(x, y)!;
    const midrank = andersonDarling([x, y])!;
    expect(test.mode).toBe('asymptotic');
    expect(Math.abs(test.statistic / midrank.a2 - 1)).toBeLessThan(0.01);
    expect(Math.abs(Math.log(test.p / midrank.p))).toBeLessThan(0.1);
  });

  it.each<[string, (u: () => number) => number]>([
    ['untied', (u) => normalDeviate(u)],
    ['mostly zero', (u) => (u() < 0.7 ? 0 : normalDeviate(u) ** 2)],
    ['of two values', (u) => Number(u() < 0.1)],
    ['of six values', (u) => Math.floor(6 * u() ** 2)],
    ['rounded', (u) => Math.round(10 * normalDeviate(u))],
  ])('keeps its level on values that are %s', (_, draw) => {
    const random = xoshiro128(3);
    const pooled = Float64Array.from({ length: 400 }, () => draw(random));
    const share = level(pooled, 150, { trials: 2000, at: 0.05 });
    expect(Math.abs(share - 0.05)).toBeLessThan(0.016);
  });

  it('has the mean of all ways of dealing', () => {
    const pooled = [1, 1, 1, 2, 3, 3, 4, 5];
    const found: number[] = [];
    for (let mask = 0; mask < 256; mask++) {
      const x = pooled.filter((_, i) => (mask >> i) & 1);
      if (x.length !== 3) continue;
      const y = pooled.filter((_, i) => !((mask >> i) & 1));
      found.push(andersonDarlingIntegral(Float64Array.from(x), Float64Array.from(y))!.statistic);
    }
    const { mean } = andersonDarlingIntegral(Float64Array.of(1, 1, 1), Float64Array.of(2, 3, 3, 4, 5))!;
    expect(found.reduce((a, b) => a + b, 0) / found.length).toBeCloseTo(mean, 12);
  });

  it('sees a move of the zeros and of the rest', () => {
    const random = xoshiro128(9);
    const draw = (zeros: number, factor: number): Float64Array =>
      Float64Array.from({ length: 1000 }, () =>
        random() < zeros ? 0 : factor * Math.exp(normalDeviate(random)),
      ).sort();
    const base = draw(0.7, 1);
    expect(andersonDarlingIntegral(base, draw(0.7, 1))!.p).toBeGreaterThan(0.01);
    expect(andersonDarlingIntegral(base, draw(0.6, 1))!.p).toBeLessThan(1e-3);
    expect(andersonDarlingIntegral(base, draw(0.7, 3))!.p).toBeLessThan(1e-3);
  });

  it('is null where nothing can differ', () => {
    expect(andersonDarlingIntegral(new Float64Array(0), Float64Array.of(1))).toBeNull();
    expect(andersonDarlingIntegral(Float64Array.of(2, 2), Float64Array.of(2))).toBeNull();
  });
});
