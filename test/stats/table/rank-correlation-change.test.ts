import { describe, expect, it } from 'vitest';
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
  it('is that of the most surprising pair, its p and its usual size those of all pairs', () => {
    for (const seed of [11, 12, 13]) {
      const random = xoshiro128(seed);
      const pair = drawPair({ rows: 120, together: 0.7 }, { rows: 90, together: 0.2, missing: 0.2 }, random);
      const changes = changesOf(pair);
      const worst = changes.reduce((a, b) => (b.p < a.p ? b : a));
      const chance = studentTwoSidedQuantile(0.05 / changes.length, worst.df);
      const excess = (name: string): number =>
        changes.reduce(
          (sum, { names, t }) => sum + (names.includes(name) ? Math.max(0, t - Math.min(chance, worst.t * 0.999)) : 0),
          0,
        );
      const names = pair.filter(isNumberPair).map(({ name }) => name);
      const total = names.reduce((sum, name) => sum + excess(name), 0);
      const found = rankCorrelationChange(pair)!;
      expect(found).toEqual({
        change: expect.closeTo(Math.abs(worst.after.r - worst.before.r), 12),
        p: expect.closeTo(Math.min(1, worst.p * changes.length), 12),
        null95: expect.closeTo(chance * worst.error, 12),
        columns: worst.names,
        before: worst.before.r,
        after: worst.after.r,
        n: worst.before.n,
        m: worst.after.n,
        pairs: 3,
        width: 3,
        contributions: names
          .map((name) => ({ name, share: excess(name) / total }))
          .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1))
          .map(({ name, share }) => ({ name, share: expect.closeTo(share, 9) })),
      });
    }
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
    expect(found(twice(40))).toMatchObject({ change: 0, p: 1, before: 1, after: 1 });
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
