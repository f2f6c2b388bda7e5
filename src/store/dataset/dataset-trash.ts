import { and, eq, isNull, sql } from 'drizzle-orm';
import { datasets, versions } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';
import { datasetIdOf } from './dataset-names.ts';

/** A dataset by its name, or one that it had, be it deleted; nobody else records a version of it until the transaction ends. */
export async function lockNamedDataset(
  tx: Db,
  projectId: number,
  name: string,
): Promise<typeof datasets.$inferSelect | null> {
  const rows = await tx
    .select()
    .from(datasets)
    .where(eq(datasets.id, datasetIdOf(projectId, name)))
    .for('update');
  return rows[0] ?? null;
}

export type Moved = { readonly versions: number; readonly bytes: number };

/** Deletes a dataset: it is found no longer, and its versions are in the trash from the same moment. */
export async function trashDataset(tx: Db, id: number): Promise<Moved> {
  await tx.update(datasets).set({ deletedAt: sql`now()` }).where(eq(datasets.id, id));
  const rows = await tx
    .update(versions)
    .set({ trashedAt: sql`now()` })
    .where(and(eq(versions.datasetId, id), isNull(versions.trashedAt)))
    .returning({ bytes: versions.bytes });
  return sumOf(rows);
}

/** Takes a deleted dataset back, with the versions that went into the trash with it and are still there. */
export async function takeBackDataset(tx: Db, id: number): Promise<Moved> {
  const rows = await tx
    .update(versions)
    .set({ trashedAt: null })
    .where(
      and(
        eq(versions.datasetId, id),
        isNull(versions.purgedAt),
        sql`${versions.trashedAt} = (select deleted_at from datasets where id = ${id})`,
      ),
    )
    .returning({ bytes: versions.bytes });
  await reviveDataset(tx, id);
  return sumOf(rows);
}

/** A dataset that gets a version is none that was deleted. */
export async function reviveDataset(tx: Db, id: number): Promise<void> {
  await tx.update(datasets).set({ deletedAt: null }).where(eq(datasets.id, id));
}

const sumOf = (rows: readonly { readonly bytes: number }[]): Moved => ({
  versions: rows.length,
  bytes: rows.reduce((sum, row) => sum + row.bytes, 0),
});
