import { z } from 'zod';
import { type AlertEvidence, alertEvidence } from '../../../schemas/wire/events.ts';
import type { Context } from '../../context.ts';
import { presentMeasure } from '../../stats/verdict/former-measures.ts';
import { MEASURES, type MeasureName } from '../../stats/verdict/measures.ts';
import { type EpisodeRow, type Evidence, listDriftedColumns } from '../../store/alert/alerts.ts';
import type { NamedMonitor } from '../../store/monitor/monitors.ts';
import { findReportParts, listEffects } from '../../store/monitor/reports.ts';
import { listDriftedSegments } from '../../store/monitor/segments.ts';
import type { WindowRow } from '../../store/monitor/windows.ts';
import type { Db } from '../../store/postgres/db.ts';
import { pointerOf } from '../dataset/version-pointer.ts';
import { describeMovedSlice, describeRelation, movedSlice } from '../report/describe-slice.ts';
import { columnWithValues, unseenByColumn } from '../report/describe-unseen.ts';
import { segmentText } from '../segment/judge-segments.ts';
import { linkTo } from '../webhook/link.ts';

/** A message stays well under 20 kB, whatever the width of the table. */
const WORST = 10;
/** Columns whose new values are named. */
const NEW_VALUES = 3;

/** Columns whose last windows are told too, and how many of them. */
const DRAWN = 5;
const WINDOWS = 24;

/** What is read of a report's body. */
const reportPart = z.object({
  counts: z.object({ drifted: z.int(), judged: z.int(), share: z.number().nullable() }),
  /** Absent where no measure of whole rows was made. */
  table: z.array(movedSlice).default([]),
  columns: z.array(columnWithValues),
});

export type Judged = {
  readonly project: string;
  readonly monitor: NamedMonitor;
  readonly window: Pick<WindowRow, 'start' | 'end'>;
  readonly evidence: Evidence;
};

/** What an alert says of the window it was last fed: kept with the episode, and sent with its messages. */
export async function gatherEvidence(
  tx: Db,
  ctx: Pick<Context, 'publicUrl'>,
  given: Judged & {
    readonly episodeId: string;
    readonly fingerprint: string;
    readonly severity: AlertEvidence['severity'];
    /** What is wrong besides drift. */
    readonly problem?: AlertEvidence['problem'];
    readonly metrics?: AlertEvidence['metrics'];
  },
): Promise<AlertEvidence> {
  const { monitor, window, evidence } = given;
  const { report, revision, reference } = evidence;
  const { counts, table, columns } = reportPart.parse(await findReportParts(tx, report.id));
  const inside = table.flatMap((finding) =>
    finding.drift === true ? (describeMovedSlice(finding) ?? describeRelation(finding) ?? []) : [],
  );
  const unseen = [...unseenByColumn(columns)].slice(0, NEW_VALUES).map(([name, text]) => `${name} has ${text}`);
  const drifted = await listDriftedColumns(tx, report.id);
  const worst = drifted.slice(0, WORST);
  const segments = (await listDriftedSegments(tx, report.id)).slice(0, WORST);
  const series = await seriesOf(tx, { monitorId: monitor.id, through: window.start, columns: worst.slice(0, DRAWN) });
  return {
    severity: given.severity,
    alert: given.episodeId,
    fingerprint: given.fingerprint,
    project: given.project,
    model: monitor.model,
    monitor: monitor.name,
    config_revision: revision.revision,
    reference: {
      dataset: evidence.dataset,
      version: reference.number,
      oid: reference.oid,
      pointer: pointerOf(reference),
    },
    window: { start: window.start.toISOString(), end: window.end.toISOString(), revision: report.revision },
    report: report.id,
    ...(given.problem !== undefined && { problem: given.problem }),
    ...(given.metrics !== undefined && { metrics: given.metrics }),
    rows: report.rows,
    columns_judged: counts.judged,
    columns_drifted: counts.drifted,
    share_drifted: counts.share,
    worst_columns: worst.map(({ column, verdict, measure, effect, limit, p, q, why }) => {
      const before = series.get(column);
      const drawn = before === undefined ? {} : { series: before };
      return { column, verdict, measure, effect, limit, direction: directionOf(measure), p, q, why, ...drawn };
    }),
    ...(segments.length > 0 && { segment: segments.map(({ by, value }) => segmentText(by, value)).join(', ') }),
    ...(inside.length > 0 && { slice: inside.join('; ') }),
    ...(unseen.length > 0 && { unseen: unseen.join('; ') }),
    truncated: drifted.length - worst.length,
    links: {
      alert: linkTo(ctx, given.project, `/alerts/${given.episodeId}`),
      report: linkTo(ctx, given.project, `/reports/${report.id}`),
    },
  };
}

type Drawing = {
  readonly monitorId: number;
  readonly through: Date;
  readonly columns: readonly { readonly column: string; readonly measure: string | null }[];
};

/** The effects of columns in the last windows, one for each window: those of another measure say nothing of this one. */
async function seriesOf(tx: Db, { monitorId, through, columns }: Drawing): Promise<Map<string, (number | null)[]>> {
  if (columns.length === 0) return new Map();
  const names = columns.map(({ column }) => column);
  const found = await listEffects(tx, monitorId, { columns: names, through, windows: WINDOWS });
  const starts = [...new Set(found.map(({ start }) => start.getTime()))];
  return new Map(
    columns.map(({ column, measure }) => {
      const own = found.filter((row) => row.column === column && nameNow(row.measure) === nameNow(measure));
      const effects = new Map(own.map(({ start, effect }) => [start.getTime(), effect]));
      return [column, starts.map((start) => effects.get(start) ?? null)];
    }),
  );
}

/** The values of a measure are alike in its versions. */
const nameNow = (measure: string | null): string | null => (measure === null ? null : presentMeasure(measure));

function directionOf(measure: string | null): 'higher' | 'lower' | 'both' | null {
  const name = nameNow(measure);
  return name !== null && Object.hasOwn(MEASURES, name) ? MEASURES[name as MeasureName].direction : null;
}

/** The evidence as it was kept; nothing but `gatherEvidence` writes it. */
export function evidenceOf(episode: Pick<EpisodeRow, 'summary'>): AlertEvidence {
  return alertEvidence.parse(episode.summary);
}
