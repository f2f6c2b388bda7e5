import { describe, expect, it } from 'vitest';
import { andersonDarling } from '../../../src/stats/hypothesis-tests/anderson-darling.ts';
import { andersonDarlingIntegral } from '../../../src/stats/hypothesis-tests/anderson-darling-integral.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { shuffleFront } from '../../../src/stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { andersonDarlingTail } from '../../../src/stats/special/anderson-darling.ts';
import { chiSquareTail } from '../../../src/stats/special/chi-square.ts';
import { filled, relativeError, sample, setA } from '../samples.ts';

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

/** n m / N times the trapezoid rule over the values but the last, as it is written. */
function integral(x: readonly number[], y: readonly number[]): number {
  const size = x.length + y.length;
  const values = [...new Set([...x, ...y])].sort((a, b) => a - b);
  const upTo = (side: readonly number[], v: number) => side.filter((one) => one <= v).length;
  const rows = (v: number) => [...x, ...y].filter((one) => one === v).length;
  let sum = 0;
  values.slice(0, -1).forEach((v, k) => {
    const h = (upTo(x, v) + upTo(y, v)) / size;
    const difference = upTo(x, v) / x.length - upTo(y, v) / y.length;
    sum += ((rows(v) + rows(values[k + 1]!)) / (2 * size)) * (difference ** 2 / (h * (1 - h)));
  });
  return (x.length * y.length * sum) / size;
}

describe('andersonDarlingIntegral', () => {
  it('is the integral, on few values and on more than are gone through at a time', () => {
    const pairs = [
      [
        [1, 1, 2, 4, 4, 4, 7],
        [1, 2, 2, 3, 7],
      ],
      [[1, 5, 9], [2]],
      [[...sample({ n: 900 })], [...sample({ n: 700, plastic: true, shift: 0.1 })]],
    ] as const;
    for (const [x, y] of pairs) {
      const { statistic } = andersonDarlingIntegral(Float64Array.from(x).sort(), Float64Array.from(y).sort())!;
      expect(statistic).toBeCloseTo(integral(x, y), 10);
    }
  });

  it('has the law of one chi-square for two values, and that of the limit for hardly tied ones', () => {
    const of = (zeros: number, ones: number) => Float64Array.from([...filled(zeros, 0), ...filled(ones, 1)]);
    const two = andersonDarlingIntegral(of(40, 20), of(30, 35))!;
    expect(two.mode).toBe('asymptotic-tied');
    // The bridge at H counts 1 / (2 H (1 - H)); F - G has its variance times N / (N - 1).
    expect(relativeError(two.p, chiSquareTail((2 * two.statistic * 124) / 125, 1))).toBeLessThan(1e-9);
    const values = (rows: number) =>
      [Float64Array.from({ length: 2000 }, (_, i) => Math.max(i, rows - 1)), 2000] as const;
    const test = (rows: number) => {
      const [x, n] = values(rows);
      return andersonDarlingIntegral(
        x,
        Float64Array.from({ length: n }, (_, i) => i + 40.5),
      )!;
    };
    // A thousandth of 4,000 rows.
    expect(test(4).mode).toBe('asymptotic');
    expect(test(5).mode).toBe('asymptotic-tied');
    expect(test(4).p).toBe(andersonDarlingTail(test(4).statistic / test(4).mean));
    // Of so few ties the two laws hardly differ.
    expect(Math.abs(test(5).p - test(4).p)).toBeLessThan(0.01);
    expect(andersonDarlingIntegral(Float64Array.of(1, 3), Float64Array.of(2, 4))!.mode).toBe('asymptotic');
  });

  it('has the law of three values: two chi-squares', () => {
    const of = (...counts: number[]) => Float64Array.from(counts.flatMap((count, v) => filled(count, v)));
    const test = andersonDarlingIntegral(of(20, 30, 10), of(30, 10, 25))!;
    const [a, b] = [50 / 125, 90 / 125];
    const [wa, wb] = [(50 + 40) / 125 / 2 / (a * (1 - a)), (40 + 35) / 125 / 2 / (b * (1 - b))];
    // Eigenvalues of the weighted covariance min(s, t) - s t.
    const [p, q, r] = [wa * a * (1 - a), wb * b * (1 - b), Math.sqrt(wa * wb) * a * (1 - b)];
    const root = Math.sqrt(((p - q) / 2) ** 2 + r * r);
    const [large, small] = [(p + q) / 2 + root, (p + q) / 2 - root];
    const random = xoshiro128(6);
    let beyond = 0;
    const draws = 40_000;
    const value = (test.statistic * 124) / 125;
    for (let i = 0; i < draws; i++) {
      if (large * normalDeviate(random) ** 2 + small * normalDeviate(random) ** 2 > value) beyond++;
    }
    // Standard error below 0.0025.
    expect(Math.abs(test.p - beyond / draws)).toBeLessThan(0.01);
  });

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
    expect(andersonDarlingIntegral(new Float64Array(0), Float64Array.of(1, 2))).toBeNull();
    expect(andersonDarlingIntegral(Float64Array.of(1, 2), new Float64Array(0))).toBeNull();
    expect(andersonDarlingIntegral(Float64Array.of(2, 2), Float64Array.of(2))).toBeNull();
  });
});
