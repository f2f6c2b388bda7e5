import { normalQuantile } from '../special/normal-quantile.ts';
import { type Correlated, correlationOf, jointSums } from './rank-correlation.ts';

/** Sums over rows of pairs of columns: of each pair its rows, both ranks, their squares and their product. */
export type PairSums = Float64Array;

const EACH = 6;

/** How many pairs so many columns have. */
export const pairsOf = (columns: number): number => (columns * (columns - 1)) / 2;

/** The sums of all pairs, in the order (0, 1), (0, 2), ... over some rows. Rows that lack either value are left out. */
export function pairSums(ranks: readonly Float64Array[], rows: ArrayLike<number> | null): PairSums {
  const sums = new Float64Array(EACH * pairsOf(ranks.length));
  const gathered = rows === null ? ranks : ranks.map((all) => gather(all, rows));
  let at = 0;
  gathered.forEach((x, i) => {
    for (let k = i + 1; k < gathered.length; k++, at += EACH) sums.set(jointSums(x, gathered[k]!), at);
  });
  return sums;
}

function gather(ranks: Float64Array, rows: ArrayLike<number>): Float64Array {
  const gathered = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) gathered[i] = ranks[rows[i]!]!;
  return gathered;
}

/** What is left of sums without those of some of their rows. */
export const withoutPairs = (all: PairSums, some: PairSums): PairSums => all.map((sum, i) => sum - some[i]!);

/** What sums without those of other rows leave of a constant column, a row. */
const ROUNDING = 1e-9;

const correlationAt = (sums: PairSums, at: number): Correlated | null =>
  correlationOf([sums[at]!, sums[at + 1]!, sums[at + 2]!, sums[at + 3]!, sums[at + 4]!, sums[at + 5]!], ROUNDING);

/** The pair of a column whose correlation changed most, by its error. */
export type ChangedPair = {
  readonly column: number;
  readonly other: number;
  readonly before: Correlated;
  readonly after: Correlated;
  /** In what the largest of its pairs rarely exceeds by chance: in one of twenty tables. */
  readonly ratio: number;
};

/** Nearer to 1 the error is taken for no smaller: there the smallest change would be many errors, and says little. */
const SQUARE_MOST = 0.9 ** 2;

/** The squared error of Spearman's correlation of normal columns (Bonett and Wright 2000, before their transformation). */
function errorOf({ r, n }: Correlated): number {
  const square = Math.min(r * r, SQUARE_MOST);
  return ((1 - square) ** 2 * (1 + square / 2)) / (n - 1);
}

const TAIL = 0.025;

/** Of each of so many columns the pair that changed most, for those that have one in both tables. */
export function changedPairs(before: PairSums, after: PairSums, columns: number): ChangedPair[] {
  const best: (ChangedPair | undefined)[] = [];
  const paired = new Uint32Array(columns);
  let at = 0;
  for (let i = 0; i < columns; i++) {
    for (let k = i + 1; k < columns; k++, at += EACH) {
      const [x, y] = [correlationAt(before, at), correlationAt(after, at)];
      if (x === null || y === null) continue;
      const t = Math.abs(y.r - x.r) / Math.sqrt(errorOf(x) + errorOf(y));
      for (const [column, other] of [
        [i, k],
        [k, i],
      ] as const) {
        paired[column]!++;
        if (t > (best[column]?.ratio ?? -1)) best[column] = { column, other, before: x, after: y, ratio: t };
      }
    }
  }
  return best.flatMap((one) =>
    one === undefined ? [] : [{ ...one, ratio: one.ratio / -normalQuantile(TAIL / paired[one.column]!) }],
  );
}
