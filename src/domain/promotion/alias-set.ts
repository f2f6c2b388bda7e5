import type { Context } from '../../context.ts';
import { findModelById, lockModel, type ModelRow } from '../../store/monitor/models.ts';
import type { Db } from '../../store/postgres/db.ts';
import {
  findVersionByName,
  hasMovedLater,
  lockRunsOfVersions,
  type RegistryOutcome,
  type RegistryRow,
} from '../../store/retraining/registries.ts';
import type { RunRow } from '../../store/retraining/retraining.ts';
import { promote } from './promote.ts';
import { restore } from './rollback.ts';
import { switchVersion } from './switch-version.ts';

type Setting = Pick<Context, 'now' | 'newId' | 'publicUrl'>;

export type AliasSet = {
  readonly registry: RegistryRow;
  readonly model: ModelRow;
  /** The name, here, of the version that has the alias now. */
  readonly version: string;
  readonly movedAt: Date;
};

/**
 * Puts the version that has got the alias into service, in the caller's transaction, which holds the registry's lock. What
 * that means depends on where it comes from: the promotion of a run that has succeeded, the rollback of the one whose
 * model is in service, or a plain change from one version to another.
 */
export async function aliasSet(tx: Db, ctx: Setting, told: AliasSet): Promise<RegistryOutcome> {
  const { registry, model } = told;
  if (await hasMovedLater(tx, { registryId: registry.id, modelId: model.id, movedAt: told.movedAt })) {
    return plain('superseded', 'The alias has been moved again since.');
  }
  const version = await findVersionByName(tx, model.id, told.version);
  if (version === null) return plain('waiting', unknownVersion(told));
  const { runs, current } = await lockRuns(tx, model.id, version.id);
  const known = { modelVersionId: version.id };
  if (version.id === current) return { ...plain('unchanged', `${version.name} is in service already.`), ...known };
  const author = `${registry.kind}:${registry.id}`;
  const reason = `The alias "${registry.alias}" was set to version ${version.name} of "${model.name}".`;
  const step = stepTo(version.id, current, runs);
  if (step.kind === 'promote') {
    await promote(tx, ctx, { run: step.run, effectiveFrom: null, author, reason });
    return { ...known, outcome: 'promoted', detail: reason, runId: step.run.id };
  }
  if (step.kind === 'roll_back') {
    await restore(tx, ctx, { run: step.run, effectiveFrom: null, author, reason });
    return { ...known, outcome: 'rolled_back', detail: reason, runId: step.run.id };
  }
  await switchVersion(tx, ctx, { model, version, author, reason });
  return { ...known, outcome: 'promoted', detail: reason, runId: null };
}

type Step =
  | { readonly kind: 'promote' | 'roll_back'; readonly run: RunRow }
  | { readonly kind: 'switch'; readonly run?: undefined };

function stepTo(versionId: number, current: number | null, runs: readonly RunRow[]): Step {
  const made = runs.findLast((run) => run.modelVersionId === versionId && run.state === 'succeeded');
  if (made !== undefined) return { kind: 'promote', run: made };
  const inService = runs.findLast((run) => run.modelVersionId === current && run.state === 'promoted');
  if (inService?.formerModelVersionId === versionId) return { kind: 'roll_back', run: inService };
  return { kind: 'switch' };
}

type Held = { readonly runs: readonly RunRow[]; readonly current: number | null };

/** The runs of both versions are locked before the model, as every promotion does. */
async function lockRuns(tx: Db, modelId: number, versionId: number): Promise<Held> {
  const found = (await findModelById(tx, modelId))?.currentVersionId ?? null;
  const runs = await lockRunsOfVersions(tx, found === null ? [versionId] : [versionId, found]);
  const current = (await lockModel(tx, modelId))?.currentVersionId ?? null;
  if (current === found || current === null) return { runs, current };
  // It was put into service before the model was locked. Should another transaction wait for the model with its run
  // already held, one of the two is undone and comes again.
  return { runs: await lockRunsOfVersions(tx, [versionId, current]), current };
}

const plain = (outcome: RegistryOutcome['outcome'], detail: string): RegistryOutcome => ({
  outcome,
  detail,
  modelVersionId: null,
  runId: null,
});

const unknownVersion = ({ model, version }: AliasSet): string =>
  `The model "${model.name}" has no version "${version}" here yet; for a day it is waited for. Report it as the name of ` +
  'the model version that a run has made, or register it with POST /v1/models/{model}/versions.';
