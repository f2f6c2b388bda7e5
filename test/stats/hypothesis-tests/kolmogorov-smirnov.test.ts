import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kolmogorovSmirnov, kolmogorovSmirnovTail } from '../../../src/stats/hypothesis-tests/kolmogorov-smirnov.ts';
import { insideTail, oneSidedTail } from '../../../src/stats/hypothesis-tests/lattice-paths.ts';
import { kolmogorovTail } from '../../../src/stats/special/kolmogorov.ts';
import { pairsWith } from '../measure-values.ts';
import { filled, REFERENCE, relativeError, sample, setA } from '../samples.ts';

function sorted(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).sort();
}

function range(n: number, from: number, to: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1));
}

/** Moves one sample by less than a step, so that no value is tied. */
const DELTA = 1 / 10_000 / 11_000 / 4;

describe('kolmogorovSmirnov', () => {
  it('has SciPy’s statistic to the bit and its p-value, exact and asymptotic', () => {
    const modes = new Set<string>();
    for (const { x, y, ks, sumX } of REFERENCE.pairs) {
      const rebuilt = sample(x);
      expect(
        relativeError(
          rebuilt.reduce((a, b) => a + b, 0),
          sumX,
        ),
      ).toBeLessThan(1e-12);
      const result = kolmogorovSmirnov(rebuilt.sort(), sample(y).sort());
      modes.add(result.mode);
      expect(result.d).toBe(ks.d);
      expect(relativeError(result.p, ks.p), JSON.stringify([x, y])).toBeLessThan(1e-12);
    }
    expect(modes).toEqual(new Set(['exact', 'asymptotic']));
  });

  it('has SciPy’s one-sided values, counted and approximated', () => {
    const modes = new Set<string>();
    for (const { x, y, name, expected } of pairsWith('ks')) {
      for (const [alternative, method, d, p] of expected) {
        const result = kolmogorovSmirnov(x, y, { alternative, method: method === 'auto' ? 'auto' : 'asymptotic' });
        expect(relativeError(result.d, d), name).toBeLessThan(1e-12);
        // SciPy has no asymptotic law for one row against one.
        if (p === null) expect(Math.max(x.length, y.length)).toBe(1);
        else expect(relativeError(result.p, p), `${name} ${alternative} ${method}`).toBeLessThan(1e-9);
        if (alternative !== 'two-sided') modes.add(result.mode);
      }
    }
    expect(modes).toEqual(new Set(['exact', 'asymptotic']));
  });

  it('counts one side exactly on request where SciPy’s numbers overflow', () => {
    const [x, y] = [sample({ n: 900 }).sort(), sample({ n: 700, plastic: true, shift: 0.08 }).sort()];
    const asymptotic = kolmogorovSmirnov(x, y, { alternative: 'greater' });
    const exact = kolmogorovSmirnov(x, y, { alternative: 'greater', method: 'exact' });
    expect([asymptotic.mode, exact.mode]).toEqual(['asymptotic', 'exact']);
    expect(relativeError(asymptotic.p, exact.p)).toBeLessThan(0.02);
    const equal = kolmogorovSmirnov(
      x,
      x.map((v) => v + 0.07),
      { alternative: 'greater' },
    );
    expect(equal.mode).toBe('exact');
    expect(oneSidedTail({ n: 900, m: 900, g: 900, h: Math.round(900 * equal.d) })).toBeCloseTo(equal.p, 12);
  });

  it('has the published values of set A', () => {
    const { reference, current } = setA();
    const result = kolmogorovSmirnov(reference.sort(), current.sort());
    expect(result).toMatchObject({ d: 0.0735, mode: 'exact', sign: 1 });
    expect(result.p).toBeCloseTo(0.015630023030429818, 14);
  });

  // The data of SciPy's own tests (TestKSTwoSamples). Its stored p of the fourth is 4.2e-15, from before it counted
  // without cancellation; SciPy 1.17.1 gives this one.
  it.each([
    [range(100, 1, 100), range(110, 21.1, 120.1), 232 / 1100, 0.015739183865607353],
    [repeat({ 2: 3, 3: 4, 4: 5, 5: 4 }), repeat({ 3: 3, 4: 4, 5: 5, 6: 4 }), 5 / 16, 0.4262934613454952],
    [[1.01, 2.01], [1, 2, 3], 1 / 3, 1],
    [range(10_000, 1 - DELTA, 200 - DELTA), range(110, 2, 100), 55275 / 110000, 6.263465662260858e-26],
    [range(10_000, 1 - DELTA, 200 - DELTA), range(11_000, 2, 200), 563 / 110000, 0.9990660108966576],
  ])('SciPy test case %#', (x, y, d, p) => {
    const result = kolmogorovSmirnov(sorted(x), sorted(y));
    expect(relativeError(result.d, d)).toBeLessThan(1e-12);
    expect(relativeError(result.p, p)).toBeLessThan(1e-9);
  });

  it('counts exactly for large sizes with a common divisor', () => {
    const p = insideTail({ n: 10_000, m: 11_000, g: 1_000, h: 563 });
    expect(relativeError(p, 0.9990456491488628)).toBeLessThan(1e-11);
  });

  it('ranks infinities like any value', () => {
    const x = sorted([Number.NEGATIVE_INFINITY, 0, 1, Number.POSITIVE_INFINITY]);
    const y = sorted([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 1]);
    expect(kolmogorovSmirnov(x, y)).toMatchObject({ d: 0.25, location: Number.NEGATIVE_INFINITY, sign: 1 });
  });

  it('gives the same for swapped sides, but for the sign, and 0 for the same sample', () => {
    const values = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [x, y] = [sorted(a), sorted(b)];
        const [xy, yx] = [kolmogorovSmirnov(x, y), kolmogorovSmirnov(y, x)];
        expect(yx.d).toBe(xy.d);
        expect(yx.p).toBe(xy.p);
        expect(kolmogorovSmirnov(x, x)).toMatchObject({ d: 0, p: 1 });
      }),
    );
  });

  it('says where the difference is largest: the first such value, above before below', () => {
    const at = (x: number[], y: number[], alternative: 'two-sided' | 'greater' | 'less' = 'two-sided') => {
      const { d, location, sign } = kolmogorovSmirnov(sorted(x), sorted(y), { alternative });
      return [d, location, sign];
    };
    expect(at([1, 4], [2, 3])).toEqual([0.5, 1, 1]);
    expect(at([2, 3], [1, 4])).toEqual([0.5, 3, 1]);
    expect(at([1, 4], [2, 3], 'less')).toEqual([0.5, 3, -1]);
    expect(at([2, 3, 6, 7], [1, 4, 5, 8], 'less')).toEqual([0.25, 1, -1]);
    expect(at([1, 5, 5, 8], [2, 2, 3, 6])).toEqual([0.5, 3, -1]);
    // However many values follow in which there is none.
    const counted = Array.from({ length: 3000 }, (_, i) => i);
    const lifted = counted.map((v) => Math.max(v, 100));
    expect(at(counted, lifted)).toEqual([expect.closeTo(1 / 30, 12), 99, 1]);
    expect(at(lifted, counted)).toEqual([expect.closeTo(1 / 30, 12), 99, -1]);
    // Nowhere in that direction: the first value.
    expect(at([5, 6], [1, 2], 'greater')).toEqual([0, 1, 1]);
    expect(at([1, 2], [5, 6], 'less')).toEqual([0, 1, -1]);
  });

  it('follows SciPy to the asymptotic law where rounding leaves an exact p above 1, and not to where it is 0', () => {
    const x = Float64Array.from({ length: 30 }, (_, i) => i);
    expect(
      kolmogorovSmirnov(
        x,
        x.map((v) => v + 0.5),
      ),
    ).toMatchObject({ p: 1, mode: 'asymptotic' });
    const many = Float64Array.from({ length: 10_000 }, (_, i) => i);
    expect(
      kolmogorovSmirnov(
        many,
        many.map((v) => v + 10_000),
      ),
    ).toMatchObject({ d: 1, p: 0, mode: 'exact' });
  });

  it('counts one side up to the sizes whose number of paths is a double, as SciPy', () => {
    const pair = (n: number, m: number) =>
      kolmogorovSmirnov(
        Float64Array.from({ length: n }, (_, i) => i),
        Float64Array.from({ length: m }, (_, i) => i + 3.3),
        { alternative: 'greater' },
      );
    expect(pair(515, 514).mode).toBe('exact');
    expect(relativeError(pair(515, 514).p, 0.9623934775495183)).toBeLessThan(1e-9);
    expect(pair(516, 514).mode).toBe('asymptotic');
    expect(relativeError(pair(516, 514).p, 0.9620446042184824)).toBeLessThan(1e-9);
  });

  it('counts what enumerating all orders counts', () => {
    // All C(7, 3) ways of dealing seven different values to sides of 3 and 4.
    const ways: number[] = [];
    for (let mask = 0; mask < 128; mask++) {
      const x = [0, 1, 2, 3, 4, 5, 6].filter((i) => (mask >> i) & 1);
      if (x.length !== 3) continue;
      const y = [0, 1, 2, 3, 4, 5, 6].filter((i) => !((mask >> i) & 1));
      ways.push(kolmogorovSmirnov(sorted(x), sorted(y)).d);
    }
    expect(ways.length).toBe(35);
    const observed = kolmogorovSmirnov(sorted([0, 1, 3]), sorted([2, 4, 5, 6]));
    const extreme = ways.filter((d) => d >= observed.d - 1e-12).length;
    expect(observed.p).toBeCloseTo(extreme / 35, 14);
  });
});

function repeat(counts: Readonly<Record<number, number>>): number[] {
  return Object.entries(counts).flatMap(([value, count]) => filled(count, Number(value)));
}

describe('kolmogorovSmirnovTail', () => {
  /** Two samples that lie apart by a part of their range. */
  const apart = (n: number, m: number, by: number) => kolmogorovSmirnov(range(n, 0, 1), range(m, by, 1 + by));

  it.each([
    [30, 20, 0.31],
    [7, 7, 0.4],
    // More ways than a double holds, which only the one-sided count minds.
    [1500, 1400, 0.03],
    [2000, 2000, 0.03],
  ])('is the p that the test counts for %i and %i rows', (n, m, by) => {
    const { d, p, mode } = apart(n, m, by);
    expect(mode).toBe('exact');
    expect(kolmogorovSmirnovTail(d, { n, m })).toBe(p);
  });

  it.each([
    [2001, 2000],
    [10_001, 30],
  ])('is the asymptotic one where counting costs much, or the test does not count: %i and %i rows', (n, m) => {
    const d = 0.0302;
    const law = Math.min(1, kolmogorovTail(Math.round((n * m) / (n + m)), d));
    expect(kolmogorovSmirnovTail(d, { n, m })).toBe(law);
    expect(law).toBeGreaterThan(0);
  });

  it('has for a distance between two that are possible the probability of one of them', () => {
    const of = (d: number) => kolmogorovSmirnovTail(d, { n: 5, m: 5 });
    expect(of(0.41)).toBe(of(0.4));
    expect(of(0.4)).toBeGreaterThan(of(0.6));
    expect(of(0)).toBe(1);
    // What is counted is more than 1 by its last digit, and is not taken.
    expect(of(0.2)).toBe(Math.min(1, kolmogorovTail(2, 0.2)));
  });
});
