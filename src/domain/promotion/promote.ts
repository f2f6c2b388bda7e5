import type { EventData } from '../../../schemas/wire/events.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { nameVersion } from '../../store/dataset/datasets.ts';
import { findModelById, findModelVersionById, lockModel, setCurrentVersion } from '../../store/monitor/models.ts';
import { findMonitorById, lockMonitor, type MonitorRow, presentRevision } from '../../store/monitor/monitors.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { lockRun, markPromoted, type NamedRun, type RunRow, updateRun } from '../../store/retraining/retraining.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { configOf } from '../configuration/config.ts';
import { namedRun, noteRun, runData } from '../run/announce.ts';
import { requireRun } from '../run/runs.ts';
import { publishEvent } from '../webhook/publish.ts';
import { follow, lockFollowers } from './followers.ts';

type Promoting = Pick<Context, 'now' | 'newId' | 'publicUrl'>;

/**
 * Puts a run's model version into service: it becomes the model's current one, the monitors that went with the former one
 * compare with what it was trained on from `effectiveFrom` on, and their open alerts, which were about the former reference,
 * are ended. Repeating it changes nothing.
 * @param effectiveFrom event time; the model's watermark when null.
 * @throws TidemarkError `not-found`, `conflict` for a run that has not succeeded.
 */
export async function promoteRun(
  ctx: Pick<Context, 'db'> & Promoting,
  actor: Actor,
  given: { readonly run: string; readonly effectiveFrom: Date | null },
): Promise<NamedRun> {
  requireScope(actor, 'retraining:write');
  return transact(ctx.db, async (tx) => {
    const known = await requireRun(tx, actor, given.run);
    const run = await lockRun(tx, known.id);
    if (run === null) throw new Error(`run ${known.id} vanished`);
    if (run.state === 'promoted') return namedRun(tx, run);
    if (run.state !== 'succeeded') {
      throw new TidemarkError(
        'conflict',
        `The run is ${run.state.replaceAll('_', ' ')}; only one that has succeeded can be promoted.`,
      );
    }
    await promote(tx, ctx, { run, effectiveFrom: given.effectiveFrom, author: actor.author });
    return namedRun(tx, run);
  });
}

export type Promotion = {
  readonly run: RunRow;
  readonly effectiveFrom: Date | null;
  readonly author: string;
  /** Why, where there is more to say than that somebody did it. */
  readonly reason?: string;
};

/** The promotion itself, in the caller's transaction, which holds the run's lock and found it succeeded. */
export async function promote(tx: Db, ctx: Promoting, given: Promotion): Promise<void> {
  const { run, author, reason: why } = given;
  const { modelVersionId } = run;
  if (modelVersionId === null) throw new Error(`run ${run.id} succeeded without a model version`);
  const model = await lockModel(tx, run.modelId);
  // What a rollback will go back to.
  await lockMonitor(tx, run.monitorId);
  const before = await presentRevision(tx, run.monitorId);
  const versionId = await trainedOn(tx, modelVersionId);
  const now = ctx.now();
  const effectiveFrom = given.effectiveFrom ?? (await present(tx, run.modelId, now));
  await setCurrentVersion(tx, run.modelId, modelVersionId);
  await markPromoted(tx, modelVersionId, now);
  const reason = `promotion of ${run.id}`;
  const formerData =
    model?.currentVersionId == null ? before.referenceVersionId : await trainedOn(tx, model.currentVersionId);
  const moved = await movedBy(tx, run, { formerData, own: configOf(before).model_version === undefined });
  await follow(tx, moved, { versionId, effectiveFrom, author, reason });
  const former = {
    formerModelVersionId: model?.currentVersionId ?? null,
    formerReferenceVersionId: before.referenceVersionId,
  };
  await updateRun(tx, run.id, { state: 'promoted', promotedAt: now, updatedAt: now, ...former });
  const detail = { effective_from: effectiveFrom.toISOString(), ...(why === undefined ? {} : { message: why }) };
  await noteRun(tx, ctx, { runId: run.id, state: 'promoted', author, detail });
  await announce(tx, ctx, { ...given, effectiveFrom, versionId, monitors: moved.map(({ name }) => name) });
}

/**
 * The monitors that a promotion moves: those that go with the version in service, and that of the run's policy, whatever it
 * compared with, unless it is of a single version.
 */
async function movedBy(
  tx: Db,
  { modelId, monitorId }: RunRow,
  { formerData, own }: { readonly formerData: number; readonly own: boolean },
): Promise<Pick<MonitorRow, 'id' | 'name'>[]> {
  const followers = await lockFollowers(tx, modelId, formerData);
  if (!own || followers.some(({ id }) => id === monitorId)) return followers;
  const monitor = await findMonitorById(tx, monitorId);
  return monitor === null || monitor.deletedAt !== null ? followers : [...followers, monitor];
}

async function trainedOn(tx: Db, modelVersionId: number): Promise<number> {
  const version = await findModelVersionById(tx, modelVersionId);
  if (version === null) throw new Error(`model version ${modelVersionId} vanished`);
  return version.datasetVersionId;
}

/** Where the stream of predictions is now: replayed history has its present in the past. */
export async function present(tx: Db, modelId: number, now: Date): Promise<Date> {
  const watermark = (await findModelById(tx, modelId))?.watermark ?? now;
  return watermark < now ? watermark : now;
}

async function announce(
  tx: Db,
  ctx: Promoting,
  given: Promotion & { effectiveFrom: Date; versionId: number; monitors: string[] },
): Promise<void> {
  const run = await namedRun(tx, given.run);
  const reference = await nameVersion(tx, given.versionId);
  const { modelVersion } = run;
  if (reference === null || modelVersion === null)
    throw new Error(`run ${run.id} was promoted without a model version`);
  const data: EventData<'model.promoted'> = {
    ...(await runData(tx, ctx, run)),
    model_version: modelVersion,
    reference,
    effective_from: given.effectiveFrom.toISOString(),
    author: given.author,
    monitors: given.monitors,
    ...(given.reason === undefined ? {} : { reason: given.reason }),
  };
  await publishEvent(tx, ctx, { projectId: run.projectId, type: 'model.promoted', subject: run.id, data });
}
