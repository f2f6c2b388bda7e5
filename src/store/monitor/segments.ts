import { and, asc, desc, eq, inArray, isNotNull, lt } from 'drizzle-orm';
import { segmentVerdicts, windows } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

export type SegmentVerdictRow = typeof segmentVerdicts.$inferSelect;

export async function insertSegmentVerdicts(
  tx: Db,
  rows: readonly (typeof segmentVerdicts.$inferInsert)[],
): Promise<void> {
  if (rows.length > 0) await tx.insert(segmentVerdicts).values([...rows]);
}

/** The segments that drifted in a report, in its order. */
export async function listDriftedSegments(db: Db, reportId: string): Promise<SegmentVerdictRow[]> {
  return db
    .select()
    .from(segmentVerdicts)
    .where(and(eq(segmentVerdicts.reportId, reportId), eq(segmentVerdicts.verdict, 'drift')))
    .orderBy(asc(segmentVerdicts.position));
}

/** The newest windows of a monitor that have a report and begin before a point in time, with its verdicts on segments. */
export async function listSegmentSeries(
  db: Db,
  monitorId: number,
  page: { readonly before: Date | null; readonly limit: number },
): Promise<{ start: Date; report: string; segments: SegmentVerdictRow[] }[]> {
  const found = await db
    .select({ start: windows.start, report: windows.reportId })
    .from(windows)
    .where(
      and(
        eq(windows.monitorId, monitorId),
        isNotNull(windows.reportId),
        page.before === null ? undefined : lt(windows.start, page.before),
      ),
    )
    .orderBy(desc(windows.start))
    .limit(page.limit);
  const ids = found.flatMap(({ report }) => report ?? []);
  const rows =
    ids.length === 0
      ? []
      : await db
          .select()
          .from(segmentVerdicts)
          .where(inArray(segmentVerdicts.reportId, ids))
          .orderBy(asc(segmentVerdicts.position));
  const byReport = Map.groupBy(rows, ({ reportId }) => reportId);
  return found
    .toReversed()
    .flatMap(({ start, report }) => (report === null ? [] : [{ start, report, segments: byReport.get(report) ?? [] }]));
}
