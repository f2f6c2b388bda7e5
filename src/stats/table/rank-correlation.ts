import type { NumberColumn } from '../column.ts';
import { studentTwoSidedTail } from '../special/student-t.ts';
import { middleRanks } from './middle-ranks.ts';
import { risingRows } from './rising-rows.ts';
import { numberAt } from './table-pair.ts';

/** Rows in which both columns have a value, below which nothing is said of them. */
export const LEAST_ROWS = 30;

/** A column's ranks over (0, 1) less ½, NaN without a value; its rows from the largest value down, and their ties. */
export type Ranked = { readonly ranks: Float64Array; readonly descending: Uint32Array };

/** Of every `step`-th row. Ties are at their middle rank; infinities are larger than all. */
export function rank(column: NumberColumn, step: number): Ranked {
  const values = new Float64Array(Math.ceil(column.length / step));
  for (let i = 0; i < values.length; i++) values[i] = numberAt(column, i * step);
  const ascending = risingRows(values);
  const ranks = middleRanks(values, ascending).map((middle) => (middle - 0.5) / ascending.length - 0.5);
  return { ranks, descending: ascending.reverse() };
}

/** Spearman's correlation, and the rows it is of. */
export type Correlated = { readonly r: number; readonly n: number };

/** Of two columns over the rows that have both: how many these are, the sums of either, of their squares and of their products. */
export type JointSums = readonly [...[n: number, sumX: number, sumY: number], ...[xx: number, yy: number, xy: number]];

export function jointSums(x: Float64Array, y: Float64Array): JointSums {
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
  return [n, sumX, sumY, xx, yy, xy];
}

/**
 * The correlation; null where there is none.
 * @param rounding what may be left of a constant column, a row.
 */
export function correlationOf([n, sumX, sumY, xx, yy, xy]: JointSums, rounding: number): Correlated | null {
  const [A, B] = [xx - (sumX * sumX) / n, yy - (sumY * sumY) / n];
  if (n < LEAST_ROWS || A < rounding * n || B < rounding * n) return null;
  return { r: Math.max(-1, Math.min(1, (xy - (sumX * sumY) / n) / Math.sqrt(A * B))), n };
}

/** Spearman's correlation of one table's pair; null where it has none. */
export const correlate = (a: Ranked, b: Ranked): Correlated | null => correlationOf(jointSums(a.ranks, b.ranks), 1e-12);

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

/** With the variance that the influence function gives it. */
export type Measured = Correlated & { readonly variance: number };

/** Hoeffding (1948), Croux and Dehon (2010): no assumption on the kind of dependence. Cost O(rows). */
export function withVariance(found: Correlated, a: Ranked, b: Ranked): Measured {
  const { u, v, n } = centred(a, b);
  let [A, B, C] = [0, 0, 0];
  for (let i = 0; i < u.length; i++) {
    A += (u[i]! * u[i]!) / n;
    B += (v[i]! * v[i]!) / n;
    C += (u[i]! * v[i]!) / n;
  }
  return { ...found, variance: varianceOf({ a, b, u, v, n }, [A, B, C]) };
}

/** How surprising it is that a correlation changed. */
export type Surprise = { readonly t: number; readonly df: number; readonly p: number; readonly error: number };

/** By Student's law, with Welch's degrees of freedom. */
export function surpriseOf(before: Measured, after: Measured): Surprise {
  const variance = before.variance + after.variance;
  const error = Math.sqrt(variance);
  const size = Math.abs(after.r - before.r);
  // Without any spread about it a correlation of 1 is as sure as can be.
  if (error === 0) return { error, t: size > 0 ? Number.MAX_VALUE : 0, df: 1, p: size > 0 ? 0 : 1 };
  const df = variance ** 2 / (before.variance ** 2 / (before.n - 1) + after.variance ** 2 / (after.n - 1));
  return { error, t: size / error, df, p: studentTwoSidedTail(size / error, df) };
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
