import type { Context } from '../../context.ts';
import { listSegmentSeries, type SegmentVerdictRow } from '../../store/monitor/segments.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { findNamed, type MonitorName } from './read.ts';

export type SegmentSeries = {
  /** In order of time. */
  readonly windows: readonly { readonly start: Date; readonly report: string }[];
  /** Those that drifted most often first; `verdicts[w]` is null where it was not judged. */
  readonly segments: readonly {
    readonly by: string;
    readonly value: string | null;
    readonly verdicts: readonly (SegmentVerdictRow | null)[];
  }[];
};

/** The segments of the newest `limit` judged windows that begin before `before`. @throws TidemarkError `not-found`. */
export async function readSegmentSeries(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: MonitorName & { readonly before: Date | null; readonly limit: number },
): Promise<SegmentSeries> {
  requireScope(actor, 'monitors:read');
  const monitor = await findNamed(ctx.db, actor.projectId, given.model, given.monitor);
  const series = await listSegmentSeries(ctx.db, monitor.id, given);
  const keyOf = ({ by, value }: SegmentVerdictRow): string => JSON.stringify([by, value]);
  const names = new Map(series.flatMap(({ segments }) => segments.map((row) => [keyOf(row), row] as const)));
  const byWindow = series.map(({ segments }) => new Map(segments.map((row) => [keyOf(row), row])));
  const drifts = (verdicts: readonly (SegmentVerdictRow | null)[]): number =>
    verdicts.filter((row) => row?.verdict === 'drift').length;
  return {
    windows: series.map(({ start, report }) => ({ start, report })),
    segments: [...names]
      .map(([key, { by, value }]) => ({ by, value, verdicts: byWindow.map((rows) => rows.get(key) ?? null) }))
      .sort((a, b) => drifts(b.verdicts) - drifts(a.verdicts)),
  };
}
