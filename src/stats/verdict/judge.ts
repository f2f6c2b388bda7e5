import type { JudgeInput, Judgement, JudgePolicy } from './judgement.ts';
import { WholeTable } from './whole-table.ts';

export const DEFAULT_POLICY: JudgePolicy = Object.freeze({
  method: 'judge@5',
  alpha: 0.05,
  minimumRows: 50,
  limits: Object.freeze({}),
  measures: null,
  tableMeasures: Object.freeze([]),
  slices: false,
  adjustment: 'benjamini-hochberg',
  minimumDriftedColumns: 1,
  minimumDriftedShare: 0,
});

/**
 * Judges a window against its reference, column by column and as a whole. A column drifts when both hold:
 * - it is unlikely under no drift: its q-value (Benjamini and Hochberg over all judged columns, one p-value a
 *   column; or Yekutieli) is below `alpha`. Unless the policy chooses others, the p-value of a text column is the contingency chi-square's, where missing is a
 *   cell and so is every text of either side, by the law of random dealing where some are rare; that of a numeric one
 *   is the combined rank tests', and where either side has missing rows the smaller of that and the 2 x 2 test on
 *   the missing share, doubled (Bonferroni);
 * - it matters: one of its effects (unless others are chosen, Wasserstein over the reference's deviation, Jensen-Shannon distance, share
 *   of unseen texts, change of the missing share) reaches its limit and exceeds its 95 % point under no drift at these sizes.
 * Below `minimumRows` rows with a value on either side the verdict is `insufficient_data`, unless their share changed.
 * Pure and deterministic.
 */
export function judge(input: JudgeInput): Judgement {
  const policy: JudgePolicy = { ...DEFAULT_POLICY, ...input.policy };
  const whole = new WholeTable(policy, input.columns.length);
  for (const column of input.columns) whole.add(column);
  return whole.conclude();
}
