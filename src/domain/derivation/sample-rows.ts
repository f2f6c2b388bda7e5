import type { RowSelection } from '../../formats/columns/row-selection.ts';
import { xoshiro128 } from '../../stats/sampling/xoshiro128.ts';

/**
 * Leaves all but `wanted` of the taken rows, every choice equally likely, by selection sampling (Knuth, volume 2,
 * algorithm S): one number of the generator a row, in the order of the rows.
 * @param complement keeps the others instead, so that two calls with one seed give two parts of the whole.
 */
export function keepCount(selections: readonly RowSelection[], wanted: number, seed: number, complement = false): void {
  const random = xoshiro128(seed);
  let left = selections.reduce((sum, { count }) => sum + count, 0);
  let missing = Math.min(wanted, left);
  for (const selection of selections) {
    for (let row = 0; row < selection.rows; row++) {
      if (!selection.has(row)) continue;
      const chosen = random() * left < missing;
      left--;
      if (chosen) missing--;
      if (chosen === complement) selection.leave(row);
    }
  }
}

/** Keeps each of the taken rows with this chance, one number of the generator a row. */
export function keepShare(selections: readonly RowSelection[], share: number, seed: number): void {
  const random = xoshiro128(seed);
  for (const selection of selections) {
    for (let row = 0; row < selection.rows; row++) {
      if (selection.has(row) && random() >= share) selection.leave(row);
    }
  }
}
