import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mannWhitney } from '../../../src/stats/hypothesis-tests/mann-whitney.ts';
import { pairsWith, sorted } from '../measure-values.ts';
import { filled, relativeError, setA } from '../samples.ts';

const range = (n: number, step: number, from: number): number[] => Array.from({ length: n }, (_, i) => from + step * i);

describe('mannWhitney', () => {
  it('is SciPy’s test, exact and asymptotic', () => {
    const modes = new Set<string>();
    for (const { x, y, name, expected } of pairsWith('mannWhitney')) {
      const test = mannWhitney(x, y);
      modes.add(test.mode);
      expect(test.u, name).toBe(expected[0]);
      expect(relativeError(test.p, expected[1]), name).toBeLessThan(1e-10);
    }
    expect(modes).toEqual(new Set(['exact', 'asymptotic']));
  });

  it('has the published values of set A and of counts with ties', () => {
    const { reference, current } = setA();
    const test = mannWhitney(reference.sort(), current.sort());
    expect(test.u).toBe(355079);
    expect(relativeError(test.p, 4.14002064e-5)).toBeLessThan(1e-8);
    const deal = (counts: number[]) => sorted(counts.flatMap((count, i) => filled(count, i)));
    // One-sided 0.481 in the direction of the data.
    const { p } = mannWhitney(deal([16, 18, 16, 14, 12, 12]), deal([16, 16, 16, 16, 16, 8]));
    expect(p / 2).toBeCloseTo(0.481, 3);
  });

  it('counts what enumerating all orders counts', () => {
    const ways: number[] = [];
    for (let mask = 0; mask < 512; mask++) {
      const x = [0, 1, 2, 3, 4, 5, 6, 7, 8].filter((i) => (mask >> i) & 1);
      if (x.length !== 4) continue;
      ways.push(mannWhitney(sorted(x), sorted([0, 1, 2, 3, 4, 5, 6, 7, 8].filter((i) => !x.includes(i)))).u);
    }
    expect(ways.length).toBe(126);
    const test = mannWhitney(Float64Array.of(0, 1, 3, 6), Float64Array.of(2, 4, 5, 7, 8));
    const extreme = ways.filter((u) => Math.abs(u - 10) >= Math.abs(test.u - 10)).length;
    expect(test.p).toBeCloseTo(extreme / 126, 14);
  });

  it('counts for as many rows as SciPy does, and not with ties', () => {
    const [three, two] = [(n: number) => sorted(range(n, 3, 0)), (m: number) => sorted(range(m, 2, 0.5))];
    for (const [n, m, u, p, mode] of [
      [8, 9, 42, 0.6058412176059235, 'exact'],
      [9, 9, 51, 0.37722461666745344, 'asymptotic'],
      [8, 30, 44, 0.005117589557817262, 'exact'],
    ] as const) {
      const test = mannWhitney(three(n), two(m));
      expect(test).toMatchObject({ u, mode, superiority: u / (n * m) });
      expect(relativeError(test.p, p)).toBeLessThan(1e-12);
    }
    const tied = mannWhitney(Float64Array.of(1, 2, 2, 3, 4, 5, 6, 7), Float64Array.of(2, 8, 9, 10, 11, 12, 13, 14));
    expect(tied).toMatchObject({ u: 6, mode: 'asymptotic' });
    expect(relativeError(tied.p, 0.007232452625263321)).toBeLessThan(1e-12);
  });

  it('counts exactly beside a very large sample', () => {
    const many = Float64Array.from({ length: 100_000 }, (_, i) => i);
    const test = mannWhitney(Float64Array.of(-3, -2, -1), many);
    expect(test).toMatchObject({ u: 0, mode: 'exact' });
    expect(relativeError(test.p, (2 * 6) / (100_001 * 100_002 * 100_003))).toBeLessThan(1e-12);
  });

  it('shares all pairs between the sides, and says 1 where nothing differs', () => {
    const values = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [xy, yx] = [mannWhitney(sorted(a), sorted(b)), mannWhitney(sorted(b), sorted(a))];
        expect(xy.u + yx.u).toBe(a.length * b.length);
        expect(yx.p).toBe(xy.p);
        expect(xy.p).toBeLessThanOrEqual(1);
      }),
    );
    expect(mannWhitney(Float64Array.of(2, 2, 2), Float64Array.of(2, 2)).p).toBe(1);
  });
});
