import { isDeepStrictEqual } from 'node:util';
import type { Blocked, Cause } from '../../../schemas/wire/policies.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { findModelById } from '../../store/monitor/models.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { lockPolicies, lockPolicy, type PolicyRow } from '../../store/retraining/policies.ts';
import { countRunsOfEpisode, findLastJudged, findNewestRun } from '../../store/retraining/retraining.ts';
import { type CauseRow, updateCause } from '../../store/retraining/run-causes.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { once } from '../access/once.ts';
import { causeOf, keepCause } from '../policy/causes.ts';
import { gatherFacts } from '../policy/facts.ts';
import { startsOn, weigh } from '../policy/guards.ts';
import { requirePolicy } from '../policy/policies.ts';
import { configOf } from '../policy/policy.ts';
import { hasFailed } from '../run/run.ts';
import { begin, type Span } from './begin.ts';

type Starting = Pick<Context, 'now' | 'newId' | 'publicUrl'>;

/** What a policy made of an alert: the run it started, or the guard that holds it back. */
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
  given: {
    readonly monitor: { readonly id: number };
    readonly episode: { readonly id: string } & Span;
    readonly kind: 'alert' | 'performance';
  },
): Promise<StartOutcome[]> {
  const { episode, kind } = given;
  const outcomes: StartOutcome[] = [];
  for (const policy of await lockPolicies(tx, given.monitor.id)) {
    if (!startsOn(configOf(policy), kind)) continue;
    const own = await findNewestRun(tx, { policyId: policy.id, episodeId: episode.id });
    if (own !== null && !hasFailed(own.state)) continue;
    const tries = own === null ? 0 : await countRunsOfEpisode(tx, policy.id, episode.id);
    const cause = { kind, at: ctx.now().toISOString() } as const;
    const key = `alert:${episode.id}${tries === 0 ? '' : `/${tries}`}`;
    const row = await keepCause(tx, ctx, { policy, key, cause, episodeId: episode.id });
    if (row.state !== 'waiting') continue;
    const outcome = await decide(tx, ctx, { policy, row, span: episode });
    outcomes.push({ policy: policy.name, ...outcome });
  }
  return outcomes;
}

/**
 * Weighs one waiting cause: it starts its run, or stands there with the guards that hold it back. The caller holds the
 * policy's lock.
 */
export async function decide(
  tx: Db,
  ctx: Starting,
  given: { readonly policy: PolicyRow; readonly row: CauseRow; readonly span: Span | null },
): Promise<{ readonly run: string } | { readonly blocked: Blocked }> {
  const { policy, row } = given;
  const config = configOf(policy);
  const now = ctx.now();
  const blocked = weigh(await gatherFacts(tx, policy, now), config, { now, byHand: false });
  const [first] = blocked;
  if (first !== undefined) {
    if (!isDeepStrictEqual(row.blocked, blocked)) await updateCause(tx, row.id, { blocked, decidedAt: now });
    return { blocked: first };
  }
  const span = given.span ?? (await latestSpan(tx, policy));
  const approval = config.approval_seconds;
  const run = await begin(tx, ctx, { policy, cause: causeOf(row), row, span, author: 'system', approval });
  return { run };
}

/**
 * Starts a run because somebody asks for it. It needs no approval, and no cooldown, quiet hours or state of the data
 * hold it back: a run under way, the limits and a stop of all retraining do.
 * @returns the run's id.
 * @throws TidemarkError `not-found`, `conflict` naming the guard and what would lift it, `idempotency-key-reused`.
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
  const named = await requirePolicy(tx, actor, policyName);
  const policy = await lockPolicy(tx, named.id);
  if (policy === null) throw new Error(`policy ${named.id} vanished`);
  const now = ctx.now();
  const facts = await gatherFacts(tx, policy, now);
  const [first] = weigh(facts, configOf(policy), { now, byHand: true });
  if (first !== undefined) throw heldBack(policy.name, first);
  const span = await latestSpan(tx, policy);
  const cause: Cause = { kind: 'request', at: now.toISOString() };
  const row = await keepCause(tx, ctx, { policy, key: `request:${ctx.newId('req')}`, cause });
  return begin(tx, ctx, { policy, cause, row, span, author: actor.author, approval: null });
}

const heldBack = (policy: string, { code, detail, lifts, until, run }: Blocked): TidemarkError =>
  new TidemarkError('conflict', `The policy "${policy}" starts no run: ${detail}. What would lift it: ${lifts}.`, {
    details: { guard: code, lifts, ...(until !== undefined && { until }), ...(run !== undefined && { run }) },
  });

/** Without an alert: the window that was judged last, or before the first verdict the latest event alone. */
async function latestSpan(tx: Db, policy: PolicyRow): Promise<Span> {
  const judged = await findLastJudged(tx, policy.monitorId);
  if (judged !== null) return { from: judged.start, through: judged.end };
  const watermark = (await findModelById(tx, policy.modelId))?.watermark ?? null;
  // The guard on predictions was weighed in this transaction, and watermarks are never taken back.
  if (watermark === null) throw new Error(`model ${policy.modelId} lost its watermark`);
  return { from: watermark, through: new Date(watermark.getTime() + 1) };
}
