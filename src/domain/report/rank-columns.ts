import { desc, from, op } from 'arquero';

/** What one report said of one column. */
export type RankedVerdict = {
  readonly column: string;
  readonly verdict: string;
  readonly effect: number | null;
  readonly limit: number | null;
};

/**
 * Columns of many reports, the most telling first: by how often they drifted, then by the largest effect in units of
 * its limit, then by name. Pure.
 */
export function rankColumns(verdicts: readonly RankedVerdict[]): string[] {
  if (verdicts.length === 0) return [];
  const rows = verdicts.map(({ column, verdict, effect, limit }) => ({
    column,
    drifted: verdict === 'drift' ? 1 : 0,
    strength: effect === null || limit === null || limit === 0 ? 0 : Math.abs(effect) / limit,
  }));
  const ranked = from(rows)
    .groupby('column')
    .rollup({ drifted: op.sum('drifted'), strength: op.max('strength') })
    .orderby(desc('drifted'), desc('strength'), 'column');
  return Array.from(ranked.array('column'), String);
}
