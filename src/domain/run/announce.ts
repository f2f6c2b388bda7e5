import { type Comparison, comparisonShape } from '../../../schemas/wire/comparison.ts';
import type { EventData } from '../../../schemas/wire/events.ts';
import { type Cause, causeShape } from '../../../schemas/wire/policies.ts';
import type { Context } from '../../context.ts';
import { findProjectById } from '../../store/access/access.ts';
import { nameVersion } from '../../store/dataset/datasets.ts';
import { findModelVersionById } from '../../store/monitor/models.ts';
import type { Db } from '../../store/postgres/db.ts';
import { findRun, insertRunEvent, type NamedRun, type RunRow } from '../../store/retraining/retraining.ts';
import { discardMessages } from '../../store/webhook/messages.ts';
import { linkTo } from '../webhook/link.ts';
import { publishEvent } from '../webhook/publish.ts';

type Announcing = Pick<Context, 'now' | 'newId' | 'publicUrl'>;

/** The members that every event of a run has. */
export async function runData(tx: Db, ctx: Pick<Context, 'publicUrl'>, run: NamedRun) {
  const project = (await findProjectById(tx, run.projectId))?.name ?? '';
  return {
    run: run.id,
    policy: run.policy,
    alert: run.episodeId,
    project,
    model: run.model,
    monitor: run.monitor,
    links: { run: linkTo(ctx, project, `/runs/${run.id}`) },
  };
}

/** A run with its names, as it stands in this transaction. */
export async function namedRun(tx: Db, run: Pick<RunRow, 'id' | 'projectId'>): Promise<NamedRun> {
  const found = await findRun(tx, run.projectId, run.id);
  if (found === null) throw new Error(`run ${run.id} vanished`);
  return found;
}

/** Takes back what is still to be sent of a run that goes on no more: whoever got it would begin what is over. */
async function takeBack(tx: Db, ctx: Announcing, { id, projectId }: Pick<RunRow, 'id' | 'projectId'>): Promise<void> {
  for (const type of ['retraining.awaiting_approval', 'retraining.requested'] as const) {
    await discardMessages(tx, { projectId, subject: id, type, at: ctx.now() });
  }
}

/** Tells that a run has ended without a model, and takes back what of it is still to be sent. */
export async function announceFailure(tx: Db, ctx: Announcing, run: Pick<RunRow, 'id' | 'projectId'>): Promise<void> {
  await takeBack(tx, ctx, run);
  const failed = await namedRun(tx, run);
  const data: EventData<'retraining.failed'> = {
    ...(await runData(tx, ctx, failed)),
    state: failed.state === 'timed_out' ? 'timed_out' : 'failed',
    error: failed.error,
    external_url: failed.externalUrl,
  };
  await publishEvent(tx, ctx, { projectId: run.projectId, type: 'retraining.failed', subject: run.id, data });
}

/** Tells that a run was given up, by somebody or by its pipeline, and takes back what of it is still to be sent. */
export async function announceCancellation(
  tx: Db,
  ctx: Announcing,
  given: { readonly run: Pick<RunRow, 'id' | 'projectId'>; readonly author: string },
): Promise<void> {
  await takeBack(tx, ctx, given.run);
  const run = await namedRun(tx, given.run);
  const data: EventData<'retraining.cancelled'> = {
    ...(await runData(tx, ctx, run)),
    reason: run.error ?? '',
    author: given.author,
    external_url: run.externalUrl,
  };
  await publishEvent(tx, ctx, { projectId: run.projectId, type: 'retraining.cancelled', subject: run.id, data });
}

/** Tells that a run has made a model. */
export async function announceSuccess(tx: Db, ctx: Announcing, run: Pick<RunRow, 'id' | 'projectId'>): Promise<void> {
  const done = await namedRun(tx, run);
  const data: EventData<'retraining.succeeded'> = {
    ...(await runData(tx, ctx, done)),
    model_version: done.modelVersion,
    metrics: metricsOf(done),
    external_url: done.externalUrl,
    ...(await trainedOn(tx, done)),
  };
  await publishEvent(tx, ctx, { projectId: run.projectId, type: 'retraining.succeeded', subject: run.id, data });
}

async function trainedOn(
  tx: Db,
  { modelVersionId }: NamedRun,
): Promise<Pick<EventData<'retraining.succeeded'>, 'training'>> {
  const made = modelVersionId === null ? null : await findModelVersionById(tx, modelVersionId);
  const training = made === null ? null : await nameVersion(tx, made.datasetVersionId);
  return training === null ? {} : { training };
}

/** The metrics as they were reported; nothing but a parsed report writes them. */
export const metricsOf = (run: Pick<RunRow, 'metrics'>): Record<string, number> =>
  run.metrics as Record<string, number>;

/** What a run goes back to. Those from before there were many kinds had an alert, or were asked for. */
export function causeOfRun(run: Pick<RunRow, 'cause' | 'episodeId' | 'createdAt'>): Cause {
  if (run.cause !== null) return causeShape.parse(run.cause);
  return { kind: run.episodeId === null ? 'request' : 'alert', at: run.createdAt.toISOString() };
}

/** How a run's model does beside the one in service; null while that is not known. */
export const comparisonOf = (run: Pick<RunRow, 'comparison'>): Comparison | null =>
  run.comparison === null ? null : comparisonShape.parse(run.comparison);

/** Adds a line to a run's history. */
export async function noteRun(
  tx: Db,
  ctx: Pick<Context, 'now'>,
  line: { runId: string; state: string; author: string; detail?: Readonly<Record<string, unknown>> },
): Promise<void> {
  const { runId, state, author, detail } = line;
  await insertRunEvent(tx, { runId, at: ctx.now(), state, author, detail: detail ?? {} });
}
