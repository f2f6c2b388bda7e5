import { findProjectById } from '../../store/access.ts';
import type { Db } from '../../store/db.ts';
import { findModelById, findVersionColumns } from '../../store/models.ts';
import type { RunRow } from '../../store/retraining.ts';
import { systemActor } from '../access/actor.ts';
import { bindVersion } from '../model/bind-version.ts';
import { completeRoles } from '../model/roles.ts';
import { rolesFor } from '../monitor/reference.ts';
import { namedRun } from './announce.ts';
import { derivedTable, referenceColumns } from './derived-columns.ts';

/**
 * Binds what a run has trained to the dataset version it was trained on, in the caller's transaction. It is a
 * challenger: the model's current version stays.
 * @returns the model version's id.
 * @throws TidemarkError `conflict` when the name stands for another version.
 */
export async function registerModel(
  tx: Db,
  { run, given }: { run: RunRow; given: { name?: string | undefined; metrics?: Record<string, number> | undefined } },
): Promise<number> {
  const { training } = await namedRun(tx, run);
  const model = await findModelById(tx, run.modelId);
  const project = await findProjectById(tx, run.projectId);
  if (training === null || model === null || project === null) throw new Error(`run ${run.id} has no training data`);
  const reference = await findVersionColumns(tx, run.referenceVersionId);
  const known = completeRoles(await rolesFor(tx, model, run.referenceVersionId), reference.columns);
  const { roles } = derivedTable(known, referenceColumns(reference.columns));
  const { version } = await bindVersion({ db: tx }, systemActor(project), {
    model: model.name,
    name: given.name,
    dataset: training.dataset,
    ref: `v${training.version}`,
    roles,
    metrics: given.metrics ?? {},
  });
  return version.id;
}
