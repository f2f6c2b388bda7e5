import { asc, eq, inArray } from 'drizzle-orm';
import { datasets, versionParents, versions } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

/** Says what a version was made from, in this order; one that is named twice counts once. */
export async function insertParents(tx: Db, versionId: number, parentIds: readonly number[]): Promise<void> {
  const rows = [...new Set(parentIds)].map((parentId, position) => ({ versionId, parentId, position }));
  if (rows.length > 0) await tx.insert(versionParents).values(rows);
}

/** A version that another was made from, by the names people know it by. */
export type ParentRow = {
  readonly versionId: number;
  readonly dataset: string;
  readonly number: number;
  readonly oid: string;
};

/** What these versions were made from; `versionId` is the one made. */
export async function listParents(db: Db, versionIds: readonly number[]): Promise<ParentRow[]> {
  if (versionIds.length === 0) return [];
  return db
    .select({
      versionId: versionParents.versionId,
      dataset: datasets.name,
      number: versions.number,
      oid: versions.oid,
    })
    .from(versionParents)
    .innerJoin(versions, eq(versions.id, versionParents.parentId))
    .innerJoin(datasets, eq(datasets.id, versions.datasetId))
    .where(inArray(versionParents.versionId, [...versionIds]))
    .orderBy(asc(versionParents.versionId), asc(versionParents.position));
}
