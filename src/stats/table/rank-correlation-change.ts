import type { NumberColumn } from '../column.ts';
import { studentTwoSidedQuantile, studentTwoSidedTail } from '../special/student-t.ts';
import type { Contribution } from './domain-classifier.ts';
import { isNumberPair, numberAt, rowsOf, type TablePair } from './table-pair.ts';

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
  readonly pairs: number;
  /** Each column's share of what the pairs changed beyond chance, largest first. */
  readonly contributions: readonly Contribution[];
};

/** Rows of both tables in which a pair of columns has values, below which nothing is said of it. */
const LEAST_ROWS = 30;
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
    pairs,
    contributions: numbers
      .map(({ name }, i) => ({ name, share: total > 0 ? excess[i]! / total : 0 }))
      .sort((x, y) => y.share - x.share || (x.name < y.name ? -1 : 1)),
  };
}

/** Rows of a side that are left however many columns there are. */
const KEPT_ROWS = 500;

const stepFor = (rows: number): number => Math.max(1, Math.floor(rows / KEPT_ROWS));

type Change = {
  readonly at: readonly [number, number];
  readonly t: number;
  readonly df: number;
  readonly p: number;
  readonly error: number;
  readonly before: number;
  readonly after: number;
};

function changeOf(at: Change['at'], before: Measured, after: Measured): Change {
  const variance = before.variance + after.variance;
  const error = Math.sqrt(variance);
  const size = Math.abs(after.r - before.r);
  const known = { at, error, before: before.r, after: after.r };
  // Without any spread about it a correlation of 1 is as sure as can be.
  if (error === 0) return { ...known, t: size > 0 ? Number.MAX_VALUE : 0, df: 1, p: size > 0 ? 0 : 1 };
  const df = variance ** 2 / (before.variance ** 2 / (before.n - 1) + after.variance ** 2 / (after.n - 1));
  return { ...known, t: size / error, df, p: studentTwoSidedTail(size / error, df) };
}

/** Tails that are too small for a double are told apart by their size. */
const isMoreSurprising = (x: Change, y: Change): boolean => x.p < y.p || (x.p === y.p && x.t > y.t);

/** A column's ranks over (0, 1) less ½, NaN without a value; its rows from the largest value down, and their ties. */
type Ranked = { readonly ranks: Float64Array; readonly descending: Uint32Array };

/** Of every `step`-th row. */
function rank(column: NumberColumn, step: number): Ranked {
  const values = Float64Array.from({ length: Math.ceil(column.length / step) }, (_, i) => numberAt(column, i * step));
  const present = Uint32Array.from(values.keys()).filter((row) => !Number.isNaN(values[row]));
  // Not the difference: infinities have none.
  const descending = present.sort((i, j) => (values[i]! < values[j]! ? 1 : values[i]! > values[j]! ? -1 : 0));
  const ranks = new Float64Array(values.length).fill(Number.NaN);
  const n = descending.length;
  for (let from = 0; from < n; ) {
    let to = from;
    while (to < n && values[descending[to]!] === values[descending[from]!]) to++;
    for (let k = from; k < to; k++) ranks[descending[k]!] = 0.5 - (from + to) / (2 * n);
    from = to;
  }
  return { ranks, descending };
}

type Correlated = { readonly r: number; readonly n: number };

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

/** Spearman's correlation of one table's pair; null where it has none. */
function correlate(a: Ranked, b: Ranked): Correlated | null {
  const [x, y] = [a.ranks, b.ranks];
  let n = 0;
  let sumX = 0;
  let sumY = 0;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < x.length; i++) {
    const u = x[i]!;
    const v = y[i]!;
    // Not a number where either has no value.
    const product = u * v;
    if (Number.isNaN(product)) continue;
    n++;
    sumX += u;
    sumY += v;
    xx += u * u;
    yy += v * v;
    xy += product;
  }
  const [A, B] = [xx - (sumX * sumX) / n, yy - (sumY * sumY) / n];
  // What is left of a constant column is rounding.
  if (n < LEAST_ROWS || A < 1e-12 * n || B < 1e-12 * n) return null;
  return { r: Math.max(-1, Math.min(1, (xy - (sumX * sumY) / n) / Math.sqrt(A * B))), n };
}

type Centred = { readonly u: Float64Array; readonly v: Float64Array; readonly n: number };

/** Ranks of the rows that have both, less their means; 0 in the others, so that sums pass over them. */
function centred({ ranks: x }: Ranked, { ranks: y }: Ranked): Centred {
  const u = new Float64Array(x.length);
  const v = new Float64Array(y.length);
  let [n, sumX, sumY] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    if (Number.isNaN(x[i]! + y[i]!)) continue;
    n++;
    sumX += x[i]!;
    sumY += y[i]!;
  }
  for (let i = 0; i < x.length; i++) {
    if (Number.isNaN(x[i]! + y[i]!)) continue;
    u[i] = x[i]! - sumX / n;
    v[i] = y[i]! - sumY / n;
  }
  return { u, v, n };
}

type Measured = Correlated & { readonly variance: number };

function withVariance(found: Correlated, a: Ranked, b: Ranked): Measured {
  const { u, v, n } = centred(a, b);
  let [A, B, C] = [0, 0, 0];
  for (let i = 0; i < u.length; i++) {
    A += (u[i]! * u[i]!) / n;
    B += (v[i]! * v[i]!) / n;
    C += (u[i]! * v[i]!) / n;
  }
  return { ...found, variance: varianceOf({ a, b, u, v, n }, [A, B, C]) };
}

type Side = Centred & { readonly a: Ranked; readonly b: Ranked };

/**
 * Mean square of the influence of a row on r = C / √(A·B), over n. A row adds to C, A and B by itself, and by moving the
 * ranks of all rows above it.
 */
function varianceOf({ a, b, u, v, n }: Side, [A, B, C]: readonly [number, number, number]): number {
  const rows = { n, a: a.ranks, b: b.ranks };
  const onC = added(moved(a, v, rows), moved(b, u, rows));
  const onA = moved(a, u, rows);
  const onB = moved(b, v, rows);
  const root = Math.sqrt(A * B);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < u.length; i++) {
    if (Number.isNaN(rows.a[i]! + rows.b[i]!)) continue;
    const c = u[i]! * v[i]! + onC[i]!;
    const influence =
      c / root - (C / root / 2) * ((u[i]! * u[i]! + 2 * onA[i]!) / A + (v[i]! * v[i]! + 2 * onB[i]!) / B);
    sum += influence;
    squares += influence * influence;
  }
  const mean = sum / n;
  return Math.max(0, squares / n - mean * mean) / (n - 3);
}

type Rows = { readonly n: number; readonly a: Float64Array; readonly b: Float64Array };

/** What a row adds to the mean of rank · weight by moving ranks: the weights of the rows above it, half of those tied. */
function moved({ ranks, descending }: Ranked, weights: Float64Array, { n }: Rows): Float64Array {
  const found = new Float64Array(ranks.length);
  let above = 0;
  for (let from = 0; from < descending.length; ) {
    let to = from;
    let tied = 0;
    const rankOfTie = ranks[descending[from]!];
    while (to < descending.length && ranks[descending[to]!] === rankOfTie) tied += weights[descending[to++]!]!;
    for (let k = from; k < to; k++) found[descending[k]!] = (above + tied / 2) / n;
    above += tied;
    from = to;
  }
  return found;
}

function added(x: Float64Array, y: Float64Array): Float64Array {
  return x.map((value, i) => value + y[i]!);
}
