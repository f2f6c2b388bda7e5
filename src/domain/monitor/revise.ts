import { findVersionById } from '../../store/datasets.ts';
import { enqueue, enqueueForWindows } from '../../store/jobs.ts';
import { findModelById } from '../../store/models.ts';
import { insertRevision, lockMonitor, type MonitorRevisionRow, newestRevision } from '../../store/monitors.ts';
import type { Db } from '../../store/postgres/db.ts';
import { reopenFrom } from '../../store/windows.ts';
import { calibration, needsCalibration } from '../calibration/calibrate.ts';
import { configOf, type MonitorConfig } from '../configuration/config.ts';
import { rolesFor } from '../reference/reference.ts';

export type Revision = {
  readonly monitorId: number;
  readonly config: MonitorConfig;
  readonly version: { readonly id: number; readonly oid: string };
  /** Event time: windows that start before keep what they had. Null: since ever. */
  readonly effectiveFrom: Date | null;
  readonly reason: string;
};

/**
 * Adds a configuration in the caller's transaction, which holds the monitor's lock. Closed windows that it is in
 * force for are judged again, as a new revision of theirs; the reports they had stay.
 */
export async function addRevision(tx: Db, revision: Revision): Promise<MonitorRevisionRow> {
  const before = await newestRevision(tx, revision.monitorId);
  const row = await insertRevision(tx, {
    monitorId: revision.monitorId,
    revision: before.revision + 1,
    effectiveFrom: revision.effectiveFrom,
    config: revision.config,
    referenceVersionId: revision.version.id,
    referenceOid: revision.version.oid,
    reason: revision.reason,
  });
  if (needsCalibration(revision.config)) await enqueue(tx, calibration(row.id));
  const reopened = await reopenFrom(tx, revision.monitorId, revision.effectiveFrom);
  await enqueueForWindows(tx, 'judge-window', reopened);
  return row;
}

/**
 * Makes a dataset version the reference of a monitor for windows that start at or after `effectiveFrom`, in the
 * caller's transaction: what a promotion does. The rest of the configuration stays as it is; what the columns
 * are is taken from the model version that was trained on that data.
 * @returns the new revision, or the newest one when it compares with that version already.
 */
export async function moveReference(
  tx: Db,
  move: { monitorId: number; versionId: number; effectiveFrom: Date; reason: string },
): Promise<MonitorRevisionRow> {
  const monitor = await lockMonitor(tx, move.monitorId);
  const model = monitor === null ? null : await findModelById(tx, monitor.modelId);
  const version = await findVersionById(tx, move.versionId);
  if (monitor === null || model === null || version === null) {
    throw new Error(`monitor ${move.monitorId} or version ${move.versionId} does not exist`);
  }
  const before = await newestRevision(tx, monitor.id);
  if (before.referenceVersionId === version.id) return before;
  const roles = await rolesFor(tx, model, version.id);
  const { effectiveFrom, reason } = move;
  return addRevision(tx, {
    monitorId: monitor.id,
    config: { ...configOf(before), roles },
    version,
    effectiveFrom,
    reason,
  });
}
