import { findVersionColumns, type ModelVersionRow, type VersionColumns } from '../../store/monitor/models.ts';
import type { Db } from '../../store/postgres/db.ts';
import { completeRoles, type StoredRoles } from './roles.ts';

export type VersionRoles = {
  readonly roles: StoredRoles;
  /** The dataset version's columns in order; empty while its profile is not ready. */
  readonly columns: VersionColumns['columns'];
  readonly state: VersionColumns['state'];
};

/**
 * What the columns of a model version's training data are. A version may be bound before its data is profiled;
 * its roles are then completed here, each time alike, since neither the profile nor the binding ever changes.
 */
export async function versionRoles(
  db: Db,
  version: Pick<ModelVersionRow, 'roles' | 'datasetVersionId'>,
): Promise<VersionRoles> {
  const stored = storedRoles(version);
  const { state, columns } = await findVersionColumns(db, version.datasetVersionId);
  return { roles: stored.pending && state === 'ready' ? completeRoles(stored, columns) : stored, columns, state };
}

/** The column holds what `completeRoles` or `pendingRoles` made, and nothing else writes it. */
export function storedRoles(version: Pick<ModelVersionRow, 'roles'>): StoredRoles {
  return version.roles as StoredRoles;
}
