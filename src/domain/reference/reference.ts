import { TidemarkError } from '../../errors.ts';
import type { VersionRow } from '../../store/dataset/datasets.ts';
import { findVersionById } from '../../store/dataset/datasets.ts';
import { findObject } from '../../store/inventory/objects.ts';
import {
  findModelVersionById,
  findVersionColumns,
  findVersionRows,
  listModelVersions,
  type ModelRow,
} from '../../store/monitor/models.ts';
import type { Db } from '../../store/postgres/db.ts';
import { invalidConfig, type MonitorConfig } from '../configuration/config.ts';
import { resolveVersion } from '../dataset/resolve.ts';
import { storedRoles } from '../model/version-roles.ts';
import { requireHealthy } from '../object/open-object.ts';

export type ChosenReference = { readonly version: VersionRow; readonly roles: MonitorConfig['roles'] };

/**
 * The dataset version that a monitor compares with: the one named, else the one that the model version was trained on whose
 * rows it judges, else the model's current version.
 * @throws TidemarkError `invalid-body` for a model version that there is not; `not-found`, `gone` and `object-corrupt` for data that is not there or not whole; `conflict` when
 * the model has no version yet.
 */
export async function chooseReference(
  db: Db,
  model: ModelRow,
  given: { dataset?: string | undefined; ref?: string | undefined; model_version?: string | undefined },
): Promise<ChosenReference> {
  const named = await requireModelVersion(db, model, given.model_version);
  const currentId = named?.id ?? model.currentVersionId;
  const current = currentId === null ? null : await findModelVersionById(db, currentId);
  if (given.dataset !== undefined) {
    const version = await findReference(db, model.projectId, { dataset: given.dataset, ref: given.ref ?? 'latest' });
    return { version, roles: await rolesFor(db, model, version.id) };
  }
  if (current === null) {
    throw new TidemarkError(
      'conflict',
      `The model "${model.name}" has no version yet; bind one with POST /v1/models/${model.name}/versions, or name a "dataset".`,
    );
  }
  const version = await findVersionById(db, current.datasetVersionId);
  // A model version's dataset version is never deleted.
  if (version === null) throw new Error(`dataset version ${current.datasetVersionId} is gone`);
  return { version, roles: plainRoles(storedRoles(current)) };
}

/** The version of a model that is named; null where none is. @throws TidemarkError `invalid-body` where it is none. */
export async function requireModelVersion(
  db: Db,
  model: ModelRow,
  name: string | undefined,
): Promise<{ readonly id: number } | null> {
  if (name === undefined) return null;
  const versions = await listModelVersions(db, model.id);
  const found = versions.find((version) => version.name === name);
  if (found !== undefined) return found;
  const known = versions.map((version) => version.name).slice(-20);
  const detail = `is no version of the model; it has ${known.length === 0 ? 'none' : known.join(', ')}`;
  throw invalidConfig([{ code: 'unknown-version', pointer: '/model_version', detail }]);
}

/**
 * The version that is named as a reference.
 * @throws TidemarkError `not-found`, `gone` for one that was thrown away, `object-corrupt` for one with bytes that are wrong
 * or lost: nothing could be compared with it.
 */
export async function findReference(
  db: Db,
  projectId: number,
  named: { readonly dataset: string; readonly ref: string },
): Promise<VersionRow> {
  const version = await resolveVersion(db, projectId, named.dataset, named.ref);
  const object = await findObject(db, projectId, version.oid);
  if (object !== null) await requireHealthy({ db }, object);
  return version;
}

/** What the columns are: as the model version trained on that data says (the newest), else as the current one does. */
export async function rolesFor(db: Db, model: ModelRow, datasetVersionId: number): Promise<MonitorConfig['roles']> {
  const versions = await listModelVersions(db, model.id);
  const trained = versions.findLast((version) => version.datasetVersionId === datasetVersionId);
  const chosen = trained ?? versions.find(({ id }) => id === model.currentVersionId);
  return chosen === undefined ? { ignore: [] } : plainRoles(storedRoles(chosen));
}

function plainRoles(roles: ReturnType<typeof storedRoles>): MonitorConfig['roles'] {
  const { prediction, score, label, id, timestamp, query, scores, ignore } = roles;
  const named = Object.entries({ prediction, score, label, id, timestamp, query }).filter(
    ([, name]) => name !== undefined,
  );
  return { ...Object.fromEntries(named), ...(scores !== undefined && { scores }), ignore: [...ignore] };
}

/**
 * The names of a reference's columns, or null while they are not known.
 * @throws TidemarkError `conflict` for data that no window can be compared with.
 */
export async function referenceColumnNames(db: Db, version: VersionRow): Promise<string[] | null> {
  const { state, columns } = await findVersionColumns(db, version.id);
  if (state === 'failed' || state === 'unsupported') {
    throw new TidemarkError(
      'conflict',
      `Version v${version.number} cannot be a reference: it was not readable as a table.`,
    );
  }
  if (state !== 'ready') return null;
  if ((await findVersionRows(db, version.id)) === 0) {
    throw new TidemarkError('conflict', `Version v${version.number} cannot be a reference: it has no rows.`);
  }
  return columns.map(({ name }) => name);
}
