import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { studentTwoSidedTail } from '../../../src/stats/special/student-t.ts';
import {
  correlate,
  correlationOf,
  LEAST_ROWS,
  rank,
  surpriseOf,
  withVariance,
} from '../../../src/stats/table/rank-correlation.ts';
import { numbers } from '../columns.ts';

type Cells = readonly (number | null)[];

/** Pearson's correlation of weighted points. */
function pearson(x: readonly number[], y: readonly number[], w: readonly number[]): number {
  const mean = (of: readonly number[]): number => of.reduce((sum, v, i) => sum + w[i]! * v, 0);
  const [mx, my] = [mean(x), mean(y)];
  const about = (a: readonly number[], ma: number, b: readonly number[], mb: number): number =>
    a.reduce((sum, v, i) => sum + w[i]! * (v - ma) * (b[i]! - mb), 0);
  return about(x, mx, y, my) / Math.sqrt(about(x, mx, x, mx) * about(y, my, y, my));
}

/** The share of weight below each value, and half of its own: what ranks are of a sample. */
const weightedRanks = (x: readonly number[], w: readonly number[]): number[] =>
  x.map((v) => x.reduce((sum, other, i) => sum + w[i]! * (other < v ? 1 : other === v ? 0.5 : 0), 0));

const spearman = (x: readonly number[], y: readonly number[], w: readonly number[]): number =>
  pearson(weightedRanks(x, w), weightedRanks(y, w), w);

/** The variance of a sample's r by how it moves when one row after the other gets a little more weight. */
function jackknife(x: readonly number[], y: readonly number[]): number {
  const n = x.length;
  const step = 1e-6;
  const r = spearman(
    x,
    y,
    Array.from(x, () => 1 / n),
  );
  const influences = x.map((_, row) => {
    const w = x.map((__, i) => (1 - step) / n + (i === row ? step : 0));
    return (spearman(x, y, w) - r) / step;
  });
  const mean = influences.reduce((sum, one) => sum + one, 0) / n;
  return influences.reduce((sum, one) => sum + (one - mean) ** 2, 0) / n / (n - 3);
}

const ranked = (cells: Cells, step = 1) => rank(numbers(cells), step);

function drawn(rows: number, seed: number): { readonly x: number[]; readonly y: number[] } {
  const random = xoshiro128(seed);
  const x = Array.from({ length: rows }, () => random());
  return { x, y: x.map((v) => v + random() ** 2) };
}

describe('ranks of a column', () => {
  it('are shares about the middle, tied values at theirs, infinities beyond all', () => {
    const { ranks, descending } = ranked([3, null, 1, 3, Number.POSITIVE_INFINITY, Number.NaN]);
    expect([...ranks]).toEqual([0, Number.NaN, -0.375, 0, 0.375, Number.NaN]);
    expect([...descending]).toEqual([4, 3, 0, 2]);
    expect([...ranked([7, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]).ranks]).toEqual(
      [2, 0.5, 0.5].map((middle) => expect.closeTo((middle + 0.5) / 3 - 0.5, 12)),
    );
  });

  it('are those of every so many-th row', () => {
    const { ranks, descending } = ranked([3, 0, 1, 99, 8], 2);
    expect([...ranks]).toEqual([0, -1 / 3, 1 / 3].map((r) => expect.closeTo(r, 12)));
    expect([...descending]).toEqual([2, 0, 1]);
    expect(ranked([3, 0, 1, 99, 8, 4], 2).ranks).toHaveLength(3);
  });
});

describe('the correlation of two ranked columns', () => {
  it('is Spearman’s of the rows in which both have a value', () => {
    const { x, y } = drawn(50, 3);
    const [a, b] = [x.map((v, i) => (i % 9 === 0 ? null : v)), y.map((v, i) => (i % 11 === 0 ? null : v))];
    const both = x.map((_, i) => i).filter((i) => a[i] !== null && b[i] !== null);
    const [p, q] = [ranked(a).ranks, ranked(b).ranks];
    const expected = pearson(
      both.map((i) => p[i]!),
      both.map((i) => q[i]!),
      both.map(() => 1 / both.length),
    );
    expect(correlate(ranked(a), ranked(b))).toEqual({ r: expect.closeTo(expected, 12), n: both.length });
    expect(correlate(ranked(x), ranked(y))?.r).toBeCloseTo(
      spearman(
        x,
        y,
        x.map(() => 1 / 50),
      ),
      12,
    );
  });

  it('is none of fewer than thirty rows, nor of a column of one value', () => {
    const { x, y } = drawn(LEAST_ROWS, 4);
    expect(correlate(ranked(x), ranked(y))?.n).toBe(LEAST_ROWS);
    expect(correlate(ranked([...x.slice(1), null]), ranked(y))).toBeNull();
    const constant = ranked(x.map(() => 0.1));
    expect(correlate(constant, ranked(y))).toBeNull();
    expect(correlate(ranked(x), constant)).toBeNull();
    // One row of a thousand that is another is a column of two values.
    const many = drawn(1000, 5);
    expect(correlate(ranked(many.x), ranked(many.x.map((_, i) => Number(i === 500))))).not.toBeNull();
  });

  it('is 1 and -1 at most', () => {
    for (const rows of [31, 47, 100, 1234]) {
      const { x } = drawn(rows, rows);
      expect(correlate(ranked(x), ranked(x.map((v) => v ** 3)))?.r).toBeCloseTo(1, 12);
      expect(Math.abs(correlate(ranked(x), ranked(x.map((v) => v ** 3)))!.r)).toBeLessThanOrEqual(1);
      expect(correlate(ranked(x), ranked(x.map((v) => -v)))?.r).toBeCloseTo(-1, 12);
      expect(correlate(ranked(x), ranked(x.map((v) => -v)))!.r).toBeGreaterThanOrEqual(-1);
    }
  });
});

describe('the variance of a correlation', () => {
  const found = (x: Cells, y: Cells): number => {
    const [a, b] = [ranked(x), ranked(y)];
    return withVariance(correlate(a, b)!, a, b).variance;
  };

  it('is that of what each row does to it', () => {
    const { x, y } = drawn(60, 7);
    for (const [u, v] of [
      [x, y],
      [x, y.map((value) => -value)],
      [x.map((value) => Math.round(6 * value)), y],
      [x.map((value) => Math.round(4 * value)), y.map((value) => Math.round(3 * value))],
      [x, x.map((value) => (value - 0.5) ** 2)],
    ] as const) {
      expect(found(u, v) / jackknife(u, v)).toBeCloseTo(1, 4);
    }
  });

  it('passes over rows that only one column has', () => {
    const { x, y } = drawn(60, 8);
    const [a, b] = [
      [...x, ...y.map(() => null)],
      [...y, ...x.map(() => null)],
    ];
    expect(found(a, b)).toBeCloseTo(found(x, y), 12);
    expect(correlate(ranked(a), ranked(b))?.n).toBe(60);
    const half = x.map((v, i) => (i % 2 === 0 ? v : null));
    const kept = (of: readonly number[]): number[] => of.filter((_, i) => i % 2 === 0);
    // The other column’s ranks are among more rows, which tell them better.
    expect(found(half, y) / jackknife(kept(x), kept(y))).toBeCloseTo(1, 0);
  });

  it('is that of the influence of the rows that have both, on ranks among all rows', () => {
    const { x, y } = drawn(80, 12);
    const a = x.map((v, i) => (i % 5 === 0 || v > 0.8 ? null : Math.round(8 * v)));
    const b = y.map((v, i) => (i % 7 === 3 || v < 0.3 ? null : v));
    const [p, q] = [ranked(a).ranks, ranked(b).ranks];
    const both = x.map((_, i) => i).filter((i) => a[i] !== null && b[i] !== null);
    const n = both.length;
    const mean = (of: (i: number) => number): number => both.reduce((sum, i) => sum + of(i), 0) / n;
    const [meanP, meanQ] = [mean((i) => p[i]!), mean((i) => q[i]!)];
    const [u, v] = [(i: number): number => p[i]! - meanP, (i: number): number => q[i]! - meanQ];
    // A row lifts the ranks of those above it by one, and of those tied with it by a half.
    const lifted = (of: Float64Array, i: number, weight: (j: number) => number): number =>
      mean((j) => weight(j) * (of[j]! > of[i]! ? 1 : of[j] === of[i] ? 0.5 : 0));
    const [A, B, C] = [mean((i) => u(i) ** 2), mean((i) => v(i) ** 2), mean((i) => u(i) * v(i))];
    const influence = (i: number): number => {
      const onC = u(i) * v(i) + lifted(p, i, v) + lifted(q, i, u);
      const onA = u(i) ** 2 + 2 * lifted(p, i, u);
      const onB = v(i) ** 2 + 2 * lifted(q, i, v);
      return onC / Math.sqrt(A * B) - (C / Math.sqrt(A * B) / 2) * (onA / A + onB / B);
    };
    const variance = mean((i) => influence(i) ** 2) - mean(influence) ** 2;
    expect(Math.abs(meanP)).toBeGreaterThan(0.01);
    expect(found(a, b)).toBeCloseTo(variance / (n - 3), 12);
  });

  it('is nothing where one follows the other', () => {
    const { x } = drawn(40, 9);
    expect(found(x, x)).toBeLessThan(1e-12);
  });
});

describe('a correlation of sums', () => {
  it('is none where what is left of a column is what rounding leaves of a row, times the rows', () => {
    // A hundred rows about 0, whose squares add up to little.
    const of = (xx: number, yy: number) => correlationOf([100, 0, 0, xx, yy, 0], 1e-9);
    expect(of(1e-6, 1e-6)).toEqual({ r: 0, n: 100 });
    expect(of(1e-8, 1e-6)).toBeNull();
    expect(of(1e-6, 1e-8)).toBeNull();
    expect(correlationOf([100, 50, 25, 26, 7.5, 13.5], 1e-9)).toEqual({
      r: expect.closeTo(1 / Math.sqrt(1.25), 12),
      n: 100,
    });
  });
});

describe('the surprise of a change', () => {
  const measured = (r: number, n: number, variance: number) => ({ r, n, variance });

  it('is in errors of both, by Student’s law with Welch’s degrees of freedom', () => {
    const df = 0.05 ** 2 / (0.03 ** 2 / 49 + 0.02 ** 2 / 29);
    const t = 0.7 / Math.sqrt(0.05);
    for (const [before, after] of [
      [0.5, -0.2],
      [-0.2, 0.5],
    ] as const) {
      expect(surpriseOf(measured(before, 50, 0.03), measured(after, 30, 0.02))).toEqual({
        error: expect.closeTo(Math.sqrt(0.05), 12),
        t: expect.closeTo(t, 12),
        df: expect.closeTo(df, 9),
        p: expect.closeTo(studentTwoSidedTail(t, df), 12),
      });
    }
  });

  it('is as large as can be where nothing is unsure, and none where nothing changed', () => {
    const sure = measured(1, 40, 0);
    expect(surpriseOf(sure, measured(0.5, 40, 0))).toEqual({ error: 0, t: Number.MAX_VALUE, df: 1, p: 0 });
    expect(surpriseOf(sure, sure)).toEqual({ error: 0, t: 0, df: 1, p: 1 });
  });
});
