import type { MatteringColumn } from '../../../schemas/wire/importance.ts';
import { studentTwoSidedTail } from '../../stats/special/student-t.ts';
import { spearmanCorrelation } from '../../stats/table/correlations.ts';

/** Which of the columns that drifted matter to the model. Pure. */

export type DriftedColumn = {
  readonly name: string;
  /** What it is to the model; only its features matter to what it predicts. */
  readonly role: string;
  readonly effect: number | null;
  readonly limit: number | null;
};

/** A window in which the column was judged and the model's performance is known, or estimated. */
export type DriftAndPerformance = { readonly drift: number; readonly worsening: number; readonly estimated: boolean };

/** Fewer windows show no correlation. */
const FEWEST_WINDOWS = 8;

/** Spearman's rank correlation, its p by Student's t. */
const METHOD = 'spearman/student-t@1';

/** An effect in units of its limit; null where either is missing. */
export const driftOf = (effect: number | null, limit: number | null): number | null =>
  effect === null || limit === null ? null : Math.abs(effect) / Math.max(limit, 1e-12);

/** The columns in the order in which they matter: by importance times drift, then by drift. */
export function rankMattering(
  columns: readonly DriftedColumn[],
  shares: Readonly<Record<string, number>>,
): Omit<MatteringColumn, 'correlation'>[] {
  const known = Object.keys(shares).length > 0;
  const weighed = columns.map(({ name, role, effect, limit }) => {
    const drift = driftOf(effect, limit);
    const importance = known && role === 'feature' ? (shares[name] ?? 0) : null;
    return {
      column: name,
      importance,
      drift,
      weight: importance === null || drift === null ? null : importance * drift,
    };
  });
  return weighed.sort((a, b) => (b.weight ?? -1) - (a.weight ?? -1) || (b.drift ?? -1) - (a.drift ?? -1));
}

/** How a column's drift and the model's worsening go together; null where windows are too few, or one of both is still. */
export function correlateWithPerformance(
  windows: readonly DriftAndPerformance[],
  metric: string,
): MatteringColumn['correlation'] {
  if (windows.length < FEWEST_WINDOWS) return null;
  const drifts = Float64Array.from(windows, ({ drift }) => drift);
  const worsenings = Float64Array.from(windows, ({ worsening }) => worsening);
  if (new Set(drifts).size < 2 || new Set(worsenings).size < 2) return null;
  const value = spearmanCorrelation(drifts, worsenings);
  if (value === null) return null;
  const degrees = windows.length - 2;
  const t = value * Math.sqrt(degrees / Math.max(1e-300, 1 - value * value));
  const estimated = windows.some((one) => one.estimated);
  return { method: METHOD, metric, value, p: studentTwoSidedTail(t, degrees), windows: windows.length, estimated };
}
