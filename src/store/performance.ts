import { eq, sql } from 'drizzle-orm';
import { referencePerformance, windowEstimates, windowPerformance } from '../../schemas/tables/index.ts';
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
