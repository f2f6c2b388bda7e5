import { and, desc, eq, gt, sql } from 'drizzle-orm';
import {
  referencePerformance,
  reports,
  windowEstimates,
  windowPerformance,
  windows,
} from '../../schemas/tables/index.ts';
import { bigints } from './postgres/array-literal.ts';
import type { Db } from './postgres/db.ts';

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
  readonly window: typeof windows.$inferSelect;
  /** By the labels so far; null while it is not known. */
  readonly realised: 'worse' | 'no_worse' | null;
  /** Whether a worsening is too little for a later look at the labels to alarm. */
  readonly silent: boolean;
  /** Whether it is expected to be worse; null where nothing is estimated. */
  readonly estimated: boolean | null;
};

/** The newest windows of a monitor that begin after a point and were judged against this reference, in order. */
export async function listJudgedPerformance(
  db: Db,
  monitorId: number,
  { referenceOid, after, limit }: { referenceOid: string; after: Date | null; limit: number },
): Promise<JudgedPerformance[]> {
  const verdict = sql<string | null>`${windowPerformance.metrics}->'judgement'->>'verdict'`;
  const silent = sql<boolean>`coalesce(${windowPerformance.metrics}->'alarm'->>'alarms' = 'false', false)`;
  const comparing = (found: string) =>
    sql`jsonb_path_exists(${windowEstimates.estimate}, ${`$.comparisons[*] ? (@.verdict == "${found}")`}::jsonpath)`;
  const estimated = sql<
    boolean | null
  >`case when ${comparing('worse')} then true when ${comparing('no_worse')} then false end`;
  const rows = await db
    .select({ window: windows, verdict, silent, estimated })
    .from(windows)
    .innerJoin(reports, eq(reports.id, windows.reportId))
    .leftJoin(windowPerformance, eq(windowPerformance.windowId, windows.id))
    .leftJoin(windowEstimates, eq(windowEstimates.windowId, windows.id))
    .where(
      and(
        eq(windows.monitorId, monitorId),
        eq(reports.referenceOid, referenceOid),
        after === null ? undefined : gt(windows.start, after),
      ),
    )
    .orderBy(desc(windows.start))
    .limit(limit);
  return rows.toReversed().map((row) => ({
    window: row.window,
    realised: row.verdict === 'worse' || row.verdict === 'no_worse' ? row.verdict : null,
    silent: row.silent,
    estimated: row.estimated,
  }));
}
