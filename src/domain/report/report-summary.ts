import { z } from 'zod';
import type { Mattering } from '../../../schemas/wire/importance.ts';
import { storedEstimate, storedPerformance } from '../../../schemas/wire/performance.ts';
import { sliceView } from '../../../schemas/wire/slices.ts';
import { listEstimates, listPerformance } from '../../store/monitor/performance.ts';
import { type ColumnVerdictRow, listColumnSeries, type ReportRow } from '../../store/monitor/reports.ts';
import type { WindowRow } from '../../store/monitor/windows.ts';
import type { Db } from '../../store/postgres/db.ts';
import { segmentText } from '../segment/judge-segments.ts';
import { describeMeasure } from './describe-measure.ts';
import { describeMovedSlice, describeRelation, describeSlice, movedSlice } from './describe-slice.ts';
import { columnWithValues, unseenByColumn } from './describe-unseen.ts';
import { summarise } from './summary.ts';
import { readChecks } from './usual-windows.ts';

/** Columns whose beginning is looked for, and windows that are looked back at. */
const MOST_COLUMNS = 3;
const MOST_WINDOWS = 500;

/** What the summary reads of a stored report. */
const bodyPart = z.object({
  /** `windows`: those that stood in for the dataset version. */
  reference: z.object({
    dataset: z.string(),
    version: z.number(),
    windows: z.array(z.unknown()).optional(),
    windows_found: z.number().optional(),
    windows_needed: z.number().optional(),
    windows_adopted: z.number().optional(),
  }),
  columns: z.array(columnWithValues),
  violations: z.array(z.object({ column: z.string(), code: z.string(), count: z.number() })),
  /** Absent in reports from before they were looked for. */
  slices: z.array(sliceView).default([]),
  /** Absent where no measure of whole rows was made. */
  table: z.array(movedSlice).default([]),
  /** Absent where none were asked for. */
  segments: z
    .array(
      z.object({ by: z.string(), values: z.array(z.object({ value: z.string().nullable(), verdict: z.string() })) }),
    )
    .default([]),
});

/**
 * A report in one paragraph. The part about performance is as fresh as the labels are; the report itself never changes.
 */
export async function reportSummary(
  db: Db,
  given: {
    readonly report: ReportRow;
    readonly window: WindowRow;
    /** Its verdicts on columns. */
    readonly columns: readonly ColumnVerdictRow[];
    readonly mattering: Mattering;
  },
): Promise<string> {
  const { report, window, columns, mattering } = given;
  const performance = (await listPerformance(db, [window.id])).get(window.id);
  const estimate = (await listEstimates(db, [window.id])).get(window.id);
  const { reference, violations, slices, segments, table, columns: found } = bodyPart.parse(report.body);
  return summarise({
    verdict: report.verdict,
    rows: report.rows,
    reference: reference.windows === undefined ? `${reference.dataset}@v${reference.version}` : 'its reference windows',
    referenceNote: noteOf(reference),
    slice: slices[0] === undefined ? '' : describeSlice(slices[0]),
    inside: table.flatMap((finding) => (finding.drift === true ? (describeMovedSlice(finding) ?? []) : [])),
    together: table.flatMap((finding) => (finding.drift === true ? (describeRelation(finding) ?? []) : [])),
    segments: segments.flatMap(({ by, values }) =>
      values.filter((one) => one.verdict === 'drift').map(({ value }) => segmentText(by, value)),
    ),
    unseen: unseenByColumn(found),
    columns: columns.map(({ column, verdict, measure, effect, limit }) => ({
      name: column,
      verdict,
      measure: measure === null ? null : describeMeasure(measure).title,
      effect,
      limit,
    })),
    since: await driftedSince(db, report.monitorId, window, columns),
    start: window.start,
    checks: readChecks(report.checks),
    mattering,
    violations,
    performance: performance === undefined ? null : storedPerformance.parse(performance.metrics),
    estimate: estimate?.revision === report.revision ? storedEstimate.parse(estimate.estimate) : null,
  });
}

/** What is to be known of the windows that it was compared with; empty where there is nothing. */
function noteOf(reference: z.infer<typeof bodyPart>['reference']): string {
  const { windows = [], windows_found: found, windows_needed: needed, windows_adopted: adopted } = reference;
  if (needed !== undefined)
    return `It is compared with the windows before it, and ${found ?? 0} of ${needed} are there.`;
  if (adopted === undefined) return '';
  return `Of its ${windows.length} reference windows ${adopted} had drifted themselves, in a change that lasted and is taken for what is normal.`;
}

/** The start of the first window of the unbroken run in which each of the strongest columns has drifted. */
async function driftedSince(
  db: Db,
  monitorId: number,
  { start }: WindowRow,
  columns: readonly ColumnVerdictRow[],
): Promise<Map<string, Date>> {
  const since = new Map<string, Date>();
  const strength = ({ effect, limit }: ColumnVerdictRow): number => Math.abs(effect ?? 0) / Math.max(limit ?? 0, 1e-12);
  const drifted = columns.filter(({ verdict }) => verdict === 'drift').sort((a, b) => strength(b) - strength(a));
  for (const { column } of drifted.slice(0, MOST_COLUMNS)) {
    const series = await listColumnSeries(db, monitorId, { column, before: start, limit: MOST_WINDOWS });
    const calm = series.findLastIndex(({ verdict }) => verdict.verdict !== 'drift');
    since.set(column, series[calm + 1]?.window.start ?? start);
  }
  return since;
}
