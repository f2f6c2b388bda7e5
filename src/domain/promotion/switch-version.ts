import type { Context } from '../../context.ts';
import { findProjectById } from '../../store/access.ts';
import { nameVersion } from '../../store/datasets.ts';
import { enqueue } from '../../store/jobs.ts';
import {
  findModelVersionById,
  lockModel,
  type ModelRow,
  type ModelVersionRow,
  setCurrentVersion,
} from '../../store/models.ts';
import { listModelMonitors, type MonitorRow, presentRevision } from '../../store/monitors.ts';
import type { Db } from '../../store/postgres/db.ts';
import { markPromoted } from '../../store/retraining.ts';
import { configOf } from '../configuration/config.ts';
import { moveReference } from '../monitor/revise.ts';
import { linkTo } from '../webhook/link.ts';
import { publishEvent } from '../webhook/publish.ts';
import { present } from './promote.ts';

export type Switch = {
  readonly model: ModelRow;
  readonly version: ModelVersionRow;
  readonly author: string;
  readonly reason: string;
};

/**
 * Puts a version into service that no run asks to be promoted, in the caller's transaction. The monitors that compare
 * with what the former version was trained on compare with the new one's data from the model's watermark on; those that
 * compare with something else are left alone.
 */
export async function switchVersion(
  tx: Db,
  ctx: Pick<Context, 'now' | 'newId' | 'publicUrl'>,
  { model, version, author, reason }: Switch,
): Promise<void> {
  const now = ctx.now();
  const { currentVersionId = null } = (await lockModel(tx, model.id)) ?? {};
  const former = currentVersionId === null ? null : await findModelVersionById(tx, currentVersionId);
  const effectiveFrom = await present(tx, model.id, now);
  await setCurrentVersion(tx, model.id, version.id);
  await markPromoted(tx, version.id, now);
  const moved = former === null ? [] : await monitorsOn(tx, model.id, former.datasetVersionId);
  for (const { id } of moved) {
    await moveReference(tx, { monitorId: id, versionId: version.datasetVersionId, effectiveFrom, author, reason });
  }
  const reference = await nameVersion(tx, version.datasetVersionId);
  if (reference === null) throw new Error(`version ${version.datasetVersionId} vanished`);
  const project = (await findProjectById(tx, model.projectId))?.name ?? '';
  await publishEvent(tx, ctx, {
    projectId: model.projectId,
    type: 'model.switched',
    subject: version.name,
    data: {
      project,
      model: model.name,
      model_version: version.name,
      former_version: former?.name ?? null,
      reference,
      monitors: moved.map(({ name }) => name),
      effective_from: effectiveFrom.toISOString(),
      author,
      reason,
      links: { model: linkTo(ctx, project, `/models/${model.name}`) },
    },
  });
  // Their alerts end in transactions of their own, under their monitors' locks.
  for (const { id } of moved) {
    await enqueue(tx, { name: 'evaluate-alert', key: `monitor:${id}`, payload: { monitorId: id } });
  }
}

async function monitorsOn(tx: Db, modelId: number, datasetVersionId: number): Promise<MonitorRow[]> {
  const all = await listModelMonitors(tx, modelId);
  const compared = await Promise.all(all.map(({ id }) => presentRevision(tx, id)));
  return all.filter((_, i) => {
    const revision = compared[i];
    // One of a single version goes on comparing with what that was trained on.
    if (revision === undefined || configOf(revision).model_version !== undefined) return false;
    return revision.referenceVersionId === datasetVersionId;
  });
}
