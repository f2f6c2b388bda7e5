import type { EventData } from '../../../schemas/wire/events.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { nameVersion } from '../../store/dataset/datasets.ts';
import { findModelVersionById, lockModel, setCurrentVersion } from '../../store/monitor/models.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { lockRun, type NamedRun, type RunRow, updateRun } from '../../store/retraining/retraining.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { namedRun, noteRun, runData } from '../run/announce.ts';
import { requireRun } from '../run/runs.ts';
import { publishEvent } from '../webhook/publish.ts';
import { follow, lockFollowers } from './followers.ts';
import { present } from './promote.ts';

type RollingBack = Pick<Context, 'db' | 'now' | 'newId' | 'publicUrl'>;

type Rollback = { readonly run: string; readonly reason: string; readonly effectiveFrom: Date | null };

/**
 * Takes a promotion back: the model version that was in service before is in service again, and the monitors that
 * went with the promoted one compare with what they compared with before, from `effectiveFrom` on. Windows in between
 * keep their verdicts. Repeating it changes nothing.
 * @throws TidemarkError `not-found`, `conflict` for a run that was not promoted, or whose model is no longer in service.
 */
export async function rollBackRun(ctx: RollingBack, actor: Actor, given: Rollback): Promise<NamedRun> {
  requireScope(actor, 'retraining:write');
  return transact(ctx.db, async (tx) => {
    const known = await requireRun(tx, actor, given.run);
    const run = await lockRun(tx, known.id);
    if (run === null) throw new Error(`run ${known.id} vanished`);
    if (run.state === 'rolled_back') return namedRun(tx, run);
    if (run.state !== 'promoted') {
      throw new TidemarkError(
        'conflict',
        `The run is ${run.state.replaceAll('_', ' ')}; only a promotion is taken back.`,
      );
    }
    const { reason, effectiveFrom } = given;
    await restore(tx, ctx, { run, author: actor.author, reason, effectiveFrom });
    return namedRun(tx, run);
  });
}

type Restoring = Omit<Rollback, 'run'> & { readonly run: RunRow; readonly author: string };

/** The rollback itself, in the caller's transaction, which holds the run's lock and found it promoted. */
export async function restore(tx: Db, ctx: Omit<RollingBack, 'db'>, given: Restoring): Promise<void> {
  const { run, reason, author } = given;
  const model = await lockModel(tx, run.modelId);
  const former = run.formerModelVersionId === null ? null : await findModelVersionById(tx, run.formerModelVersionId);
  const reference = run.formerReferenceVersionId ?? run.referenceVersionId;
  if (former === null) throw new TidemarkError('conflict', 'No version was in service before this one.');
  if (model?.currentVersionId !== run.modelVersionId) {
    throw new TidemarkError('conflict', 'Another version has been put into service since; take that back first.');
  }
  // Two runs may report one version: the later promotion changed nothing that could be taken back.
  if (former.id === run.modelVersionId) {
    const earlier = `"${former.name}" was in service already when this run was promoted`;
    throw new TidemarkError('conflict', `${earlier}; take back the promotion that put it there.`);
  }
  const now = ctx.now();
  const effectiveFrom = given.effectiveFrom ?? (await present(tx, run.modelId, now));
  await setCurrentVersion(tx, run.modelId, former.id);
  const why = `rollback of ${run.id}`;
  const promoted = run.modelVersionId === null ? null : await findModelVersionById(tx, run.modelVersionId);
  const following = promoted === null ? [] : await lockFollowers(tx, run.modelId, promoted.datasetVersionId);
  const isOwn = ({ id }: { readonly id: number }): boolean => id === run.monitorId;
  const back = { effectiveFrom, author, reason: why };
  await follow(tx, following.filter(isOwn), { ...back, versionId: reference });
  await follow(
    tx,
    following.filter((monitor) => !isOwn(monitor)),
    { ...back, versionId: former.datasetVersionId },
  );
  await updateRun(tx, run.id, { state: 'rolled_back', updatedAt: now });
  const detail = { message: reason, model_version: former.name, effective_from: effectiveFrom.toISOString() };
  await noteRun(tx, ctx, { runId: run.id, state: 'rolled_back', author, detail });
  const restored = await nameVersion(tx, reference);
  if (restored === null) throw new Error(`version ${reference} vanished`);
  const data: EventData<'model.rolled_back'> = {
    ...(await runData(tx, ctx, await namedRun(tx, run))),
    model_version: former.name,
    reference: restored,
    effective_from: effectiveFrom.toISOString(),
    reason,
    author,
  };
  await publishEvent(tx, ctx, { projectId: run.projectId, type: 'model.rolled_back', subject: run.id, data });
}
