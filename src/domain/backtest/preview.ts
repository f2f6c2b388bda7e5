import type { z } from 'zod';
import type { Blocked, Cause, PolicyConfig, policyTrial } from '../../../schemas/wire/policies.ts';
import type { Context } from '../../context.ts';
import { findModelById } from '../../store/monitor/models.ts';
import { presentRevision } from '../../store/monitor/monitors.ts';
import type { Db } from '../../store/postgres/db.ts';
import { findRetrainingStop, type PolicyRow } from '../../store/retraining/policies.ts';
import { findLabelledRank } from '../../store/retraining/retraining.ts';
import {
  listClosedWindows,
  listLabelArrivals,
  listVersionsAfter,
  listWaitingCauses,
} from '../../store/retraining/run-causes.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { ruleFrom } from '../alert/rule.ts';
import { configOf as monitorConfigOf } from '../configuration/config.ts';
import { withViolations } from '../configuration/sound-data.ts';
import { findNamed } from '../monitor/read.ts';
import { causeOf } from '../policy/causes.ts';
import { gatherFacts } from '../policy/facts.ts';
import { type Facts, weigh } from '../policy/guards.ts';
import { requirePolicy } from '../policy/policies.ts';
import { configFrom, configOf } from '../policy/policy.ts';
import { type Backtest, backtest, type History } from './backtest.ts';

type Previewing = Pick<Context, 'db' | 'now'>;

export type Preview = {
  readonly blocked: readonly Blocked[];
  readonly causes: readonly Cause[];
  readonly config: PolicyConfig;
  readonly labelled: number;
  readonly history: History;
  readonly past: Backtest;
};

/** Whether a policy would start a run now, and what it would have done so far. @throws TidemarkError `not-found`. */
export async function previewPolicy(
  ctx: Previewing,
  actor: Actor,
  asked: { readonly name: string; readonly since: Date | null },
): Promise<Preview> {
  requireScope(actor, 'retraining:read');
  const policy = await requirePolicy(ctx.db, actor, asked.name);
  const config = configOf(policy);
  const facts = await gatherFacts(ctx.db, policy, ctx.now());
  const causes = (await listWaitingCauses(ctx.db, policy.id)).map(causeOf);
  return preview(ctx, { policy, config, facts, causes, since: asked.since });
}

/**
 * The same for a policy that does not exist yet.
 * @throws TidemarkError `not-found` for the model or monitor, `invalid-body`.
 */
export async function tryPolicy(ctx: Previewing, actor: Actor, request: z.infer<typeof policyTrial>): Promise<Preview> {
  requireScope(actor, 'retraining:read');
  const { name: _, model, monitor: monitorName, since, ...wish } = request;
  const monitor = await findNamed(ctx.db, actor.projectId, model, monitorName);
  const config = configFrom(wish);
  const policy = { projectId: actor.projectId, modelId: monitor.modelId, monitorId: monitor.id };
  // It has no runs, so that nothing of its own holds it back.
  const gathered = await gatherFacts(ctx.db, { ...policy, id: '', enabled: 'on' }, ctx.now());
  const facts = { ...gathered, stopped: await findRetrainingStop(ctx.db, actor.projectId) };
  return preview(ctx, { policy, config, facts, causes: [], since: since === undefined ? null : new Date(since) });
}

type Question = {
  readonly policy: Pick<PolicyRow, 'projectId' | 'modelId' | 'monitorId'>;
  readonly config: PolicyConfig;
  readonly facts: Facts;
  readonly causes: readonly Cause[];
  readonly since: Date | null;
};

async function preview(ctx: Previewing, question: Question): Promise<Preview> {
  const { policy, config, facts, causes } = question;
  const now = ctx.now();
  const history = await gatherHistory(ctx.db, question, now);
  const watermark = (await findModelById(ctx.db, policy.modelId))?.watermark ?? null;
  const reach =
    watermark === null ? null : { to: new Date(watermark.getTime() + 1), rank: config.minimum_labelled_rows };
  const labelled = reach === null ? null : await findLabelledRank(ctx.db, policy.modelId, reach);
  return {
    blocked: weigh(facts, config, { now, byHand: false }),
    causes,
    config,
    labelled: labelled?.count ?? 0,
    history,
    past: backtest(config, history),
  };
}

/** Windows, versions and batches of labels that are looked back at: the newest. */
const MOST_WINDOWS = 1000;
const MOST_VERSIONS = 10_000;
const MOST_BATCHES = 100_000;

async function gatherHistory(db: Db, { policy, config, since }: Question, now: Date): Promise<History> {
  const { projectId, modelId, monitorId } = policy;
  const newest = await listClosedWindows(db, monitorId, { since, limit: MOST_WINDOWS });
  const windows = newest.toReversed().map(withViolations);
  // Replayed history has its present in the past: a schedule is not tried beyond it.
  const until = new Date(Math.min(now.getTime(), windows.at(-1)?.end.getTime() ?? now.getTime()));
  const from = since ?? windows[0]?.start ?? until;
  const rule = ruleFrom(monitorConfigOf(await presentRevision(db, monitorId)));
  const data = config.new_data;
  const wanted = { projectId, dataset: data?.dataset ?? '', after: 0, since: from, limit: MOST_VERSIONS };
  const versions = data === null || data.tag !== null ? [] : await listVersionsAfter(db, wanted);
  const arrivals = { since: from, limit: MOST_BATCHES };
  const labels = config.new_labelled_rows === null ? [] : await listLabelArrivals(db, modelId, arrivals);
  return { since: from, until, windows, rule, versions: versions.map(({ at }) => at), labels };
}
