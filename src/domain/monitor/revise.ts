import { findVersionById } from '../../store/dataset/datasets.ts';
import { enqueue, enqueueForWindows } from '../../store/jobs/jobs.ts';
import { findModelById } from '../../store/monitor/models.ts';
import {
  insertRevision,
  listRevisions,
  lockMonitor,
  type MonitorRevisionRow,
  type NamedRevision,
} from '../../store/monitor/monitors.ts';
import { reopenFrom } from '../../store/monitor/windows.ts';
import type { Db } from '../../store/postgres/db.ts';
import { calibration, needsCalibration } from '../calibration/calibrate.ts';
import { configOf, type MonitorConfig } from '../configuration/config.ts';
import { rolesFor } from '../reference/reference.ts';
import { inForceAt, takingOverAfter } from './timeline.ts';

export type NextRevision = {
  readonly config: MonitorConfig;
  readonly version: { readonly id: number; readonly oid: string };
};

export type Revision = {
  readonly monitorId: number;
  /** Event time: windows that start before keep what they had. Null: since ever. */
  readonly effectiveFrom: Date | null;
  readonly author: string;
  readonly reason: string;
  /** What is made of a configuration; null where nothing would differ. */
  readonly change: (before: NamedRevision) => Promise<NextRevision | null>;
};

/**
 * Makes a change from a point in time on, in the caller's transaction, which holds the monitor's lock: on top of what is
 * in force there, and of each configuration that takes over later, so that none of them undoes it or is lost. Closed
 * windows that it is in force for are judged again, as a new revision of theirs; the reports they had stay.
 * @returns the revision that takes effect first; null when nothing would differ.
 */
export async function reviseFrom(tx: Db, given: Revision): Promise<MonitorRevisionRow | null> {
  const { monitorId, effectiveFrom, author, reason, change } = given;
  const revisions = await listRevisions(tx, monitorId);
  const base = inForceAt(revisions, effectiveFrom);
  if (base === null) throw new Error(`monitor ${monitorId} has no revision in force`);
  let number = Math.max(...revisions.map(({ revision }) => revision));
  let first: MonitorRevisionRow | null = null;
  for (const before of [base, ...takingOverAfter(revisions, effectiveFrom)]) {
    const next = await change(before);
    // One that stays as it is has to be made again to take over from what was just made before it.
    if (next === null && first === null) continue;
    const { config, version } = next ?? { config: configOf(before), version: referenceOf(before) };
    const made = await insertRevision(tx, {
      ...{ monitorId, revision: ++number, config, author },
      effectiveFrom: before === base ? effectiveFrom : before.effectiveFrom,
      referenceVersionId: version.id,
      referenceOid: version.oid,
      reason: before === base ? reason : `${reason} (with revision ${before.revision}: ${before.reason})`,
    });
    if (needsCalibration(config)) await enqueue(tx, calibration(made.id));
    first ??= made;
  }
  if (first === null) return null;
  await enqueueForWindows(tx, 'judge-window', await reopenFrom(tx, monitorId, first.effectiveFrom));
  return first;
}

const referenceOf = ({ referenceVersionId, referenceOid }: NamedRevision) => ({
  id: referenceVersionId,
  oid: referenceOid,
});

/**
 * Makes a dataset version the reference of a monitor for windows that start at or after `effectiveFrom`, in the
 * caller's transaction: what a promotion does. The rest of the configuration stays as it is; what the columns
 * are is taken from the model version that was trained on that data.
 * @returns the new revision, or the one in force when it compares with that version already.
 */
export async function moveReference(
  tx: Db,
  move: { monitorId: number; versionId: number; effectiveFrom: Date; author: string; reason: string },
): Promise<MonitorRevisionRow> {
  const monitor = await lockMonitor(tx, move.monitorId);
  const model = monitor === null ? null : await findModelById(tx, monitor.modelId);
  const version = await findVersionById(tx, move.versionId);
  if (monitor === null || model === null || version === null) {
    throw new Error(`monitor ${move.monitorId} or version ${move.versionId} does not exist`);
  }
  const roles = await rolesFor(tx, model, version.id);
  const { effectiveFrom, author, reason } = move;
  const change = async (before: NamedRevision) =>
    before.referenceVersionId === version.id ? null : { config: { ...configOf(before), roles }, version };
  const made = await reviseFrom(tx, { monitorId: monitor.id, effectiveFrom, author, reason, change });
  const inForce = made ?? inForceAt(await listRevisions(tx, monitor.id), effectiveFrom);
  if (inForce === null) throw new Error(`monitor ${monitor.id} has no revision in force`);
  return inForce;
}
