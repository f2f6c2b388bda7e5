import type { RunReport } from '../../../schemas/wire/retraining.ts';
import { findProjectById } from '../../store/access/access.ts';
import { findModelById, findVersionColumns, type ModelRow } from '../../store/monitor/models.ts';
import type { Db } from '../../store/postgres/db.ts';
import type { RunRow } from '../../store/retraining/retraining.ts';
import { systemActor } from '../access/actor.ts';
import { bindVersion } from '../model/bind-version.ts';
import { completeRoles } from '../model/roles.ts';
import { rolesFor } from '../reference/reference.ts';
import { namedRun } from '../run/announce.ts';
import { derivedTable, referenceColumns } from '../snapshot/derived-columns.ts';

type Given = NonNullable<RunReport['model_version']>;

/**
 * Binds what a run has made to the dataset version it was trained on, in the caller's transaction. It is a
 * challenger: the model's current version stays.
 * @returns the model version's id.
 * @throws TidemarkError `conflict` when the name stands for another version, `not-found` for the data named.
 */
export async function registerModel(tx: Db, { run, given }: { run: RunRow; given: Given }): Promise<number> {
  const model = await findModelById(tx, run.modelId);
  const project = await findProjectById(tx, run.projectId);
  if (model === null || project === null) throw new Error(`run ${run.id} has lost its model`);
  const data = given.dataset === undefined ? await trainingData(tx, run, model) : namedData(given, given.dataset);
  const { version } = await bindVersion({ db: tx }, systemActor(project), {
    model: model.name,
    name: given.name,
    ...data,
    metrics: given.metrics ?? {},
  });
  return version.id;
}

type TrainedOn = { readonly dataset: string; readonly ref: string; readonly roles: Given['roles'] };

/** The pipeline's own version of its training data. */
function namedData(given: Given, dataset: string): TrainedOn {
  return { dataset, ref: given.ref ?? 'latest', roles: given.roles };
}

/**
 * The run's derived data. The predictions in it are the former model's: production will hold the new model's, and
 * comparing the two would call every retraining a drift.
 */
async function trainingData(tx: Db, run: RunRow, model: ModelRow): Promise<TrainedOn> {
  const { training } = await namedRun(tx, run);
  if (training === null) throw new Error(`run ${run.id} has no training data`);
  const reference = await findVersionColumns(tx, run.referenceVersionId);
  const known = completeRoles(await rolesFor(tx, model, run.referenceVersionId), reference.columns);
  const { prediction, score, scores, ...roles } = derivedTable(known, referenceColumns(reference.columns)).roles;
  const former = [prediction, score, ...Object.values(scores ?? {})].filter((name) => name !== undefined);
  return {
    dataset: training.dataset,
    ref: `v${training.version}`,
    roles: { ...roles, ignore: [...roles.ignore, ...former] },
  };
}
