import { type CategoryColumn, isValid, type NumberColumn } from '../column.ts';
import { scaleOf } from '../distances/scale-of.ts';
import { momentsOf } from '../summaries/moments.ts';
import { emptyColumn } from '../verdict/samples.ts';
import { middleRanks } from './middle-ranks.ts';
import { type SliceColumn, sliceColumns } from './slice-columns.ts';
import type { ColumnPair } from './table-pair.ts';

/** How two columns go together; null where a measure is not made for such columns, or nothing varies. */
export type Correlation = {
  readonly columns: readonly [string, string];
  /** Rows in which both have a value. */
  readonly rows: number;
  /** Of two columns of numbers: of the values, and of their ranks. */
  readonly pearson: number | null;
  readonly spearman: number | null;
  /** Of two columns of texts by their thirty most frequent, from 0 to 1. */
  readonly cramersV: number | null;
  /** Of any two, in bits: what one says of the other; numbers in sixteenths, texts by the thirty most frequent. */
  readonly mutualInformation: number | null;
};

/** How each of them is made, and its version: texts by their thirty most frequent, numbers in sixteenths where there are cells. */
export const CORRELATION_METHODS = Object.freeze({
  pearson: 'pearson@1',
  spearman: 'spearman/middle-ranks@1',
  cramersV: 'cramers_v/bergsma/30-values@1',
  mutualInformation: 'mutual_information/miller/16-ranges/30-values@1',
} satisfies Record<Exclude<keyof Correlation, 'columns' | 'rows'>, string>);

export type TableColumn = { readonly name: string; readonly column: NumberColumn | CategoryColumn };

/** Pairs with fewer rows come last, whatever they seem to say of each other. */
const FEW_ROWS = 30;

type Coded = TableColumn & { readonly codes: SliceColumn };

/**
 * Every pair of columns of one table, those that say most of each other first. Cramér's V is corrected for its bias as
 * Bergsma (2013) does, mutual information by the mean that independent columns have (Miller 1955), so that neither is
 * large for many values in few rows. Cost O(columns² · rows log rows).
 */
export function correlations(table: readonly TableColumn[]): Correlation[] {
  const coded = table.map((one): Coded => ({ ...one, codes: codesOf(one) }));
  const found = coded.flatMap((a, i) => coded.slice(i + 1).map((b) => correlate(a, b)));
  const isFew = ({ rows }: Correlation): number => (rows < FEW_ROWS ? 1 : 0);
  return found.sort((x, y) => isFew(x) - isFew(y) || (y.mutualInformation ?? 0) - (x.mutualInformation ?? 0));
}

function codesOf({ name, column }: TableColumn): SliceColumn {
  // The other table has no rows.
  const empty = emptyColumn(column.kind, 0);
  const [codes] = sliceColumns([{ name, reference: column, window: empty } as ColumnPair]);
  if (codes === undefined) throw new Error('one column gives its codes');
  return codes;
}

function correlate(a: Coded, b: Coded): Correlation {
  const counts = jointCounts(a, b);
  const numbers = a.column.kind === 'number' && b.column.kind === 'number';
  const pairs = numbers ? pairedNumbers(a.column, b.column) : null;
  return {
    columns: [a.name, b.name],
    rows: counts.rows,
    pearson: pairs && pearson(pairs.x, pairs.y),
    spearman: pairs && spearmanCorrelation(pairs.x, pairs.y),
    cramersV: a.column.kind === 'category' && b.column.kind === 'category' ? cramersV(counts) : null,
    mutualInformation: mutualInformation(counts),
  };
}

type Joint = { readonly cells: Float64Array; readonly across: number; readonly down: number; readonly rows: number };

/** Rows by the codes of both, those without a value in either left out; the last code of a column is that of none. */
function jointCounts(a: Coded, b: Coded): Joint {
  const [down, across] = [a.codes.bins - 1, b.codes.bins - 1];
  const cells = new Float64Array(down * across);
  let rows = 0;
  for (let i = 0; i < a.column.length; i++) {
    const [r, c] = [a.codes.codes[i]!, b.codes.codes[i]!];
    if (r >= down || c >= across) continue;
    cells[r * across + c]!++;
    rows++;
  }
  return { cells, across, down, rows };
}

function marginsOf({ cells, across, down }: Joint): { readonly r: Float64Array; readonly c: Float64Array } {
  const [r, c] = [new Float64Array(down), new Float64Array(across)];
  cells.forEach((count, k) => {
    r[Math.floor(k / across)]! += count;
    c[k % across]! += count;
  });
  return { r, c };
}

const used = (counts: Float64Array): number => counts.filter((count) => count > 0).length;

function mutualInformation(joint: Joint): number | null {
  const { cells, across, rows } = joint;
  if (rows === 0) return null;
  const { r, c } = marginsOf(joint);
  let bits = 0;
  cells.forEach((count, k) => {
    if (count > 0) bits += (count / rows) * Math.log2((count * rows) / (r[Math.floor(k / across)]! * c[k % across]!));
  });
  const bias = ((used(r) - 1) * (used(c) - 1)) / (2 * rows * Math.LN2);
  return Math.max(0, bits - bias);
}

function cramersV(joint: Joint): number | null {
  const { cells, across, rows } = joint;
  const { r, c } = marginsOf(joint);
  const [k, l] = [used(r), used(c)];
  let phi2 = -1;
  cells.forEach((count, i) => {
    if (count > 0) phi2 += (count * count) / (r[Math.floor(i / across)]! * c[i % across]!);
  });
  const corrected = Math.max(0, phi2 - ((k - 1) * (l - 1)) / (rows - 1));
  // Nothing where either has but one value, or where there are but two rows.
  const least = Math.min(k - (k - 1) ** 2 / (rows - 1), l - (l - 1) ** 2 / (rows - 1)) - 1;
  return least > 0 ? Math.min(1, Math.sqrt(corrected / least)) : null;
}

function pairedNumbers(a: NumberColumn, b: NumberColumn): { readonly x: Float64Array; readonly y: Float64Array } {
  const rows: number[] = [];
  for (let i = 0; i < a.length; i++) {
    const both = isValid(a.valid, i) && isValid(b.valid, i);
    if (both && Number.isFinite(a.values[i]) && Number.isFinite(b.values[i])) rows.push(i);
  }
  return {
    x: Float64Array.from(rows, (i) => a.values[i]!),
    y: Float64Array.from(rows, (i) => b.values[i]!),
  };
}

/** Null where either has but one value, as a mean that is rounded may not show. */
function pearson(x: Float64Array, y: Float64Array): number | null {
  const [dx, dy] = [deviations(x), deviations(y)];
  if (dx === null || dy === null) return null;
  let [sxx, syy, sxy] = [0, 0, 0];
  for (let i = 0; i < dx.length; i++) {
    sxx += dx[i]! * dx[i]!;
    syy += dy[i]! * dy[i]!;
    sxy += dx[i]! * dy[i]!;
  }
  return Math.max(-1, Math.min(1, sxy / Math.sqrt(sxx * syy)));
}

/** From the mean, in a power of two of the values' size, so that no square is lost or too large; null where all are alike. */
function deviations(values: Float64Array): Float64Array | null {
  if (values.every((value) => value === values[0])) return null;
  const scale = scaleOf(values);
  const scaled = values.map((value) => value / scale);
  const { mean, low } = momentsOf(scaled, scaled.length);
  return scaled.map((value) => value - mean - low);
}

/** Spearman's rank correlation of paired numbers, all of them finite; null where either has but one value. */
export const spearmanCorrelation = (x: Float64Array, y: Float64Array): number | null => pearson(ranks(x), ranks(y));

function ranks(values: Float64Array): Float64Array {
  return middleRanks(
    values,
    Uint32Array.from(values.keys()).sort((i, j) => values[i]! - values[j]!),
  );
}
