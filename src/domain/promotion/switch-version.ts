import type { Context } from '../../context.ts';
import { findProjectById } from '../../store/access/access.ts';
import { nameVersion } from '../../store/dataset/datasets.ts';
import {
  findModelVersionById,
  lockModel,
  type ModelRow,
  type ModelVersionRow,
  setCurrentVersion,
} from '../../store/monitor/models.ts';
import type { Db } from '../../store/postgres/db.ts';
import { markPromoted } from '../../store/retraining/retraining.ts';
import { linkTo } from '../webhook/link.ts';
import { publishEvent } from '../webhook/publish.ts';
import { follow, lockFollowers } from './followers.ts';
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
  const moved = former === null ? [] : await lockFollowers(tx, model.id, former.datasetVersionId);
  await follow(tx, moved, { versionId: version.datasetVersionId, effectiveFrom, author, reason });
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
}
