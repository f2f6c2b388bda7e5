import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { type Db, transact } from '../../store/db.ts';
import { enqueue } from '../../store/jobs.ts';
import { findModelById } from '../../store/models.ts';
import { newestRevision } from '../../store/monitors.ts';
import {
  findLastJudged,
  findNewestBatch,
  findNewestRun,
  insertRun,
  insertRunEvent,
  lockPolicies,
  lockPolicy,
  type PolicyRow,
} from '../../store/retraining.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { once } from '../access/once.ts';
import { requirePolicy } from './policies.ts';
import { type Blocked, configOf, heldBack } from './policy.ts';
import { isLiving } from './run.ts';
import type { StartDetail } from './span.ts';

/** Event time that a run is about, `[from, through)`. */
type Span = { readonly from: Date; readonly through: Date };

type Starting = Pick<Context, 'now' | 'newId'>;

/** What a policy made of an alert: the run it started, or what held it back. */
export type StartOutcome =
  | { readonly policy: string; readonly run: string }
  | { readonly policy: string; readonly blocked: Blocked };

/**
 * Asks the policies of a monitor whose alert fires, in the alert's own transaction: a run is started with the
 * transition or not at all. An alert has one run of each policy; only one that failed may be followed by another.
 */
export async function startRuns(
  tx: Db,
  ctx: Starting,
  given: { readonly monitor: { readonly id: number }; readonly episode: { readonly id: string } & Span },
): Promise<StartOutcome[]> {
  const outcomes: StartOutcome[] = [];
  for (const policy of await lockPolicies(tx, given.monitor.id)) {
    const own = await findNewestRun(tx, { policyId: policy.id, episodeId: given.episode.id });
    if (own !== null && own.state !== 'failed' && own.state !== 'timed_out') continue;
    const newest = await findNewestRun(tx, { policyId: policy.id });
    const blocked = heldBack(newest, configOf(policy), ctx.now());
    if (blocked !== null) outcomes.push({ policy: policy.name, blocked });
    else {
      const run = await start(tx, ctx, { policy, episodeId: given.episode.id, span: given.episode, author: 'system' });
      outcomes.push({ policy: policy.name, run });
    }
  }
  return outcomes;
}

/**
 * Starts a run because somebody asks for it. A cooldown does not hold it back, a run under way does.
 * @returns the run's id.
 * @throws TidemarkError `not-found`, `conflict`, `idempotency-key-reused`.
 */
export async function startRun(
  ctx: Pick<Context, 'db'> & Starting,
  actor: Actor,
  asked: { readonly policy: string; readonly idempotencyKey?: string | undefined },
): Promise<string> {
  requireScope(actor, 'retraining:write');
  const { policy, idempotencyKey: key } = asked;
  const request = { projectId: actor.projectId, key, route: 'run', content: [policy] };
  return transact(ctx.db, (tx) =>
    once<string, { run: string }>(tx, request, {
      make: () => startNow(tx, ctx, { actor, policyName: policy }),
      keep: (run) => ({ status: 202, answer: { run } }),
      recall: async ({ run }) => run,
    }),
  );
}

async function startNow(
  tx: Db,
  ctx: Starting,
  { actor, policyName }: { actor: Actor; policyName: string },
): Promise<string> {
  const policy = await requirePolicy(tx, actor, policyName);
  await lockPolicy(tx, policy.id);
  const newest = await findNewestRun(tx, { policyId: policy.id });
  if (newest !== null && isLiving(newest.state)) throw underWay(policy.name, newest.id);
  const span = await latestSpan(tx, policy);
  return start(tx, ctx, { policy, episodeId: null, span, author: actor.author });
}

const underWay = (policy: string, run: string): TidemarkError =>
  new TidemarkError('conflict', `The policy "${policy}" has a run under way (${run}); wait for its end.`, {
    details: { run },
  });

/** Without an alert: the window that was judged last, or before the first verdict the latest event alone. */
async function latestSpan(tx: Db, policy: PolicyRow): Promise<Span> {
  const judged = await findLastJudged(tx, policy.monitorId);
  if (judged !== null) return { from: judged.start, through: judged.end };
  const watermark = (await findModelById(tx, policy.modelId))?.watermark ?? null;
  if (watermark !== null) return { from: watermark, through: new Date(watermark.getTime() + 1) };
  throw new TidemarkError('conflict', 'The model has no predictions yet, so there is nothing to learn from.');
}

/** The caller holds the policy's lock and has made sure that none of its runs is living. */
async function start(
  tx: Db,
  ctx: Starting,
  given: { policy: PolicyRow; episodeId: string | null; span: Span; author: string },
): Promise<string> {
  const { policy, episodeId, span, author } = given;
  const { deadline_seconds: seconds } = configOf(policy);
  const reference = await newestRevision(tx, policy.monitorId);
  const now = ctx.now();
  const run = await insertRun(tx, {
    id: ctx.newId('run'),
    projectId: policy.projectId,
    policyId: policy.id,
    modelId: policy.modelId,
    monitorId: policy.monitorId,
    episodeId,
    state: 'preparing',
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
  await insertRunEvent(tx, { runId: run.id, at: now, state: 'preparing', author, detail });
  const job = { key: `run:${run.id}`, payload: { runId: run.id } };
  await enqueue(tx, { name: 'expire-run', ...job, delaySeconds: seconds });
  await enqueue(tx, { name: 'prepare-run', ...job });
  return run.id;
}
