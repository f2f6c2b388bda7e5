import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chiSquareContingency } from '../../../src/stats/hypothesis-tests/chi-square-contingency.ts';
import { fisherExact } from '../../../src/stats/hypothesis-tests/fisher-exact.ts';
import { fisherMonteCarlo } from '../../../src/stats/hypothesis-tests/fisher-monte-carlo.ts';
import { gTest } from '../../../src/stats/hypothesis-tests/g-test.ts';
import { zProportions } from '../../../src/stats/hypothesis-tests/z-proportions.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { MEASURE_VALUES, pairsWith } from '../measure-values.ts';
import { relativeError } from '../samples.ts';

describe('gTest', () => {
  it('is SciPy’s log-likelihood test, beside its chi-square', () => {
    let tested = 0;
    for (const { name, expected } of pairsWith('cells')) {
      if (expected.g === undefined || expected.chi2 === undefined) continue;
      tested++;
      const [g, chi] = [gTest(expected.r, expected.c)!, chiSquareContingency(expected.r, expected.c)!];
      for (const [test, [statistic, df, p]] of [
        [g, expected.g],
        [chi, expected.chi2],
      ] as const) {
        expect(Math.abs(test.statistic - statistic), name).toBeLessThan(1e-9 * statistic + 1e-12);
        expect(test.df).toBe(df);
        expect(relativeError(test.p, p), name).toBeLessThan(1e-7);
      }
    }
    expect(tested).toBeGreaterThan(30);
  });

  it('has the published value of set B', () => {
    const test = gTest([420, 310, 180, 70, 20, 0], [300, 270, 140, 60, 0, 30])!;
    expect(relativeError(test.statistic, 75.68408649002666)).toBeLessThan(1e-12);
    // Yates' correction moves by no more than the deviation itself.
    expect(gTest([10, 10], [10, 11])).toMatchObject({ statistic: 0, p: 1, yates: true });
    const corrected = gTest([10, 10], [10, 14])!;
    expect(relativeError(corrected.statistic, 0.06186466847275529)).toBeLessThan(1e-11);
    expect(gTest([5, 0], [7, 0])).toBeNull();
    expect(gTest([0, 0], [7, 1])).toBeNull();
    expect(gTest([3, 0, 9], [5, 0, 5])).toEqual(gTest([3, 9], [5, 5]));
  });
});

describe('zProportions', () => {
  it('has the published value', () => {
    const test = zProportions({ x: 300, n: 1000, y: 280, m: 800 })!;
    expect(relativeError(test.z, -2.2555753422051863)).toBeLessThan(1e-12);
    expect(relativeError(test.p, 0.0240972389)).toBeLessThan(1e-8);
    expect(zProportions({ x: 0, n: 10, y: 0, m: 9 })).toBeNull();
    expect(zProportions({ x: 10, n: 10, y: 9, m: 9 })).toBeNull();
    expect(zProportions({ x: 0, n: 0, y: 1, m: 9 })).toBeNull();
    expect(zProportions({ x: 1, n: 9, y: 0, m: 0 })).toBeNull();
  });

  it('has the values of sixty digits, down to 1e-300', () => {
    expect(MEASURE_VALUES.z.length).toBeGreaterThanOrEqual(40);
    for (const [[a, b, c, d], z, p] of MEASURE_VALUES.z) {
      const test = zProportions({ x: a, n: a + b, y: c, m: c + d })!;
      expect(Math.abs(test.z - z), `${a} ${b} ${c} ${d}`).toBeLessThan(1e-9 * Math.abs(z) + 1e-13);
      expect(relativeError(test.p, p), `${a} ${b} ${c} ${d}`).toBeLessThan(1e-7);
    }
  });
});

describe('fisherExact', () => {
  it('has the values of whole-number arithmetic, two-sided and one-sided, down to 1e-300', () => {
    for (const [[a, b, c, d], twoSided, less, greater] of MEASURE_VALUES.fisher) {
      const table = [
        [a, b],
        [c, d],
      ] as const;
      expect(relativeError(fisherExact(table).p, twoSided), `${a} ${b} ${c} ${d}`).toBeLessThan(1e-9);
      expect(relativeError(fisherExact(table, 'less').p, less)).toBeLessThan(1e-9);
      expect(relativeError(fisherExact(table, 'greater').p, greater)).toBeLessThan(1e-9);
    }
    expect(Math.min(...MEASURE_VALUES.fisher.map(([, p]) => p))).toBeLessThan(1e-280);
  });

  it('has the values of SciPy’s own tests', () => {
    expect(
      relativeError(
        fisherExact([
          [2, 7],
          [8, 2],
        ]).p,
        0.02301413756522114,
      ),
    ).toBeLessThan(1e-12);
    expect(
      relativeError(
        fisherExact([
          [100, 2],
          [1000, 5],
        ]).p,
        0.1300759363430016,
      ),
    ).toBeLessThan(1e-11);
    expect(
      fisherExact([
        [14500, 20000],
        [30000, 40000],
      ]).p,
    ).toBeCloseTo(0.01106, 5);
    expect(
      fisherExact([
        [0, 0],
        [3, 4],
      ]),
    ).toEqual({ oddsRatio: null, p: 1 });
    expect(
      fisherExact([
        [3, 1],
        [2, 4],
      ]).oddsRatio,
    ).toBe(6);
  });

  it('is 1 for the most probable table, and where a margin leaves no other one', () => {
    for (const drawn of [1, 2, 5, 8, 13]) {
      for (const marked of [1, 3, 8, 13, 17]) {
        const a = Math.floor(((drawn + 1) * (marked + 1)) / 22);
        const table = [
          [a, marked - a],
          [drawn - a, 20 - drawn - marked + a],
        ] as const;
        expect(fisherExact(table).p).toBe(1);
      }
    }
    for (const alternative of ['two-sided', 'less', 'greater'] as const) {
      for (const [a, b, c, d] of [
        [0, 0, 3, 4],
        [3, 4, 0, 0],
        [0, 3, 0, 4],
        [3, 0, 4, 0],
        [0, 0, 0, 0],
      ] as const) {
        const table = [
          [a, b],
          [c, d],
        ] as const;
        expect(fisherExact(table, alternative).p).toBe(1);
      }
    }
    expect(
      fisherExact([
        [3, 1],
        [0, 4],
      ]).oddsRatio,
    ).toBeNull();
  });

  it('is the same for mirrored and turned tables', () => {
    const count = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        const { p } = fisherExact([
          [a, b],
          [c, d],
        ]);
        expect(
          relativeError(
            fisherExact([
              [c, d],
              [a, b],
            ]).p,
            p,
          ),
        ).toBeLessThan(1e-9);
        expect(
          relativeError(
            fisherExact([
              [a, c],
              [b, d],
            ]).p,
            p,
          ),
        ).toBeLessThan(1e-9);
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('fisherMonteCarlo', () => {
  const options = (seed: number) => ({ permutations: 20_000, random: xoshiro128(seed) });

  it('comes near the exact p of a table of job satisfaction (R: 0.7827) and of a 2 x 2 table', () => {
    const jobs = [
      [1, 2, 1, 0],
      [3, 3, 6, 1],
      [10, 10, 14, 9],
      [6, 7, 12, 11],
    ];
    // Standard error 0.003.
    expect(Math.abs(fisherMonteCarlo(jobs, options(1))!.p - 0.7827)).toBeLessThan(0.012);
    expect(
      Math.abs(
        fisherMonteCarlo(
          [
            [2, 7],
            [8, 2],
          ],
          options(2),
        )!.p - 0.0230141,
      ),
    ).toBeLessThan(0.004);
  });

  it('comes near the exact p of every table that is small enough to look at all with its margins', () => {
    expect(MEASURE_VALUES.fisherWide.length).toBeGreaterThanOrEqual(10);
    for (const [table, p] of MEASURE_VALUES.fisherWide) {
      const error = Math.sqrt((p * (1 - p)) / 20_000);
      expect(Math.abs(fisherMonteCarlo(table, options(4))!.p - p), JSON.stringify(table)).toBeLessThan(
        4 * error + 1e-4,
      );
    }
  });

  it('is repeatable, never 0, and not possible without two rows and columns', () => {
    const apart = [
      [40, 0, 0],
      [0, 30, 30],
    ];
    expect(fisherMonteCarlo(apart, options(3))).toEqual(fisherMonteCarlo(apart, options(3)));
    expect(fisherMonteCarlo(apart, options(3))!.p).toBe(1 / 20_001);
    // Both tables with these margins are as probable.
    const alike = [
      [1, 0],
      [0, 1],
    ];
    expect(fisherMonteCarlo(alike, { ...options(3), permutations: 50 })!.p).toBe(1);
    expect(
      fisherMonteCarlo(
        [
          [1, 2],
          [0, 0],
        ],
        options(3),
      ),
    ).toBeNull();
    expect(
      fisherMonteCarlo(
        [
          [1, 0],
          [5, 0],
        ],
        options(3),
      ),
    ).toBeNull();
    expect(fisherMonteCarlo([], options(3))).toBeNull();
  });
});
