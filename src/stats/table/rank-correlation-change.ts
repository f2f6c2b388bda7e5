import { studentTwoSidedQuantile } from '../special/student-t.ts';
import type { Contribution } from './domain-classifier.ts';
import {
  type Correlated,
  correlate,
  LEAST_ROWS,
  type Measured,
  type Ranked,
  rank,
  type Surprise,
  surpriseOf,
  withVariance,
} from './rank-correlation.ts';
import { isNumberPair, rowsOf, type TablePair } from './table-pair.ts';

export type RankCorrelationChange = {
  /** The largest change of a pair's rank correlation, in its size: 0 without drift, at most 2. */
  readonly change: number;
  /** Over all pairs (Bonferroni). */
  readonly p: number;
  /** What `change` exceeds in 5 % of tables without drift, from the pair's own standard error and the number of pairs. */
  readonly null95: number;
  /** The pair that changed most surprisingly, and its correlation before and after. */
  readonly columns: readonly [string, string];
  readonly before: number;
  readonly after: number;
  /** Rows of each table that the pair's correlations are of. */
  readonly n: number;
  readonly m: number;
  readonly pairs: number;
  /** Columns that were paired. */
  readonly width: number;
  /** Each column's share of what the pairs changed beyond chance, largest first. */
  readonly contributions: readonly Contribution[];
};

/** Columns that are paired at most, those named first. */
const MOST_COLUMNS = 300;
/** Rows of both tables times pairs, beyond which evenly spread rows stand for all. */
const MOST_PRODUCTS = 1e8;
/** Pairs whose error is computed, those that changed most: it costs twenty times what the correlation does. */
const MOST_TESTED = 256;

/**
 * Drift of how columns of numbers go together: each pair's Spearman correlation in the window less that in the
 * reference, over its standard error; of those that changed most the most surprising one, by Student's law with Welch's
 * degrees of freedom, Bonferroni over all pairs. It does not mind what each column does alone (ranks are taken within each
 * table), so it finds what no column shows: a join that went wrong, a feature that no longer follows another. The error is
 * that of the influence function (Hoeffding 1948; Croux and Dehon 2010), which makes no assumption on the kind of
 * dependence, ranks of tied values at their middle; below some hundred rows p is up to twice too small. Ranks are those
 * within a column; of a pair only rows count in which both have a value. Null without a pair of 30 such rows in both
 * tables. Cost O(rows · columns²), within bounds.
 */
export function rankCorrelationChange(pair: TablePair): RankCorrelationChange | null {
  const { n, m } = rowsOf(pair);
  if (Math.min(n, m) < LEAST_ROWS) return null;
  const numbers = pair.filter(isNumberPair).slice(0, MOST_COLUMNS);
  const step = Math.ceil(((n + m) * numbers.length * numbers.length) / 2 / MOST_PRODUCTS);
  const steps = { before: Math.min(step, stepFor(n)), after: Math.min(step, stepFor(m)) };
  const sides = numbers.map(({ reference, window }) => ({
    before: rank(reference, steps.before),
    after: rank(window, steps.after),
  }));
  const { pairs, most } = mostChanged(sides);
  const excess = new Float64Array(numbers.length);
  const found = most.map(({ at, before, after }): Change => {
    const [a, b] = [sides[at[0]]!, sides[at[1]]!];
    return changeOf(at, withVariance(before, a.before, b.before), withVariance(after, a.after, b.after));
  });
  const worst = found.reduce<Change | null>(
    (most, one) => (most === null || isMoreSurprising(one, most) ? one : most),
    null,
  );
  if (worst === null) return null;
  const chance = studentTwoSidedQuantile(0.05 / pairs, worst.df);
  for (const { at, t } of found) {
    // Where nothing is beyond chance the strongest pair is still what there is to show.
    const beyond = Math.max(0, t - Math.min(chance, worst.t * 0.999));
    for (const column of at) excess[column]! += beyond;
  }
  const total = excess.reduce((sum, x) => sum + x, 0);
  const [a, b] = worst.at;
  return {
    change: Math.abs(worst.after - worst.before),
    p: Math.min(1, worst.p * pairs),
    null95: chance * worst.error,
    columns: [numbers[a]!.name, numbers[b]!.name],
    before: worst.before,
    after: worst.after,
    n: worst.n,
    m: worst.m,
    pairs,
    width: numbers.length,
    contributions: numbers
      .map(({ name }, i) => ({ name, share: total > 0 ? excess[i]! / total : 0 }))
      .sort((x, y) => y.share - x.share || (x.name < y.name ? -1 : 1)),
  };
}

/** Rows of a side that are left however many columns there are. */
const KEPT_ROWS = 500;

const stepFor = (rows: number): number => Math.max(1, Math.floor(rows / KEPT_ROWS));

type Change = Surprise & {
  readonly at: readonly [number, number];
  readonly before: number;
  readonly after: number;
  readonly n: number;
  readonly m: number;
};

const changeOf = (at: Change['at'], before: Measured, after: Measured): Change => ({
  ...{ at, before: before.r, after: after.r, n: before.n, m: after.n },
  ...surpriseOf(before, after),
});

/** Tails that are too small for a double are told apart by their size. */
const isMoreSurprising = (x: Change, y: Change): boolean => x.p < y.p || (x.p === y.p && x.t > y.t);

type Pairing = { readonly at: readonly [number, number]; readonly before: Correlated; readonly after: Correlated };

/** How many pairs there are, and those whose correlation changed most. */
function mostChanged(sides: readonly { readonly before: Ranked; readonly after: Ranked }[]) {
  let pairs = 0;
  let most: Pairing[] = [];
  const keep = (): void => {
    most = most.sort((x, y) => changeIn(y) - changeIn(x)).slice(0, MOST_TESTED);
  };
  for (let a = 0; a < sides.length; a++) {
    for (let b = a + 1; b < sides.length; b++) {
      const before = correlate(sides[a]!.before, sides[b]!.before);
      const after = before && correlate(sides[a]!.after, sides[b]!.after);
      if (!before || !after) continue;
      pairs++;
      most.push({ at: [a, b], before, after });
      if (most.length >= 16 * MOST_TESTED) keep();
    }
  }
  keep();
  return { pairs, most };
}

const changeIn = ({ before, after }: Pairing): number => Math.abs(after.r - before.r);
