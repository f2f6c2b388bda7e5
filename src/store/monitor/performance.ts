import { eq, sql } from 'drizzle-orm';
import {
  referencePerformance,
  windowEstimates,
  windowPerformance,
  type windows,
} from '../../../schemas/tables/index.ts';
import { bigints } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';

export type PerformanceRow = typeof windowPerformance.$inferSelect;

/** Keeps how well the model did in a window; the last measurement stands. */
export async function savePerformance(
  tx: Db,
  row: Pick<PerformanceRow, 'windowId' | 'rows' | 'labelled' | 'metrics'>,
): Promise<void> {
  const { windowId: _, ...values } = row;
  await tx
    .insert(windowPerformance)
    .values(row)
    .onConflictDoUpdate({ target: windowPerformance.windowId, set: { ...values, computedAt: sql`now()` } });
}

export async function listPerformance(db: Db, windowIds: readonly number[]): Promise<Map<number, PerformanceRow>> {
  const rows = await db
    .select()
    .from(windowPerformance)
    .where(sql`${windowPerformance.windowId} = any(${bigints(windowIds)}::int8[])`);
  return new Map(rows.map((row) => [row.windowId, row]));
}

export type EstimateRow = typeof windowEstimates.$inferSelect;

/** Keeps what a window's performance is expected to be, in place of what an earlier revision of it was. */
export async function saveEstimate(
  tx: Db,
  row: Pick<EstimateRow, 'windowId' | 'revision' | 'estimate'>,
): Promise<void> {
  const { windowId: _, ...values } = row;
  await tx
    .insert(windowEstimates)
    .values(row)
    .onConflictDoUpdate({ target: windowEstimates.windowId, set: { ...values, computedAt: sql`now()` } });
}

export async function listEstimates(db: Db, windowIds: readonly number[]): Promise<Map<number, EstimateRow>> {
  const rows = await db
    .select()
    .from(windowEstimates)
    .where(sql`${windowEstimates.windowId} = any(${bigints(windowIds)}::int8[])`);
  return new Map(rows.map((row) => [row.windowId, row]));
}

/** How well a revision's reference predicts its own labels; null while that was not measured. */
export async function findReferencePerformance(db: Db, monitorRevisionId: number): Promise<unknown> {
  const rows = await db
    .select({ metrics: referencePerformance.metrics })
    .from(referencePerformance)
    .where(eq(referencePerformance.monitorRevisionId, monitorRevisionId));
  return rows[0]?.metrics ?? null;
}

/** It is a function of the revision alone, so a second writer leaves what is there. */
export async function saveReferencePerformance(db: Db, monitorRevisionId: number, metrics: unknown): Promise<void> {
  await db.insert(referencePerformance).values({ monitorRevisionId, metrics }).onConflictDoNothing();
}

export type JudgedPerformance = {
  readonly window: Pick<typeof windows.$inferSelect, 'id' | 'start' | 'end' | 'reportId'>;
  /** By the labels so far; null while it is not known. */
  readonly realised: 'worse' | 'no_worse' | null;
  /** Whether a worsening is too little for a later look at the labels to alarm. */
  readonly silent: boolean;
  /** Whether it is expected to be worse; null where nothing is estimated. */
  readonly estimated: boolean | null;
};

/** In the order of the statement; times in milliseconds since 1970. */
type ToldPerformance = [
  ...[id: number, start: number, end: number, reportId: string],
  ...[verdict: string | null, silent: boolean, estimated: boolean | null],
];

const comparing = (found: string) =>
  sql`jsonb_path_exists(e.estimate, ${`$.comparisons[*] ? (@.verdict == "${found}")`}::jsonpath)`;

/**
 * The newest windows of a monitor that begin after a point and were judged against this reference, in order. Each verdict
 * asks for those of months, so they come as one value, as in `listCheckedWindows`.
 */
export async function listJudgedPerformance(
  db: Db,
  monitorId: number,
  { referenceOid, after, limit }: { referenceOid: string; after: Date | null; limit: number },
): Promise<JudgedPerformance[]> {
  const [found] = await db.execute<{ told: ToldPerformance[] | null }>(sql`
    select json_agg(json_build_array(id, (extract(epoch from start) * 1000)::float8,
      (extract(epoch from "end") * 1000)::float8, report_id, verdict, silent, estimated) order by start) as told
    from (
      select w.id, w.start, w.end, w.report_id, p.metrics->'judgement'->>'verdict' as verdict,
        coalesce(p.metrics->'alarm'->>'alarms' = 'false', false) as silent,
        case when ${comparing('worse')} then true when ${comparing('no_worse')} then false end as estimated
      from windows w join reports r on r.id = w.report_id
        left join window_performance p on p.window_id = w.id
        left join window_estimates e on e.window_id = w.id
      where w.monitor_id = ${monitorId}::int8 and r.reference_oid = ${referenceOid}
        and w.start > coalesce(${after?.toISOString() ?? null}::timestamptz, '-infinity')
      order by w.start desc limit ${limit}) newest`);
  return (found?.told ?? []).map(([id, start, end, reportId, verdict, silent, estimated]) => ({
    window: { id, start: new Date(start), end: new Date(end), reportId },
    realised: verdict === 'worse' || verdict === 'no_worse' ? verdict : null,
    silent,
    estimated,
  }));
}
