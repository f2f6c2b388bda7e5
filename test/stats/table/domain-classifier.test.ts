import { describe, expect, it } from 'vitest';
import { mannWhitney } from '../../../src/stats/hypothesis-tests/mann-whitney.ts';
import { Z95 } from '../../../src/stats/performance/metric.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { binFeature } from '../../../src/stats/table/binned-table.ts';
import { scoreRow, trainBoostedTrees } from '../../../src/stats/table/boosted-trees.ts';
import { domainClassifier, outOfFoldScores } from '../../../src/stats/table/domain-classifier.ts';
import { rowsOf, type TablePair } from '../../../src/stats/table/table-pair.ts';
import { numbers, texts } from '../columns.ts';
import { drawPair } from './tables.ts';

const judge = (pair: Parameters<typeof domainClassifier>[0], seed = 1) =>
  domainClassifier(pair, { random: xoshiro128(seed) });

describe('domainClassifier', () => {
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
    for (const names of [
      ['x', 'y'],
      ['y', 'x'],
    ]) {
      const both = judge(names.map((name) => ({ name, reference: same, window: same })))!;
      expect(both.contributions.map(({ name }) => name)).toEqual(['x', 'y']);
    }
  });
});

/** Chance that leaves rows in the order they have. */
const inOrder = (): number => 0;

const OPTIONS = { trees: 40, depth: 3, learningRate: 0.15, leafRows: 10 };

/** What is said of the rows of one half by trees that learnt the other one: every second row of each table. */
function halfOf(pair: TablePair, fold: number) {
  const { n, m } = rowsOf(pair);
  const rows = (of: number): Int32Array => Int32Array.from({ length: of }, (_, i) => i);
  const features = pair.map((column) => binFeature(column, { reference: rows(n), window: rows(m) }));
  const labels = Uint8Array.from({ length: n + m }, (_, row) => Number(row >= n));
  const isHeld = (row: number): boolean => (row < n ? row : row - n) % 2 === fold;
  const learnt = rows(n + m).filter((row) => !isHeld(row));
  const model = trainBoostedTrees(features, { labels, rows: learnt }, OPTIONS);
  const held = rows(n + m).filter(isHeld);
  const share = held.filter((row) => labels[row] === 1).length / held.length;
  const parts = new Float64Array(pair.length);
  const scores = Float64Array.from(held, (row) =>
    scoreRow(model, features, { row, weight: labels[row]! - share, parts }),
  );
  const of = (label: number): Float64Array => scores.filter((_, i) => labels[held[i]!] === label);
  return { held, scores, parts, window: of(1), reference: of(0) };
}

/** How often a score of the first is the higher one, ties half. */
function superiority(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (const a of x) for (const b of y) sum += a > b ? 1 : a === b ? 0.5 : 0;
  return sum / x.length / y.length;
}

/** DeLong's standard error of that: from how often each row is above those of the other table. */
function errorOf(x: Float64Array, y: Float64Array): number {
  const variance = (values: readonly number[]): number => {
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    return values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1) / values.length;
  };
  const above = Array.from(x, (a) => superiority(Float64Array.of(a), y));
  const below = Array.from(y, (b) => superiority(x, Float64Array.of(b)));
  return Math.sqrt(variance(above) + variance(below));
}

describe('both halves of the rows', () => {
  const pair = drawPair({ rows: 181 }, { rows: 121, shift: 0.6 }, xoshiro128(21));
  const halves = () => [0, 1].map((fold) => halfOf(pair, fold));

  it('are judged by trees that learnt the other one, by the mean of both', () => {
    const found = domainClassifier(pair, { random: inOrder })!;
    const [a, b] = halves() as [ReturnType<typeof halfOf>, ReturnType<typeof halfOf>];
    const auc = (superiority(a.window, a.reference) + superiority(b.window, b.reference)) / 2;
    const error = (errorOf(a.window, a.reference) + errorOf(b.window, b.reference)) / 2;
    expect(found).toMatchObject({ auc: expect.closeTo(auc, 12), n: 181, m: 121 });
    expect(found.low).toBeCloseTo(auc - Z95 * error, 9);
    expect(found.high).toBeCloseTo(auc + Z95 * error, 9);
    // Twice the smaller one-sided p, which is half of the two-sided one.
    const p = [a, b].map(({ window, reference }) => mannWhitney(window.sort(), reference.sort()).p);
    expect(auc).toBeGreaterThan(0.5);
    expect(found.p).toBeCloseTo(Math.min(...p), 12);
    const worth = pair.map(({ name }, f) => ({ name, gain: Math.max(0, a.parts[f]! + b.parts[f]!) }));
    const total = worth.reduce((sum, { gain }) => sum + gain, 0);
    const shares = worth.map(({ name, gain }) => ({ name, share: expect.closeTo(gain / total, 9) }));
    expect(found.contributions).toHaveLength(5);
    for (const one of shares) expect(found.contributions).toContainEqual(one);
    const order = found.contributions.map(({ share }) => share);
    expect(order).toEqual(order.toSorted((x, y) => y - x));
  });

  it('have the scores that they were judged by, in the order of the tables', () => {
    const scores = outOfFoldScores(pair, { random: inOrder })!;
    expect(scores).toHaveLength(302);
    for (const { held, scores: own } of halves()) {
      for (const [i, row] of held.entries()) expect(scores[row]).toBeCloseTo(own[i]!, 12);
    }
    const drawn = outOfFoldScores(pair, { random: xoshiro128(3), mostRows: 100 })!;
    expect(drawn.slice(0, 181).filter((score) => !Number.isNaN(score))).toHaveLength(100);
    expect(drawn.slice(181).filter((score) => !Number.isNaN(score))).toHaveLength(100);
    expect(outOfFoldScores([], { random: inOrder })).toBeNull();
  });

  it('that say less than chance say nothing', () => {
    // Each half is the other turned: what one learns is wrong of the other.
    const turned = (rows: number, up: number) =>
      numbers(Array.from({ length: rows }, (_, i) => (i % 2 === up ? 1 : 0)));
    const found = domainClassifier([{ name: 'x', reference: turned(80, 0), window: turned(80, 1) }], {
      random: inOrder,
    })!;
    expect(found).toMatchObject({ auc: 0, low: 0, p: 1, contributions: [{ share: 0 }] });
    expect(found.high).toBeLessThan(0.5);
  });

  it('have Hanley and McNeil’s error where DeLong’s interval ends at 1', () => {
    // In each half one of 50 rows of the reference is as those of the window, of which there are 60.
    const reference = numbers(Array.from({ length: 100 }, (_, i) => Number(i < 2)));
    const window = numbers(Array.from({ length: 120 }, () => 1));
    const found = domainClassifier([{ name: 'x', reference, window }], { random: inOrder })!;
    const auc = 49.5 / 50;
    const above = auc / (2 - auc) - auc ** 2;
    const below = (2 * auc ** 2) / (1 + auc) - auc ** 2;
    const error = Math.sqrt((auc * (1 - auc) + 59 * above + 49 * below) / (60 * 50));
    expect(found.auc).toBeCloseTo(auc, 12);
    expect(found.low).toBeCloseTo(auc - Z95 * error, 12);
    expect(found.high).toBe(1);
  });

  it('of tables that never overlap are told apart without error', () => {
    const side = (rows: number, value: number) => numbers(Array.from({ length: rows }, () => value));
    const apart = (n: number, m: number) =>
      domainClassifier([{ name: 'x', reference: side(n, 0), window: side(m, 1) }], { random: inOrder })!;
    // Hanley and McNeil’s error of an area of 1 is 0.
    expect(apart(100, 60)).toMatchObject({ auc: 1, low: 1, high: 1, n: 100, m: 60 });
    expect(apart(50, 50).p).toBeLessThan(1e-9);
    expect(
      domainClassifier([{ name: 'x', reference: side(49, 0), window: side(50, 1) }], { random: inOrder }),
    ).toBeNull();
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
