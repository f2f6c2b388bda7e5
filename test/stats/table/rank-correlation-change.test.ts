import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { studentTwoSidedQuantile } from '../../../src/stats/special/student-t.ts';
import { spearmanCorrelation } from '../../../src/stats/table/correlations.ts';
import { correlate, rank, surpriseOf, withVariance } from '../../../src/stats/table/rank-correlation.ts';
import { rankCorrelationChange } from '../../../src/stats/table/rank-correlation-change.ts';
import { isNumberPair, numberAt, type TablePair } from '../../../src/stats/table/table-pair.ts';
import { numbers, texts } from '../columns.ts';
import { drawPair } from './tables.ts';

const found = (pair: TablePair) => {
  const change = rankCorrelationChange(pair);
  if (change === null) throw new Error('tables that can be compared');
  return change;
};

/** Every pair of columns of numbers, with how surprising its change is. */
function changesOf(pair: TablePair) {
  const columns = pair.filter(isNumberPair);
  return columns.flatMap((first, i) =>
    columns.slice(i + 1).map((second) => {
      const [before, after] = (['reference', 'window'] as const).map((side) => {
        const [a, b] = [rank(first[side], 1), rank(second[side], 1)];
        return withVariance(correlate(a, b)!, a, b);
      });
      return { names: [first.name, second.name], before: before!, after: after!, ...surpriseOf(before!, after!) };
    }),
  );
}

describe('the largest change of a rank correlation', () => {
  /** What the definition says of a pair of tables: Bonferroni over all pairs, and what each column has beyond chance. */
  function expected(pair: TablePair) {
    const changes = changesOf(pair);
    const worst = changes.reduce((a, b) => (b.p < a.p || (b.p === a.p && b.t > a.t) ? b : a));
    const chance = studentTwoSidedQuantile(0.05 / changes.length, worst.df);
    const excess = (name: string): number =>
      changes.reduce(
        (sum, { names, t }) => sum + (names.includes(name) ? Math.max(0, t - Math.min(chance, worst.t * 0.999)) : 0),
        0,
      );
    const names = pair.filter(isNumberPair).map(({ name }) => name);
    const total = names.reduce((sum, name) => sum + excess(name), 0);
    return {
      change: expect.closeTo(Math.abs(worst.after.r - worst.before.r), 12),
      p: expect.closeTo(Math.min(1, worst.p * changes.length), 12),
      null95: expect.closeTo(chance * worst.error, 12),
      columns: worst.names,
      before: worst.before.r,
      after: worst.after.r,
      n: worst.before.n,
      m: worst.after.n,
      pairs: changes.length,
      width: names.length,
      contributions: names
        .map((name) => ({ name, share: excess(name) / total }))
        .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1))
        .map(({ name, share }) => ({ name, share: expect.closeTo(share, 9) })),
    };
  }

  it('is that of the most surprising pair, its p and its usual size those of all pairs', () => {
    for (const seed of [11, 12, 13]) {
      const pair = drawPair({ rows: 120, together: 0.7 }, { rows: 90, together: 0.2, missing: 0.2 }, xoshiro128(seed));
      expect(rankCorrelationChange(pair)).toEqual(expected(pair));
      expect(rankCorrelationChange(pair.toReversed())).toEqual(expected(pair.toReversed()));
      // Nothing beyond chance: what the strongest pair has is still shown.
      const still = drawPair({ rows: 120, together: 0.5 }, { rows: 90, together: 0.5 }, xoshiro128(seed));
      expect(rankCorrelationChange(still)).toEqual(expected(still));
    }
  });

  /** Columns that follow the first one that closely, those of which the first so many rows alone have a value. */
  function following(rows: number, follow: readonly number[], seed: number, filled: readonly number[] = []) {
    const random = xoshiro128(seed);
    const lines = Array.from({ length: rows }, () => {
      const first = normalDeviate(random);
      return follow.map((r) => r * first + Math.sqrt(1 - r * r) * normalDeviate(random));
    });
    return follow.map((_, k) => numbers(lines.map((line, i) => (i < (filled[k] ?? rows) ? line[k]! : null))));
  }

  const tables = (reference: ReturnType<typeof following>, window: ReturnType<typeof following>): TablePair =>
    reference.map((column, k) => ({ name: `c${k}`, reference: column, window: window[k]! }));

  it('is not that of the largest change where another is more certain, and shared by all beyond chance', () => {
    const filled = [600, 600, 600, 40, 40];
    let others = 0;
    for (const seed of [1, 2, 3, 4]) {
      const pair = tables(
        following(600, [0.9, 0.8, 0.7, 0.5, 0.5], seed, filled),
        following(600, [0.7, 0.6, 0.2, 0.5, 0], seed + 50, filled),
      );
      const found = rankCorrelationChange(pair)!;
      expect(found).toEqual(expected(pair));
      const sizes = changesOf(pair).map(({ before, after }) => Math.abs(after.r - before.r));
      if (Math.max(...sizes) > found.change) others++;
      expect(found.contributions.filter(({ share }) => share > 0).length).toBeGreaterThan(2);
    }
    expect(others).toBeGreaterThan(0);
  });

  it('is found among more pairs than are tested, wherever it is', () => {
    const follow = (r: number) => Array.from({ length: 30 }, (_, k) => (k < 28 ? 0 : r));
    const reference = following(60, follow(0.99), 5);
    const turned = following(60, follow(0.99), 6).map((column, k) =>
      k === 29 ? { ...column, values: column.values.map((v) => -v) } : column,
    );
    const found = rankCorrelationChange(tables(reference, turned))!;
    expect(found).toMatchObject({ columns: ['c28', 'c29'], pairs: (30 * 29) / 2, width: 30 });
    expect(found.change).toBeGreaterThan(1);
  });

  it('is told by its size in errors where tails are too small for a double', () => {
    const follow = [0.97, 0.97, 0.965, 0.965, 0.9, 0.9];
    const filled = [600, 600, 3_000, 3_000, 600, 600];
    const turned = following(3_000, follow, 10, filled).map((column, k) =>
      k % 2 === 1 ? { ...column, values: column.values.map((v) => -v) } : column,
    );
    const pair = tables(following(3_000, follow, 9, filled), turned);
    // Neither the largest change nor the smallest of those that have no tail.
    const certain = changesOf(pair).filter(({ p }) => p === 0);
    expect(certain.length).toBeGreaterThan(5);
    expect(rankCorrelationChange(pair)).toMatchObject({ columns: ['c2', 'c3'], p: 0 });
    expect(rankCorrelationChange(pair)).toEqual(expected(pair));
  });

  it('leaves out pairs that too few rows of one table have', () => {
    const reference = following(60, [0.5, 0.5, 0.5], 7);
    const window = following(60, [0.5, 0.5, 0.5], 8, [60, 60, 29]);
    expect(rankCorrelationChange(tables(reference, window))).toMatchObject({
      pairs: 1,
      width: 3,
      columns: ['c0', 'c1'],
    });
    expect(rankCorrelationChange(tables(window, reference))).toMatchObject({
      pairs: 1,
      width: 3,
      columns: ['c0', 'c1'],
    });
    expect(rankCorrelationChange(tables(reference, following(60, [0.5, 0.5, 0.5], 8, [60, 60, 30])))?.pairs).toBe(3);
  });

  it('names the pair, with the correlations that its columns have', () => {
    const pair = drawPair({ rows: 700, together: 0.8, shift: 3 }, { rows: 300, together: 0.1 }, xoshiro128(4));
    const change = found(pair);
    const [a, b] = pair;
    if (!a || !b || !isNumberPair(a) || !isNumberPair(b)) throw new Error('a and b are numbers');
    const side = (which: 'reference' | 'window') =>
      [a, b].map((column) => Float64Array.from(column[which].values.keys(), (row) => numberAt(column[which], row)));
    const [[x, y], [u, v]] = [side('reference'), side('window')];
    expect(change).toMatchObject({ columns: ['a', 'b'], pairs: 3, width: 3, n: 700, m: 300 });
    expect(change.before).toBeCloseTo(spearmanCorrelation(x!, y!)!, 12);
    expect(change.after).toBeCloseTo(spearmanCorrelation(u!, v!)!, 12);
    expect(change.change).toBeCloseTo(change.before - change.after, 12);
    expect(change.p).toBeLessThan(1e-20);
    expect(change.change).toBeGreaterThan(change.null95);
    expect(change.contributions.slice(0, 2)).toEqual([
      { name: 'a', share: 0.5 },
      { name: 'b', share: 0.5 },
    ]);
  });

  it('does not mind what a column does alone', () => {
    const plain = drawPair({ rows: 500, together: 0.5 }, { rows: 500, together: 0.5 }, xoshiro128(5));
    const bent = plain.map((column): TablePair[number] =>
      isNumberPair(column)
        ? { ...column, window: { ...column.window, values: column.window.values.map((x) => Math.exp(3 * x) - 7) } }
        : column,
    );
    expect(found(bent)).toEqual(found(plain));
  });

  it('has no chance in it, and says nothing of what it cannot know', () => {
    const constant = (rows: number) => numbers(Array.from({ length: rows }, () => 3));
    const rising = (rows: number) => numbers(Array.from({ length: rows }, (_, i) => i));
    const twice = (rows: number): TablePair => [
      { name: 'x', reference: rising(rows), window: rising(rows) },
      { name: 'y', reference: rising(rows), window: rising(rows) },
    ];
    expect(found(twice(40))).toMatchObject({
      ...{ change: 0, p: 1, before: 1, after: 1 },
      contributions: [
        { name: 'x', share: 0 },
        { name: 'y', share: 0 },
      ],
    });
    expect(found(twice(30)).n).toBe(30);
    expect(rankCorrelationChange(twice(29))).toBeNull();
    expect(
      rankCorrelationChange([twice(40)[0]!, { name: 'c', reference: constant(40), window: constant(40) }]),
    ).toBeNull();
    const words = texts(Array.from({ length: 40 }, (_, i) => `w${i % 3}`));
    expect(rankCorrelationChange([twice(40)[0]!, { name: 't', reference: words, window: words }])).toBeNull();
    expect(rankCorrelationChange([])).toBeNull();
  });

  it('takes infinities as what is larger than all, and a turned pair as certain', () => {
    const side = (sign: number) =>
      numbers(
        [Number.NEGATIVE_INFINITY, ...Array.from({ length: 40 }, (_, i) => i), Number.POSITIVE_INFINITY].map(
          (x) => sign * x,
        ),
      );
    const pair: TablePair = [
      { name: 'x', reference: side(1), window: side(1) },
      { name: 'y', reference: side(1), window: side(-1) },
    ];
    const change = found(pair);
    expect(change.before).toBeCloseTo(1, 12);
    expect(change.after).toBeCloseTo(-1, 12);
    expect(change.p).toBeLessThan(1e-12);
  });
});
