import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { type Uniform, xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { correlate, rank } from '../../../src/stats/table/rank-correlation.ts';
import { rankCorrelationChange } from '../../../src/stats/table/rank-correlation-change.ts';
import type { TablePair } from '../../../src/stats/table/table-pair.ts';
import { numbers } from '../columns.ts';
import { rejections } from './tables.ts';

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

describe('the largest change of many rank correlations', () => {
  it('keeps its level whatever the dependence, with ties and missing values', () => {
    const trials = 200;
    const rejected = rejections(trials, 0.05, (t) => found(drawDependentPair(xoshiro128(100 + t))).p);
    // At 5 % of 200 trials, 18 or more have a chance of 1 %.
    expect(rejected).toBeLessThan(18 / trials);
    expect(rejected).toBeGreaterThan(0);
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

  it('is of evenly spread rows where there are too many columns for all of them, but of five hundred', () => {
    const random = xoshiro128(14);
    const column = (rows: number) => numbers(Array.from({ length: rows }, () => random()));
    // 120 columns of 13,889 rows are as much as is summed.
    const pair = Array.from({ length: 120 }, (_, i) => ({
      name: `c${i}`,
      reference: column(13_000),
      window: column(1_000),
    }));
    const change = found(pair);
    expect([change.n, change.m]).toEqual([6_500, 500]);
    const [a, b] = pair.filter(({ name }) => change.columns.includes(name));
    const [before, after] = (['reference', 'window'] as const).map((side) => {
      return correlate(rank(a![side], 2), rank(b![side], 2))!.r;
    });
    expect([change.before, change.after]).toEqual([before, after]);
  });
});
