import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { CORRELATION_METHODS, correlations } from '../../../src/stats/table/correlations.ts';
import { numbers, texts } from '../columns.ts';

describe('correlations', () => {
  it('name how they are made, and the version of that', () => {
    expect(CORRELATION_METHODS).toEqual({
      pearson: 'pearson@1',
      spearman: 'spearman/middle-ranks@1',
      cramersV: 'cramers_v/bergsma/30-values@1',
      mutualInformation: 'mutual_information/miller/16-ranges/30-values@1',
    });
  });

  it('have SciPy’s Pearson and Spearman, rows without a value left out', () => {
    const [found] = correlations([
      { name: 'x', column: numbers([1, 2, 3, 4, 5, null]) },
      { name: 'y', column: numbers([2, 1, 4, 3, 7, 9]) },
    ]);
    expect(found).toMatchObject({ columns: ['x', 'y'], rows: 5, cramersV: null });
    expect(found?.pearson).toBeCloseTo(0.824163383692134, 12);
    expect(found?.spearman).toBeCloseTo(0.8, 12);
    const tied = correlations([
      { name: 'x', column: numbers([1, 1, 2, 3]) },
      { name: 'y', column: numbers([5, 6, 6, 9]) },
    ]);
    expect(tied[0]?.spearman).toBeCloseTo(0.8333333333, 9);
  });

  it('are none where a column has but one value, though its mean is no double', () => {
    for (const value of [3.3, 0.1, 1e300]) {
      for (const rows of [3, 30, 999]) {
        const constant = { name: 'constant', column: numbers(Array.from({ length: rows }, () => value)) };
        const other = { name: 'other', column: numbers(Array.from({ length: rows }, (_, i) => (i * 7919) % 101)) };
        for (const columns of [
          [constant, other],
          [other, constant],
        ]) {
          expect(correlations(columns)).toMatchObject([{ rows, pearson: null, spearman: null }]);
        }
      }
    }
  });

  it('are those of the values however large, small or far from zero they are', () => {
    const pairOf = (x: readonly number[], y: readonly number[]) =>
      correlations([
        { name: 'x', column: numbers(x) },
        { name: 'y', column: numbers(y) },
      ])[0]!;
    const [x, y] = [
      [1, 3, 2, -1, 5],
      [1, 2, 5, -3, 4],
    ];
    for (const [a, b] of [
      [1, 1],
      [1e200, 1e200],
      [1e200, 1e-200],
      [1e-200, 1e-200],
      [3e307, 1],
    ] as const) {
      const { pearson } = pairOf(
        x.map((v) => v * a),
        y.map((v) => v * b),
      );
      // SciPy's `pearsonr`, of the plain values.
      expect(pearson).toBeCloseTo(0.7897539744795119, 14);
    }
    expect(
      pairOf(
        [1, 2, 4, 3, 7].map((v) => 1e15 + v),
        [2, 1, 4, 3, 9],
      ).pearson,
    ).toBeCloseTo(0.9553593746443645, 14);
  });

  it('find what goes together and no more, the strongest first', () => {
    const random = xoshiro128(5);
    const rows = Array.from({ length: 3000 }, () => {
      const plan = `p${Math.floor(4 * random())}`;
      const a = normalDeviate(random);
      return { plan, city: random() < 0.8 ? plan.replace('p', 'c') : 'c9', a, square: a * a, noise: random() };
    });
    const found = correlations([
      { name: 'plan', column: texts(rows.map(({ plan }) => plan)) },
      { name: 'city', column: texts(rows.map(({ city }) => city)) },
      { name: 'a', column: numbers(rows.map(({ a }) => a)) },
      { name: 'square', column: numbers(rows.map(({ square }) => square)) },
      { name: 'noise', column: numbers(rows.map(({ noise }) => noise)) },
    ]);
    expect(found).toHaveLength(10);
    expect(new Set(found.slice(0, 2).map(({ columns }) => columns.join()))).toEqual(new Set(['plan,city', 'a,square']));
    const square = found.find(({ columns }) => columns.join() === 'a,square');
    // No line and no order shows it.
    expect(Math.abs(square?.pearson ?? 1)).toBeLessThan(0.15);
    expect(square?.mutualInformation).toBeGreaterThan(1);
    const noise = found.filter(({ columns }) => columns.includes('noise'));
    for (const pair of noise) expect(pair.mutualInformation).toBeLessThan(0.05);
    expect(found.find(({ columns }) => columns.join() === 'plan,city')?.cramersV).toBeGreaterThan(0.8);
  });

  it('have Cramér’s V and the information in bits, less what chance gives', () => {
    const cells = (rows: readonly (readonly [string, string, number])[]) => {
      const all = rows.flatMap(([a, b, count]) => Array.from({ length: count }, () => [a, b] as const));
      return correlations([
        { name: 'x', column: texts(all.map(([a]) => a)) },
        { name: 'y', column: texts(all.map(([, b]) => b)) },
      ])[0]!;
    };
    const found = cells([
      ['a', 'p', 30],
      ['a', 'q', 10],
      ['b', 'p', 12],
      ['b', 'q', 28],
      ['c', 'q', 20],
    ]);
    expect(found).toMatchObject({ columns: ['x', 'y'], rows: 100, pearson: null, spearman: null });
    // Margins 40, 40, 20 and 42, 58.
    const table = [
      [30, 40, 42],
      [10, 40, 58],
      [12, 40, 42],
      [28, 40, 58],
      [20, 20, 58],
    ] as const;
    const phi2 = table.reduce((sum, [n, r, c]) => sum + (n * n) / (r * c), 0) - 1;
    const corrected = phi2 - 2 / 99;
    expect(found.cramersV).toBeCloseTo(Math.sqrt(corrected / (2 - 1 / 99 - 1)), 12);
    const bits = table.reduce((sum, [n, r, c]) => sum + (n / 100) * Math.log2((n * 100) / (r * c)), 0);
    expect(found.mutualInformation).toBeCloseTo(bits - 2 / (200 * Math.LN2), 12);
    // The same the other way round, and of three values each.
    const turned = cells([
      ['p', 'a', 30],
      ['q', 'a', 10],
      ['p', 'b', 12],
      ['q', 'b', 28],
      ['q', 'c', 20],
    ]);
    expect(turned.cramersV).toBeCloseTo(found.cramersV!, 12);
    const three = cells([
      ['a', 'p', 20],
      ['b', 'q', 20],
      ['c', 'r', 20],
      ['a', 'q', 40],
    ]);
    // Margins 60, 20, 20 and 20, 60, 20.
    const square = 400 / 1200 + 400 / 1200 + 400 / 400 + 1600 / 3600 - 1;
    expect(three.cramersV).toBeCloseTo(Math.sqrt((square - 4 / 99) / (3 - 4 / 99 - 1)), 12);
    // Of what always goes together one says all of the other.
    expect(
      cells([
        ['a', 'p', 50],
        ['b', 'q', 50],
      ]),
    ).toMatchObject({ cramersV: 1, mutualInformation: expect.closeTo(1 - 1 / (200 * Math.LN2), 12) });
    // What chance alone gives is nothing.
    expect(
      cells([
        ['a', 'p', 25],
        ['a', 'q', 25],
        ['b', 'p', 25],
        ['b', 'q', 25],
      ]),
    ).toMatchObject({ cramersV: 0, mutualInformation: 0 });
    expect(
      cells([
        ['a', 'p', 1],
        ['b', 'q', 1],
      ]).cramersV,
    ).toBeNull();
    expect(
      cells([
        ['a', 'p', 1],
        ['b', 'q', 2],
      ]).cramersV,
    ).not.toBeNull();
    expect(
      cells([
        ['a', 'p', 9],
        ['b', 'p', 9],
      ]).cramersV,
    ).toBeNull();
  });

  it('leave out rows in which either has no finite number, and have bounds of 1', () => {
    const { POSITIVE_INFINITY: infinity, NaN: nan } = Number;
    const [found] = correlations([
      { name: 'x', column: numbers([1, 2, 3, null, 5, infinity, 7]) },
      { name: 'y', column: numbers([2, 4, 6, 8, null, 9, nan]) },
    ]);
    expect(found).toMatchObject({ rows: 4, pearson: expect.closeTo(1, 12), spearman: expect.closeTo(1, 12) });
    expect(found!.pearson).toBeLessThanOrEqual(1);
    const [falling] = correlations([
      { name: 'x', column: numbers([0.1, 0.2, 0.3]) },
      { name: 'y', column: numbers([0.3, 0.2, 0.1]) },
    ]);
    expect(falling!.pearson).toBeCloseTo(-1, 12);
    expect(falling!.pearson).toBeGreaterThanOrEqual(-1);
    // Of numbers and texts there is the information alone.
    const [mixed] = correlations([
      { name: 'x', column: numbers(Array.from({ length: 40 }, (_, i) => i % 2)) },
      { name: 't', column: texts(Array.from({ length: 40 }, (_, i) => `${i % 2}`)) },
    ]);
    expect(mixed).toMatchObject({ pearson: null, spearman: null, cramersV: null });
    expect(mixed?.mutualInformation).toBeCloseTo(1 - 1 / (80 * Math.LN2), 12);
    const [turned] = correlations([
      { name: 't', column: texts(['a', 'b', 'a', 'b']) },
      { name: 'x', column: numbers([1, 2, 1, 2]) },
    ]);
    expect(turned?.cramersV).toBeNull();
  });

  it('of fewer than 30 rows come last', () => {
    const rows = Array.from({ length: 60 }, (_, i) => i);
    const holes = (kept: number) => numbers(rows.map((i) => (i < kept ? i : null)));
    const order = (kept: number) =>
      correlations([
        { name: 'few', column: holes(kept) },
        { name: 'same', column: holes(60) },
        { name: 'other', column: numbers(rows.map((i) => (i * 17) % 60)) },
      ]).map(({ columns }) => columns.join());
    expect(order(29)).toEqual(['same,other', 'few,same', 'few,other']);
    expect(order(30)[0]).toBe('few,same');
  });

  it('say nothing where nothing varies', () => {
    const [found] = correlations([
      { name: 'x', column: numbers([1, 1, 1]) },
      { name: 'y', column: texts([null, null, null]) },
    ]);
    expect(found).toMatchObject({ rows: 0, pearson: null, spearman: null, cramersV: null, mutualInformation: null });
    const same = correlations([
      { name: 'x', column: numbers([1, 1]) },
      { name: 'y', column: numbers([1, 2]) },
    ]);
    expect(same[0]).toMatchObject({ pearson: null, spearman: null, mutualInformation: 0 });
  });
});
