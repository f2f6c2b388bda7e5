import { inArray, sql } from 'drizzle-orm';
import { batches, reports } from '../../../schemas/tables/index.ts';
import { bigints } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';

/** What a judged window tells of what is usual. Times in milliseconds since 1970. */
export type CheckedWindow = {
  readonly start: number;
  readonly end: number;
  readonly rows: number;
  /** Seconds, as its check of freshness found it; null where it found none. */
  readonly lag: number | null;
  /** Which of its checks found something unusual. */
  readonly unsound: { readonly volume: boolean; readonly freshness: boolean };
};

/** In the order of the statement. */
type Told = [start: number, end: number, rows: number, lag: number | null, volume: boolean, freshness: boolean];

const isUnsound = (check: string) =>
  sql`coalesce(checks @> ${JSON.stringify([{ check, verdict: 'unsound' }])}::jsonb, false)`;

/**
 * Judged windows of a monitor with rows that ended by a point in time, newest first. Each verdict asks for those of
 * months, so they come as one value of numbers: row by row, with their checks in full, they take longer than the verdict.
 */
export async function listCheckedWindows(
  db: Db,
  monitorId: number,
  { by, limit }: { by: Date; limit: number },
): Promise<CheckedWindow[]> {
  const [found] = await db.execute<{ told: Told[] | null }>(sql`
    select json_agg(json_build_array(
      (extract(epoch from start) * 1000)::float8, (extract(epoch from "end") * 1000)::float8, rows,
      (jsonb_path_query_first(checks, '$[*] ? (@.check == "freshness").value') #>> '{}')::float8,
      ${isUnsound('volume')}, ${isUnsound('freshness')}) order by start desc) as told
    from (
      select w.start, w.end, w.rows, r.checks from windows w join reports r on r.id = w.report_id
      where w.monitor_id = ${monitorId}::int8 and w.start < ${by.toISOString()}::timestamptz
        and w.end <= ${by.toISOString()}::timestamptz and w.rows > 0
      order by w.start desc limit ${limit}) recent`);
  return (found?.told ?? []).map(([start, end, rows, lag, volume, freshness]) => {
    return { start, end, rows, lag, unsound: { volume, freshness } };
  });
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

/** Names of the checks that found something unusual, by report, in the order of the report; for lists of many. */
export async function listUnsound(db: Db, reportIds: readonly string[]): Promise<Map<string, readonly string[]>> {
  if (reportIds.length === 0) return new Map();
  const rows = await db
    .select({
      id: reports.id,
      names: sql<string[] | null>`jsonb_path_query_array(${reports.checks}, '$[*] ? (@.verdict == "unsound").check')`,
    })
    .from(reports)
    .where(inArray(reports.id, [...reportIds]));
  return new Map(rows.map(({ id, names }) => [id, names ?? []]));
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
