import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { correlate, LEAST_ROWS, rank, withVariance } from '../../../src/stats/table/rank-correlation.ts';
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

  it('is nothing where one follows the other', () => {
    const { x } = drawn(40, 9);
    expect(found(x, x)).toBeLessThan(1e-12);
  });
});
