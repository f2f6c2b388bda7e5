import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { type Uniform, xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { spearmanCorrelation } from '../../../src/stats/table/correlations.ts';
import { rankCorrelationChange } from '../../../src/stats/table/rank-correlation-change.ts';
import { isNumberPair, numberAt, type TablePair } from '../../../src/stats/table/table-pair.ts';
import { numbers, texts } from '../columns.ts';
import { drawPair, rejections } from './tables.ts';

const found = (pair: TablePair) => {
  const change = rankCorrelationChange(pair);
  if (change === null) throw new Error('tables that can be compared');
  return change;
};

/** Columns that depend on each other in one way, and by their spread: what formulas for normal samples get wrong. */
function drawDependent(rows: number, random: Uniform): (number | null)[][] {
  const lines = Array.from({ length: rows }, () => {
    const [common, spread] = [normalDeviate(random), Math.exp(normalDeviate(random))];
    const one = (): number => (0.6 * common + normalDeviate(random)) * spread;
    return [one(), Math.round(2 * one()), one() > 1 ? 1 : 0, random() < 0.1 ? null : one()];
  });
  return [0, 1, 2, 3].map((i) => lines.map((line) => line[i] ?? null));
}

function drawDependentPair(random: Uniform): TablePair {
  const [reference, window] = [drawDependent(900, random), drawDependent(400, random)];
  return reference.map((column, i) => ({ name: `c${i}`, reference: numbers(column), window: numbers(window[i]!) }));
}

describe('the largest change of a rank correlation', () => {
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

  it('keeps its level whatever the dependence, with ties and missing values', () => {
    const trials = 200;
    const rejected = rejections(trials, 0.05, (t) => found(drawDependentPair(xoshiro128(100 + t))).p);
    // At 5 % of 200 trials, 18 or more have a chance of 1 %.
    expect(rejected).toBeLessThan(18 / trials);
    expect(rejected).toBeGreaterThan(0);
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

  it('says how many rows and columns of a wide table it has looked at', () => {
    const column = (rows: number, i: number) => numbers(Array.from({ length: rows }, (_, k) => Math.sin(k * (i + 1))));
    const wide = Array.from({ length: 310 }, (_, i) => ({
      name: `c${i}`,
      reference: column(2000, i),
      window: column(600, i),
    }));
    expect(found(wide)).toMatchObject({ width: 300, pairs: (300 * 299) / 2, n: 1000, m: 600 });
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
