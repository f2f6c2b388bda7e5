import { enqueue } from '../../store/jobs/jobs.ts';
import { listModelMonitors, lockMonitor, type MonitorRow, presentRevision } from '../../store/monitor/monitors.ts';
import type { Db } from '../../store/postgres/db.ts';
import { configOf } from '../configuration/config.ts';
import { moveReference } from '../monitor/revise.ts';

/**
 * The monitors of a model that go with the version in service, locked: they compare with what that was trained on and look
 * at the rows of all versions. One of a single version goes on comparing with what that was trained on, and one that was
 * given other data compares with that. The caller holds the model's lock.
 */
export async function lockFollowers(tx: Db, modelId: number, datasetVersionId: number): Promise<MonitorRow[]> {
  const all = await listModelMonitors(tx, modelId);
  const followers: MonitorRow[] = [];
  for (const { id } of all.toSorted((a, b) => a.id - b.id)) {
    if (!(await goesWith(tx, id, datasetVersionId))) continue;
    const monitor = await lockMonitor(tx, id);
    // Whoever held it may have deleted it or given it other data.
    if (monitor === null || monitor.deletedAt !== null) continue;
    if (await goesWith(tx, id, datasetVersionId)) followers.push(monitor);
  }
  return followers;
}

async function goesWith(tx: Db, monitorId: number, datasetVersionId: number): Promise<boolean> {
  const revision = await presentRevision(tx, monitorId);
  return configOf(revision).model_version === undefined && revision.referenceVersionId === datasetVersionId;
}

export type Following = {
  readonly versionId: number;
  readonly effectiveFrom: Date;
  readonly author: string;
  readonly reason: string;
};

/**
 * Has monitors compare with another version from a point in time on, in the caller's transaction. Their alerts, which were
 * about the former one, end in transactions of their own, under their monitors' locks.
 */
export async function follow(tx: Db, monitors: readonly Pick<MonitorRow, 'id'>[], given: Following): Promise<void> {
  for (const { id } of monitors.toSorted((a, b) => a.id - b.id)) {
    await lockMonitor(tx, id);
    await moveReference(tx, { monitorId: id, ...given });
    await enqueue(tx, { name: 'evaluate-alert', key: `monitor:${id}`, payload: { monitorId: id } });
  }
}
