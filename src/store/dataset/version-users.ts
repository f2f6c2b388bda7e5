import { asc, eq } from 'drizzle-orm';
import { models, modelVersions, versions } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

/** A model version that was trained on a version of a dataset. */
export type VersionUser = {
  readonly versionId: number;
  readonly model: string;
  readonly modelVersion: string;
  /** It is the one in service. */
  readonly current: boolean;
};

/** Who was trained on the versions of a dataset, by model and order of making. */
export async function listVersionUsers(db: Db, datasetId: number): Promise<VersionUser[]> {
  const rows = await db
    .select({
      versionId: versions.id,
      model: models.name,
      modelVersion: modelVersions.name,
      id: modelVersions.id,
      currentId: models.currentVersionId,
    })
    .from(modelVersions)
    .innerJoin(models, eq(models.id, modelVersions.modelId))
    .innerJoin(versions, eq(versions.id, modelVersions.datasetVersionId))
    .where(eq(versions.datasetId, datasetId))
    .orderBy(asc(models.name), asc(modelVersions.number));
  return rows.map(({ id, currentId, ...user }) => ({ ...user, current: id === currentId }));
}
