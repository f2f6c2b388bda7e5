import { and, asc, eq, gt, isNull, sql } from 'drizzle-orm';
import { datasetRetention, datasets } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

export type DatasetRetentionRow = typeof datasetRetention.$inferSelect;

/** What of a dataset is kept; null: nothing by this rule. */
export type DatasetRule = Pick<DatasetRetentionRow, 'last' | 'withinSeconds' | 'daily' | 'tags'>;

export async function findDatasetRetention(db: Db, datasetId: number): Promise<DatasetRetentionRow | null> {
  const rows = await db.select().from(datasetRetention).where(eq(datasetRetention.datasetId, datasetId));
  return rows[0] ?? null;
}

export async function saveDatasetRetention(
  db: Db,
  row: DatasetRule & { readonly datasetId: number; readonly author: string },
): Promise<void> {
  const { datasetId: _, ...values } = row;
  await db
    .insert(datasetRetention)
    .values(row)
    .onConflictDoUpdate({
      target: datasetRetention.datasetId,
      // Carried out anew, whenever the one before it was.
      set: { ...values, updatedAt: sql`now()`, lastRunAt: null },
    });
}

/** Datasets that have a rule, by name, from the one after `after`. */
export async function listRuledDatasets(db: Db, projectId: number, page: { after: string; limit: number }) {
  return db
    .select({ id: datasets.id, name: datasets.name })
    .from(datasetRetention)
    .innerJoin(datasets, eq(datasets.id, datasetRetention.datasetId))
    .where(and(eq(datasets.projectId, projectId), gt(datasets.name, page.after), isNull(datasets.deletedAt)))
    .orderBy(asc(datasets.name))
    .limit(page.limit);
}

export async function dropDatasetRetention(db: Db, datasetId: number): Promise<void> {
  await db.delete(datasetRetention).where(eq(datasetRetention.datasetId, datasetId));
}

export async function noteDatasetRetention(tx: Db, datasetId: number): Promise<void> {
  await tx.update(datasetRetention).set({ lastRunAt: sql`now()` }).where(eq(datasetRetention.datasetId, datasetId));
}
