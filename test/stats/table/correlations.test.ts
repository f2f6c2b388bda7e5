import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { correlations } from '../../../src/stats/table/correlations.ts';
import { numbers, texts } from '../columns.ts';

describe('correlations', () => {
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
