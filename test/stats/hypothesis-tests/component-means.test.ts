import { describe, expect, it } from 'vitest';
import { componentMeans, type MeanTest } from '../../../src/stats/hypothesis-tests/component-means.ts';
import { studentTTest, welchTTest } from '../../../src/stats/hypothesis-tests/t-test.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { vectorMomentsOf } from '../../../src/stats/summaries/vector-moments.ts';
import { relativeError } from '../samples.ts';

const moments = (rows: readonly (readonly number[])[]) =>
  vectorMomentsOf(Float64Array.from(rows.flat()), rows.length, rows[0]?.length ?? 1);

describe('componentMeans', () => {
  const a = [
    [1, 10, 5],
    [2, 11, 5],
    [4, 9, 5],
    [3, 14, 5],
  ];
  const b = [
    [2, 20, 5],
    [6, 25, 5],
    [4, 19, 5],
    [5, 23, 5],
    [3, 21, 5],
  ];

  it('is SciPy’s Welch test of the component that differs most, its p times their number', () => {
    const test = componentMeans(moments(a), moments(b))!;
    expect(test.component).toBe(1);
    expect(relativeError(test.t!, 6.949263530066708)).toBeLessThan(1e-12);
    expect(relativeError(test.p, 3 * 0.00024410594290433517)).toBeLessThan(1e-10);
    const back = componentMeans(moments(b), moments(a))!;
    expect([back.t, back.p, back.component]).toEqual([-test.t!, test.p, 1]);
    const first = componentMeans(moments(a.map(([v]) => [v!])), moments(b.map(([v]) => [v!])))!;
    expect(relativeError(first.p, 0.16128585628930428)).toBeLessThan(1e-10);
  });

  it('is by the less sure of Welch’s and Student’s tests no drift of what is rare or skewed, where a side is small', () => {
    const random = xoshiro128(4);
    const oneHot = (rows: number) =>
      moments(
        Array.from({ length: rows }, () => {
          const hot = Math.min(7, Math.floor(1 / (1 - random())) - 1);
          return Array.from({ length: 8 }, (_, j) => Number(j === hot));
        }),
      );
    const skewed = (rows: number) =>
      moments(Array.from({ length: rows }, () => [1, 2].map(() => Math.exp(1.5 * normalDeviate(random)))));
    for (const draw of [oneHot, skewed]) {
      const pairs = Array.from({ length: 200 }, () => [draw(1000), draw(50)] as const);
      const alarms = (by: MeanTest, swapped: boolean): number =>
        pairs.filter(([a, b]) => (swapped ? componentMeans(b, a, by)! : componentMeans(a, b, by)!).p < 0.05).length;
      for (const swapped of [false, true]) {
        expect(alarms('welch', swapped)).toBeGreaterThan(30);
        expect(alarms('welch-student', swapped)).toBeLessThanOrEqual(10);
      }
    }
  });

  it('is by both tests SciPy’s larger p of each component', () => {
    const test = componentMeans(moments(a), moments(b), 'welch-student')!;
    expect(test.component).toBe(1);
    // Student's is 0.00024100337532142265.
    expect(relativeError(test.p, 3 * 0.00024410594290433517)).toBeLessThan(1e-10);
    const rows = (v: number, n: number) => Array.from({ length: n }, () => [1, v]);
    expect(componentMeans(moments(rows(2, 3)), moments(rows(3, 2)), 'welch-student')).toEqual({
      t: null,
      component: 1,
      p: 0,
    });
    // One variance of both is too large for a double where each alone is not.
    const wide = { ...moments([[1], [1]]), m2: Float64Array.of(1.7e308) };
    const other = { ...wide, mean: Float64Array.of(5) };
    expect(componentMeans(wide, other, 'welch-student')).toEqual({ t: 0, component: 0, p: 1 });
  });

  it('is Student’s where a small sample varies less than a large one', () => {
    const small = [1, 1.5, 2, 1.2];
    const large = Array.from({ length: 12 }, (_, i) => 3 + ((i * 5) % 12));
    const test = componentMeans(moments(small.map((v) => [v])), moments(large.map((v) => [v])), 'welch-student')!;
    const student = studentTTest(Float64Array.from(small), Float64Array.from(large))!;
    expect(student.p).toBeGreaterThan(welchTTest(Float64Array.from(small), Float64Array.from(large))!.p);
    expect(relativeError(test.p, student.p)).toBeLessThan(1e-12);
    expect(relativeError(Math.abs(test.t!), Math.abs(student.t!))).toBeLessThan(1e-12);
  });

  it('is not misled by equal variances', () => {
    const [x, y] = [moments([[1], [2], [3]]), moments([[2], [3], [4]])];
    // t = 1 / √(1/3 + 1/3) on 4 degrees of freedom.
    expect(componentMeans(x, y)!.t).toBeCloseTo(1.224744871391589, 12);
    expect(componentMeans(x, y)!.p).toBeCloseTo(0.28786413472669081, 12);
  });

  it('has no p above 1, and of equal components the first', () => {
    const twice = (rows: readonly (readonly number[])[]) => rows.map(([v]) => [v!, v!, v!, v!, v!, v!, v!]);
    expect(componentMeans(moments(twice(a)), moments(twice(b)))).toMatchObject({ p: 1, component: 0 });
  });

  it('is sure of components that do not vary: they differ or they do not', () => {
    const rows = (v: number, n: number) => Array.from({ length: n }, () => [1, v]);
    expect(componentMeans(moments(rows(2, 3)), moments(rows(3, 2)))).toEqual({ t: null, component: 1, p: 0 });
    expect(componentMeans(moments(rows(2, 3)), moments(rows(2, 2)))).toEqual({ t: 0, component: 0, p: 1 });
    // A mean of equal numbers may differ from them in its last places, which is no difference.
    const constant = (mean: number) => ({ ...moments([[1], [1]]), mean: Float64Array.of(mean) });
    for (const size of [1, 1e6, 1e-6]) {
      expect(componentMeans(constant(size), constant(size * (1 + 5e-15)))!.p).toBe(1);
      expect(componentMeans(constant(size * (1 + 5e-15)), constant(size))!.p).toBe(1);
      expect(componentMeans(constant(size), constant(size * (1 + 5e-14)))!.p).toBe(0);
    }
  });

  it('sees no difference where doubles are too coarse for one, and needs two rows a side', () => {
    const huge = [[1e200], [-1e200], [1e200]];
    expect(componentMeans(moments(huge), moments([[3], [4]]))).toEqual({ t: 0, component: 0, p: 1 });
    expect(componentMeans(moments([[1.7e308], [1.7e308]]), moments([[3], [4]]))).toEqual({ t: 0, component: 0, p: 1 });
    const constant = (mean: number) => ({ ...moments([[1], [1]]), mean: Float64Array.of(mean) });
    expect(componentMeans(constant(-1.7e308), constant(1.7e308))!.p).toBe(1);
    expect(componentMeans(moments([[1]]), moments(b.map(([v]) => [v!])))).toBeNull();
    expect(componentMeans(moments(a.map(([v]) => [v!])), moments([[1]]))).toBeNull();
    expect(componentMeans(moments([[1], [2]]), moments([[1], [2]]))).not.toBeNull();
  });
});
