import { and, desc, eq, gt, inArray, lt, lte, sql } from 'drizzle-orm';
import { batches, reports, windows } from '../../schemas/tables/index.ts';
import { bigints } from './postgres/array-literal.ts';
import type { Db } from './postgres/db.ts';

export type CheckedWindow = {
  readonly start: Date;
  readonly end: Date;
  readonly rows: number;
  /** Null in reports from before there were checks. */
  readonly checks: unknown;
};

/** Judged windows of a monitor with rows that ended by a point in time, newest first. */
export async function listCheckedWindows(
  db: Db,
  monitorId: number,
  { by, limit }: { by: Date; limit: number },
): Promise<CheckedWindow[]> {
  return db
    .select({ start: windows.start, end: windows.end, rows: windows.rows, checks: reports.checks })
    .from(windows)
    .innerJoin(reports, eq(reports.id, windows.reportId))
    .where(and(eq(windows.monitorId, monitorId), lt(windows.start, by), lte(windows.end, by), gt(windows.rows, 0)))
    .orderBy(desc(windows.start))
    .limit(limit);
}

/** The checks of reports, by report. */
export async function listChecks(db: Db, reportIds: readonly string[]): Promise<Map<string, unknown>> {
  if (reportIds.length === 0) return new Map();
  const rows = await db
    .select({ id: reports.id, checks: reports.checks })
    .from(reports)
    .where(inArray(reports.id, [...reportIds]));
  return new Map(rows.map(({ id, checks }) => [id, checks]));
}

/** When batches came, and the last event time in each. */
export async function listArrivals(
  db: Db,
  batchIds: readonly number[],
): Promise<Map<number, { readonly receivedAt: Date; readonly maxTime: Date | null }>> {
  const rows = await db
    .select({ id: batches.id, receivedAt: batches.receivedAt, maxTime: batches.maxTime })
    .from(batches)
    .where(sql`${batches.id} = any(${bigints(batchIds)}::int8[])`);
  return new Map(rows.map(({ id, ...arrival }) => [id, arrival]));
}
