import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm';
import { datasets, versionProfiles, versions } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';
import { saveVersionProfile, type VersionProfileRow } from './profiles.ts';

/** Plain JSON, as it is stored. */
export type StoredReading = Readonly<Record<string, unknown>>;

export async function saveDatasetReading(tx: Db, id: number, reading: StoredReading): Promise<void> {
  await tx.update(datasets).set({ reading }).where(eq(datasets.id, id));
}

/** Versions of a dataset whose bytes are kept, oldest first, which nobody throws away until the transaction ends. */
export async function lockReadableVersions(
  tx: Db,
  datasetId: number,
): Promise<{ id: number; number: number; reading: unknown }[]> {
  return tx
    .select({ id: versions.id, number: versions.number, reading: versions.reading })
    .from(versions)
    .where(and(eq(versions.datasetId, datasetId), isNull(versions.purgedAt)))
    .orderBy(asc(versions.number))
    .for('update');
}

/** Has versions read otherwise from now on: what was known of them is forgotten. */
export async function rereadVersions(tx: Db, ids: readonly number[], reading: StoredReading): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .update(versions)
    .set({ reading })
    .where(inArray(versions.id, [...ids]));
  await tx
    .update(versionProfiles)
    .set({ state: 'pending', profile: null, schema: null, error: null, updatedAt: sql`now()` })
    .where(inArray(versionProfiles.versionId, [...ids]));
}

/**
 * Sets what is known of a version, unless it is to be read otherwise by now. @returns whether it was set.
 */
export async function saveProfileAsRead(
  tx: Db,
  reading: unknown,
  row: Omit<VersionProfileRow, 'updatedAt'>,
): Promise<boolean> {
  const [now] = await tx
    .select({ reading: versions.reading })
    .from(versions)
    .where(eq(versions.id, row.versionId))
    .for('share');
  if (now === undefined || JSON.stringify(now.reading) !== JSON.stringify(reading)) return false;
  await saveVersionProfile(tx, row);
  return true;
}
