import type { Context } from '../../context.ts';
import { findModelById, lockModel, type ModelRow, type ModelVersionRow } from '../../store/monitor/models.ts';
import type { Db } from '../../store/postgres/db.ts';
import { lockRunsOfVersions } from '../../store/retraining/registries.ts';
import type { RunRow } from '../../store/retraining/retraining.ts';
import { promote } from './promote.ts';
import { restore } from './rollback.ts';
import { switchVersion } from './switch-version.ts';

export type PutInService = {
  readonly model: ModelRow;
  readonly version: ModelVersionRow;
  readonly author: string;
  readonly reason: string;
};

/** What putting a version into service was, and the run that it promoted or whose promotion it took back. */
export type ServiceChange =
  | { readonly kind: 'unchanged' | 'switched'; readonly run: null }
  | { readonly kind: 'promoted' | 'rolled_back'; readonly run: string };

/**
 * Puts a version into service that was named by itself, in the caller's transaction. What that means depends on where it
 * comes from: the promotion of a run that has succeeded, the rollback of the one whose model is in service, or a plain
 * change from one version to another.
 */
export async function putInService(
  tx: Db,
  ctx: Pick<Context, 'now' | 'newId' | 'publicUrl'>,
  given: PutInService,
): Promise<ServiceChange> {
  const { model, version, author, reason } = given;
  const { runs, current } = await lockRuns(tx, model.id, version.id);
  if (version.id === current) return { kind: 'unchanged', run: null };
  const step = stepTo(version.id, current, runs);
  if (step.kind === 'promote') {
    await promote(tx, ctx, { run: step.run, effectiveFrom: null, author, reason });
    return { kind: 'promoted', run: step.run.id };
  }
  if (step.kind === 'roll_back') {
    await restore(tx, ctx, { run: step.run, effectiveFrom: null, author, reason });
    return { kind: 'rolled_back', run: step.run.id };
  }
  await switchVersion(tx, ctx, { model, version, author, reason });
  return { kind: 'switched', run: null };
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
