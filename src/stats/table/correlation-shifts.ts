import { changedPairs, pairSums, pairsOf } from './pair-sums.ts';
import { correlate, type Ranked, rank, surpriseOf, withVariance } from './rank-correlation.ts';
import { isNumberPair, type TablePair } from './table-pair.ts';

/** Of a column of numbers the other one with which it goes together most otherwise than before. */
export type CorrelationShift = {
  readonly column: string;
  readonly other: string;
  readonly before: number;
  readonly after: number;
  /** Over all pairs (Bonferroni), with the error of the influence function, whatever the kind of dependence. */
  readonly p: number;
  /** How far it changed, in what the largest of the column's pairs rarely exceeds. */
  readonly ratio: number;
  readonly n: number;
  readonly m: number;
  readonly pairs: number;
  /** Columns that were paired. */
  readonly width: number;
};

/**
 * The change of Spearman's correlation that is largest of each column of numbers, of at most so many columns, those named
 * first. Cost O(rows · columns²).
 */
export function correlationShifts(pair: TablePair, most: number): CorrelationShift[] {
  const numbers = pair.filter(isNumberPair).slice(0, most);
  const sides = numbers.map(({ reference, window }) => ({ before: rank(reference, 1), after: rank(window, 1) }));
  const sums = (side: 'before' | 'after') =>
    pairSums(
      sides.map((one) => one[side].ranks),
      null,
    );
  const pairs = pairsOf(numbers.length);
  return changedPairs(sums('before'), sums('after'), numbers.length).map((found) => {
    const { column, other, before, after, ratio } = found;
    const p = Math.min(1, pairs * tailOf(sides[column]!, sides[other]!));
    return {
      ...{ column: numbers[column]!.name, other: numbers[other]!.name, before: before.r, after: after.r },
      ...{ p, ratio, n: before.n, m: after.n, pairs, width: numbers.length },
    };
  });
}

type Side = { readonly before: Ranked; readonly after: Ranked };

function tailOf(a: Side, b: Side): number {
  const [x, y] = [correlate(a.before, b.before), correlate(a.after, b.after)];
  if (x === null || y === null) return 1;
  return surpriseOf(withVariance(x, a.before, b.before), withVariance(y, a.after, b.after)).p;
}
