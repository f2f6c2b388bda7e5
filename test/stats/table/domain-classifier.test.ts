import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { binFeature } from '../../../src/stats/table/binned-table.ts';
import { domainClassifier } from '../../../src/stats/table/domain-classifier.ts';
import { numbers, texts } from '../columns.ts';
import { drawPair, rejections } from './tables.ts';

const judge = (pair: Parameters<typeof domainClassifier>[0], seed = 1) =>
  domainClassifier(pair, { random: xoshiro128(seed) });

describe('domainClassifier', () => {
  it('rarely tells tables apart that differ by chance alone', () => {
    const random = xoshiro128(3);
    const rate = rejections(60, 0.05, (seed) => judge(drawPair({ rows: 200 }, { rows: 120 }, random), seed)!.p);
    // 60 trials at 5 %: more than 8 have a chance of 0.2 %.
    expect(rate).toBeLessThanOrEqual(8 / 60);
  });

  it('finds a shift and the column it is in, however many values another has', () => {
    const found = judge(drawPair({ rows: 1500 }, { rows: 800, shift: 0.7 }, xoshiro128(4)))!;
    expect(found.auc).toBeGreaterThan(0.62);
    expect(found.p).toBeLessThan(1e-9);
    expect(found.low).toBeLessThan(found.auc);
    expect(found.high).toBeGreaterThan(found.auc);
    expect(found.contributions[0]).toMatchObject({ name: 'a', share: expect.closeTo(1, 0) });
    expect(found.contributions.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10);
    // The shift alone gives the best possible classifier Φ(0.7 / √2) = 0.69.
    expect(found.auc).toBeLessThan(0.72);
  });

  it('finds combinations that no column shows', () => {
    const found = judge(drawPair({ rows: 2000, together: 0.9 }, { rows: 2000, together: -0.9 }, xoshiro128(5)))!;
    expect(found.auc).toBeGreaterThan(0.85);
    const strongest = found.contributions.slice(0, 2).map(({ name }) => name);
    expect(strongest.sort()).toEqual(['a', 'b']);
  });

  it('finds values that went missing and texts that became common', () => {
    const gone = judge(drawPair({ rows: 600 }, { rows: 600, missing: 0.3 }, xoshiro128(6)))!;
    expect(gone.contributions[0]?.name).toBe('heavy');
    const common = judge(drawPair({ rows: 600 }, { rows: 600, common: 0.6 }, xoshiro128(7)))!;
    expect(common.contributions[0]?.name).toBe('plan');
    expect(Math.max(gone.p, common.p)).toBeLessThan(1e-4);
  });

  it('says 1 for tables that never overlap, with an interval that stays in bounds', () => {
    const apart = judge(drawPair({ rows: 300 }, { rows: 200, shift: 100 }, xoshiro128(8)))!;
    expect(apart.auc).toBeCloseTo(1, 6);
    expect(apart.high).toBeLessThanOrEqual(1);
    expect(apart.low).toBeGreaterThan(0.9);
    expect(apart.p).toBeLessThan(1e-20);
  });

  it('is repeatable from its seed, draws the rows it has room for, and needs fifty', () => {
    const pair = drawPair({ rows: 400 }, { rows: 300, shift: 0.5 }, xoshiro128(9));
    expect(judge(pair, 2)).toEqual(judge(pair, 2));
    const few = domainClassifier(pair, { random: xoshiro128(2), mostRows: 100 })!;
    expect([few.n, few.m]).toEqual([100, 100]);
    expect(judge(drawPair({ rows: 400 }, { rows: 49 }, xoshiro128(9)))).toBeNull();
    expect(judge([])).toBeNull();
  });

  it('has nothing to say of constant columns', () => {
    const same = numbers(Array.from({ length: 80 }, () => 1));
    const found = judge([{ name: 'x', reference: same, window: same }])!;
    expect(found).toMatchObject({ auc: 0.5, contributions: [{ name: 'x', share: 0 }] });
    expect(found.p).toBeGreaterThan(0.4);
  });
});

describe('binFeature', () => {
  const all = (n: number) => Int32Array.from({ length: n }, (_, i) => i);

  it('keeps the order of numbers, infinities at the ends, and missing apart', () => {
    const reference = numbers([3, null, Number.NEGATIVE_INFINITY, 1, Number.NaN]);
    const window = numbers([2, Number.POSITIVE_INFINITY]);
    const { codes, bins, ordered } = binFeature(
      { name: 'x', reference, window },
      { reference: all(5), window: all(2) },
    );
    const [three, none, least, one, nan, two, most] = codes;
    expect(ordered).toBe(true);
    expect([none, nan]).toEqual([bins - 1, bins - 1]);
    expect([least!, one!, two!, three!, most!]).toEqual([least!, one!, two!, three!, most!].toSorted((a, b) => a - b));
    expect(new Set([one, two, three]).size).toBe(3);
    expect(Math.max(...codes)).toBeLessThan(bins);
  });

  it('gives the most frequent texts bins of their own and the rest one', () => {
    const values = Array.from({ length: 300 }, (_, i) => `v${i % 100}`);
    const reference = texts([...values, 'often', 'often', 'often', 'often', null]);
    const { codes, bins } = binFeature(
      { name: 'x', reference, window: texts(['often', 'v99', null]) },
      { reference: all(305), window: all(3) },
    );
    expect(bins).toBe(64);
    expect(codes[300]).toBe(codes[305]);
    expect(codes[304]).toBe(63);
    expect(codes[307]).toBe(63);
    expect(codes.filter((code) => code === 62).length).toBeGreaterThan(80);
  });
});
