import type { CategoryProfile, ColumnProfile, NumberProfile, Quantiles, TableProfile, ValueCount } from './profile.ts';
import { readGrid } from './summaries/point-gap-grid.ts';
import { describeQuantiles } from './summaries/quantiles.ts';
import { subtractGrids } from './summaries/subtract-grids.ts';

/** A number, and by how much it may be wrong from rounding. */
type Rounded = { readonly value: number; readonly error: number };

/** What is left of a column when the rows of a part are taken away; null members are among what is `refused`. */
type ColumnDifference = {
  readonly name: string;
  readonly type: string;
  readonly rows: number;
  /** By what they count: rows without a value, NaN, zeros and so on, as the column's kind has them. Exact. */
  readonly counts: Readonly<Record<string, number>>;
  readonly mean: Rounded | null;
  readonly std: Rounded | null;
  readonly quantiles: Quantiles | null;
  /** All different values and their rows, most frequent first. */
  readonly values: readonly ValueCount[] | null;
  /** What cannot be had without the rows, and why. */
  readonly refused: readonly { readonly what: string; readonly why: string }[];
};

export type TableDifference = { readonly rows: number; readonly columns: readonly ColumnDifference[] };

/** Where the second profile is no part of the first. */
export type NoPart = { readonly column: string | null; readonly why: string };

/** Beyond this error ranks say nothing of quantiles. */
const MOST_RANK_ERROR = 0.05;
/** Beyond this share of itself a number has no digit that is sure. */
const MOST_ROUNDING = 0.01;

/**
 * What is left of a table when the rows of a part of it are taken away, from both profiles alone: counts exactly, mean and
 * deviation with the error that rounding leaves, quantiles with their rank error, and all values where both list theirs.
 * Maxima, minima and counts of different values of the rest are in no profile and are refused by name, except where
 * all values are listed. Pure; cost O(edges).
 */
export function subtractProfiles(whole: TableProfile, part: TableProfile): TableDifference | NoPart {
  if (part.rows > whole.rows) return { column: null, why: `it has ${part.rows} rows, the whole ${whole.rows}` };
  const names = new Set(whole.columns.map(({ name }) => name));
  const other = part.columns.find(({ name }) => !names.has(name));
  if (other !== undefined) return { column: other.name, why: 'the whole has no such column' };
  const parts = new Map(part.columns.map((column) => [column.name, column]));
  const columns: ColumnDifference[] = [];
  for (const column of whole.columns) {
    const found = subtractColumn(column, parts.get(column.name) ?? null, part.rows);
    if ('why' in found) return found;
    columns.push(found);
  }
  return { rows: whole.rows - part.rows, columns };
}

type Sides<T> = { readonly whole: T; readonly part: T };

/** The members of a profile that are sums over its rows. */
function countsOf(column: ColumnProfile): Record<string, number> {
  const { nulls } = column;
  if (column.kind === 'category') return { nulls, empty: column.empty };
  if (column.kind === 'time') return { nulls };
  const { nan, finite, zeros } = column;
  if (column.kind === 'vector') return { nulls, nan, infinite: column.infinite, finite, zeros };
  const { positiveInfinity, negativeInfinity, negatives } = column;
  return { nulls, nan, positiveInfinity, negativeInfinity, finite, zeros, negatives };
}

function subtractColumn(whole: ColumnProfile, part: ColumnProfile | null, partRows: number): ColumnDifference | NoPart {
  const base = { name: whole.name, type: whole.type, rows: whole.rows - partRows };
  const taken = part === null ? { nulls: partRows } : countsOf(part);
  const counts = Object.fromEntries(Object.entries(countsOf(whole)).map(([name, n]) => [name, n - (taken[name] ?? 0)]));
  const short = Object.keys(counts).find((name) => (counts[name] ?? 0) < 0);
  const none = { mean: null, std: null, quantiles: null, values: null };
  if (part !== null && part.kind !== whole.kind) {
    // One that has no value at all has no kind of its own.
    const refused = [{ what: 'all but rows', why: `the part holds ${part.type}, the whole ${whole.type}` }];
    return { ...base, counts: {}, ...none, refused };
  }
  if (short !== undefined) return { column: whole.name, why: `it has more of ${short}` };
  const found = restOf(whole, part);
  if (found === null) return { column: whole.name, why: 'it has more rows of some value' };
  return { ...base, counts, ...none, ...found };
}

type Rest = Partial<Pick<ColumnDifference, 'mean' | 'std' | 'quantiles' | 'values'>> &
  Pick<ColumnDifference, 'refused'>;

/** Null where the second is no part of the first. */
function restOf(whole: ColumnProfile, part: ColumnProfile | null): Rest | null {
  if (whole.kind === 'vector') return { refused: [{ what: 'moments', why: 'those of vectors are not subtracted' }] };
  if (whole.kind === 'category') return restOfTexts(whole, part?.kind === 'category' ? part : null);
  const other = part?.kind === whole.kind ? part : null;
  const grid = subtractGrids(readGrid(whole.grid), readGrid(other?.grid ?? null));
  if (grid === null) return null;
  const refused: { what: string; why: string }[] = [];
  const quantiles = describeQuantiles(grid);
  const sure = quantiles !== null && quantiles.rankError <= MOST_RANK_ERROR;
  if (quantiles !== null && !sure) {
    refused.push({
      what: 'quantiles',
      why: `ranks are open by ${(100 * quantiles.rankError).toFixed(1)} % of the rows`,
    });
  }
  const moments =
    whole.kind === 'number' ? restOfMoments({ whole, part: other?.kind === 'number' ? other : null }) : null;
  if (moments !== null) refused.push(...moments.refused);
  if (!grid.complete)
    refused.push({ what: 'values, their number, minimum and maximum', why: 'the profiles do not list all values' });
  const values = grid.complete ? Array.from(grid.edges, (value, i) => ({ value, count: grid.at[i]! })) : null;
  return {
    quantiles: sure ? quantiles : null,
    values: values?.sort((a, b) => b.count - a.count || a.value - b.value) ?? null,
    ...(moments !== null && { mean: moments.mean, std: moments.std }),
    refused,
  };
}

/** The pairwise formulas by which moments are merged, solved for the other part. */
function restOfMoments({ whole, part }: Sides<NumberProfile | null>): Pick<Rest, 'refused'> & {
  readonly mean: Rounded | null;
  readonly std: Rounded | null;
} {
  const [w, p] = [whole?.moments ?? null, part?.moments ?? null];
  const n = (w?.n ?? 0) - (p?.n ?? 0);
  if (w === null || n === 0) return { mean: null, std: null, refused: [] };
  if (w.mean === null || w.m2 === null || p?.mean === null || p?.m2 === null) {
    return {
      mean: null,
      std: null,
      refused: [{ what: 'mean and deviation', why: 'they are beyond the range of numbers' }],
    };
  }
  const taken = { n: p?.n ?? 0, mean: p?.mean ?? w.mean, m2: p?.m2 ?? 0 };
  const mean = w.mean + ((w.mean - taken.mean) * taken.n) / n;
  const shift = mean - taken.mean;
  const weight = (taken.n * n) / w.n;
  const m2 = w.m2 - taken.m2 - shift * shift * weight;
  const [ofWhole, ofTaken] = [meanRounding(w.mean, w.m2, w.n), meanRounding(taken.mean, taken.m2, taken.n)];
  const meanError = (ofWhole * w.n + ofTaken * taken.n) * (1 / n);
  const shiftError = ((ofWhole + ofTaken) * w.n) / n;
  const squaresError = sumRounding(w.n) * w.m2 + sumRounding(taken.n) * taken.m2 + UNITS * shift * shift * weight;
  const m2Error = squaresError + 2 * Math.abs(shift) * shiftError * weight;
  const spread = Math.sqrt(Math.max(0, m2) / (n - 1));
  const known = { mean: { value: mean, error: meanError } };
  if (n === 1) return { ...known, std: null, refused: [] };
  // Of a sum of squares that is small against its error the root is known to no more than the root of that.
  const error = m2 > m2Error ? (spread * m2Error) / m2 : Math.sqrt(m2Error / (n - 1));
  if (error <= MOST_ROUNDING * spread || m2Error === 0) return { ...known, std: { value: spread, error }, refused: [] };
  return { ...known, std: null, refused: [{ what: 'deviation', why: 'too little of it is left for a sure digit' }] };
}

/** A few units in the last place of each stored number. */
const UNITS = 16 * Number.EPSILON;
/** Rows that are added one to the other; such sums are then joined. */
const MOST_ADDED = 65_536;

/** The most that a sum over rows may have lost, as a share of the sum of their sizes (Higham 2002, 4.2). */
const sumRounding = (n: number): number => UNITS + (Math.min(n, MOST_ADDED) * Number.EPSILON) / 2;

/** The same of a mean, which is a sum of deviations: about 0 it is small against them. */
const meanRounding = (mean: number, m2: number, n: number): number =>
  UNITS * Math.abs(mean) + sumRounding(n) * Math.sqrt(m2 / Math.max(1, n));

function restOfTexts(whole: CategoryProfile, part: CategoryProfile | null): Rest | null {
  if (!whole.top.complete || part?.top.complete === false) {
    return { refused: [{ what: 'values and their number', why: 'the profiles do not list all values' }] };
  }
  const left = new Map(whole.top.values.map(({ value, count }) => [String(value), count]));
  for (const { value, count } of part?.top.values ?? []) {
    const rows = (left.get(String(value)) ?? 0) - count;
    if (rows < 0) return null;
    left.set(String(value), rows);
  }
  const values = [...left].filter(([, count]) => count > 0).map(([value, count]) => ({ value, count }));
  return { values: values.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)), refused: [] };
}
