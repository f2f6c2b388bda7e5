import { drawHypergeometric } from '../sampling/draw-hypergeometric.ts';
import { logGamma } from '../special/gamma.ts';
import type { PermutationOptions } from './permutation.ts';

export type FisherMonteCarlo = { readonly p: number; readonly tables: number };

/** Two tables whose probabilities differ by less than this share are equally probable: their rounding differs. */
const ALIKE = 1e-7;

/**
 * Fisher's exact test on an r x c table of counts (a row a sample) by Monte Carlo: tables with the same margins are drawn
 * under independence, and p = (1 + hits) / (1 + B), hits being those no more probable than the observed one
 * (the Freeman-Halton rule, as R's `fisher.test(simulate.p.value = TRUE)`). For small cells, where the chi-square law
 * fails; its standard error is √(p (1 - p) / B). Null when fewer than two rows or columns have a count. Cost
 * O(B r c · standard deviation of a cell).
 */
export function fisherMonteCarlo(
  rows: readonly ArrayLike<number>[],
  options: PermutationOptions,
): FisherMonteCarlo | null {
  const used = rows.map((row) => Array.from(row)).filter((row) => row.some((count) => count > 0));
  const columns = used.length === 0 ? [] : used[0]!.map((_, j) => used.reduce((sum, row) => sum + row[j]!, 0));
  if (used.length < 2 || columns.filter((total) => total > 0).length < 2) return null;
  const totals = used.map((row) => row.reduce((a, b) => a + b, 0));
  const observed = used.reduce((sum, row) => sum + logWeight(row), 0) + ALIKE;
  let hits = 0;
  for (let b = 0; b < options.permutations; b++) if (drawTable(totals, columns, options) <= observed) hits++;
  return { p: (1 + hits) / (1 + options.permutations), tables: options.permutations };
}

/** ln of Π 1 / count!, to which a table's probability is proportional. */
function logWeight(row: readonly number[]): number {
  return row.reduce((sum, count) => sum - logGamma(count + 1), 0);
}

/** Deals each row's total to the columns, cell by cell, and returns the table's log weight. */
function drawTable(totals: readonly number[], columns: readonly number[], { random }: PermutationOptions): number {
  const left = [...columns];
  let weight = 0;
  for (let i = 0; i + 1 < totals.length; i++) {
    let rest = left.reduce((a, b) => a + b, 0);
    let drawn = totals[i]!;
    for (let j = 0; j < left.length; j++) {
      const available = left[j]!;
      const count = drawHypergeometric({ total: rest, marked: available, drawn }, random);
      rest -= available;
      drawn -= count;
      left[j] = available - count;
      weight -= logGamma(count + 1);
    }
  }
  return weight + logWeight(left);
}
