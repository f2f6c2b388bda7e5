import type { EventData } from '../../../schemas/wire/events.ts';
import type { Cause } from '../../../schemas/wire/policies.ts';
import type { Context } from '../../context.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { presentRevision } from '../../store/monitor/monitors.ts';
import type { Db } from '../../store/postgres/db.ts';
import type { PolicyRow } from '../../store/retraining/policies.ts';
import { findNewestBatch, insertRun, insertRunEvent, type RunRow } from '../../store/retraining/retraining.ts';
import { type CauseRow, endWaitingCauses, updateCause } from '../../store/retraining/run-causes.ts';
import { seeLabels } from '../policy/causes.ts';
import { configOf } from '../policy/policy.ts';
import { namedRun, runData } from '../run/announce.ts';
import type { StartDetail } from '../snapshot/span.ts';
import { linkTo } from '../webhook/link.ts';
import { publishEvent } from '../webhook/publish.ts';

/** Event time that a run is about, `[from, through)`. */
export type Span = { readonly from: Date; readonly through: Date };

type Beginning = Pick<Context, 'now' | 'newId' | 'publicUrl'>;

export type Begin = {
  readonly policy: PolicyRow;
  readonly cause: Cause;
  /** The cause as it is kept: decided with this, so that it starts no other run. */
  readonly row: CauseRow;
  readonly span: Span;
  readonly author: string;
  /** Seconds in which somebody has to approve it; null: nobody has to. */
  readonly approval: number | null;
};

/**
 * Makes a run with everything that belongs to it: its cause is decided, others that wait are covered by it. The caller
 * holds the policy's lock and has weighed its guards.
 * @returns the run's id.
 */
export async function begin(tx: Db, ctx: Beginning, given: Begin): Promise<string> {
  const { policy, cause, row, span, author, approval } = given;
  const reference = await presentRevision(tx, policy.monitorId);
  const now = ctx.now();
  const seconds = approval ?? configOf(policy).deadline_seconds;
  const state = approval === null ? 'preparing' : 'awaiting_approval';
  const run = await insertRun(tx, {
    id: ctx.newId('run'),
    projectId: policy.projectId,
    policyId: policy.id,
    modelId: policy.modelId,
    monitorId: policy.monitorId,
    episodeId: row.episodeId,
    state,
    cause,
    referenceVersionId: reference.referenceVersionId,
    metrics: {},
    createdAt: now,
    updatedAt: now,
    deadlineAt: new Date(now.getTime() + seconds * 1000),
  });
  if (run === null) throw new Error(`policy ${policy.id} has a living run in spite of its lock`);
  // What had been accepted when the run began is what it learns from, however slowly it is settled.
  const detail: StartDetail = {
    through_batch: await findNewestBatch(tx, policy.modelId),
    from: span.from.toISOString(),
    to: span.through.toISOString(),
  };
  await insertRunEvent(tx, { runId: run.id, at: now, state, author, detail });
  await updateCause(tx, row.id, { state: 'started', runId: run.id, blocked: [], decidedAt: now });
  await endWaitingCauses(tx, policy.id, { state: 'covered', runId: run.id, at: now });
  await seeLabels(tx, policy, detail.through_batch);
  if (approval === null) await prepareSoon(tx, run.id, seconds);
  else await askForApproval(tx, ctx, { run, cause, seconds });
  return run.id;
}

/** Has a run prepared now, and ended in so many seconds. */
export async function prepareSoon(tx: Db, runId: string, seconds: number): Promise<void> {
  const job = { key: `run:${runId}`, payload: { runId } };
  await enqueue(tx, { name: 'expire-run', ...job, delaySeconds: seconds });
  await enqueue(tx, { name: 'prepare-run', ...job });
}

async function askForApproval(
  tx: Db,
  ctx: Beginning,
  { run, cause, seconds }: { run: RunRow; cause: Cause; seconds: number },
): Promise<void> {
  const base = await runData(tx, ctx, await namedRun(tx, run));
  const data: EventData<'retraining.awaiting_approval'> = {
    ...base,
    cause,
    expires: run.deadlineAt.toISOString(),
    approve: linkTo(ctx, base.project, `/runs/${run.id}/approve`),
    decline: linkTo(ctx, base.project, `/runs/${run.id}/decline`),
  };
  const { projectId } = run;
  await publishEvent(tx, ctx, { projectId, type: 'retraining.awaiting_approval', subject: run.id, data });
  const job = { key: `run:${run.id}`, payload: { runId: run.id } };
  await enqueue(tx, { name: 'expire-run', ...job, delaySeconds: seconds });
}
