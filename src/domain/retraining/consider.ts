import type { JobPayload } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../context.ts';
import { findEpisode, insertEpisodeEvent } from '../../store/alert/alerts.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { lockMonitor } from '../../store/monitor/monitors.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { findPolicyById, listPoliciesToConsider, lockPolicy, type PolicyRow } from '../../store/retraining/policies.ts';
import { type CauseRow, listWaitingCauses, updateCause } from '../../store/retraining/run-causes.ts';
import { byRank } from '../policy/cause-rank.ts';
import { findCauses } from '../policy/causes.ts';
import { configOf } from '../policy/policy.ts';
import type { Span } from './begin.ts';
import { decide } from './start.ts';

type Considering = Pick<Context, 'db' | 'now' | 'newId' | 'publicUrl'>;

/** Once a minute: has every policy looked at that waits for a time, for data, or for a guard to be lifted. */
export async function considerPolicies(ctx: Pick<Context, 'db'>): Promise<void> {
  for (const policyId of await listPoliciesToConsider(ctx.db)) {
    await enqueue(ctx.db, { name: 'consider-policy', key: `policy:${policyId}`, payload: { policyId } });
  }
}

/**
 * Job: finds what has become a cause of retraining since the policy last looked, and weighs every one that waits.
 * Causes, how far it looked and the run that is started are one transaction under the policy's lock: run twice, or by
 * two at once, it starts one run.
 */
export async function considerPolicy(ctx: Considering, { policyId }: JobPayload<'consider-policy'>): Promise<void> {
  await transact(ctx.db, async (tx) => {
    const alertsStay = await holdAlerts(tx, policyId);
    const policy = await lockPolicy(tx, policyId);
    if (policy === null || policy.enabled === 'off') return;
    await findCauses(tx, ctx, policy, configOf(policy));
    const waiting = (await listWaitingCauses(tx, policyId)).toSorted((a, b) => byRank(a.kind, b.kind));
    for (const row of waiting) {
      // It has come this moment, and is weighed when the policy is looked at again.
      if (row.episodeId !== null && !alertsStay) continue;
      const current = await lockPolicy(tx, policyId);
      // A run that starts covers what else waits.
      if (current !== null && (await weighOne(tx, ctx, { policy: current, row }))) return;
    }
  });
}

/**
 * Where an alert is among what waits: has it end before or after this. Its end is written under the lock of its monitor,
 * and so are the policies asked by it: the monitor comes first.
 */
async function holdAlerts(tx: Db, policyId: string): Promise<boolean> {
  const waits = (await listWaitingCauses(tx, policyId)).some(({ episodeId }) => episodeId !== null);
  const policy = waits ? await findPolicyById(tx, policyId) : null;
  return policy !== null && (await lockMonitor(tx, policy.monitorId)) !== null;
}

/** True when it has started a run. */
async function weighOne(
  tx: Db,
  ctx: Considering,
  { policy, row }: { policy: PolicyRow; row: CauseRow },
): Promise<boolean> {
  const alert = row.episodeId === null ? null : await alertOf(tx, policy, row.episodeId);
  if (row.episodeId !== null && alert === null) {
    await updateCause(tx, row.id, { state: 'lapsed', decidedAt: ctx.now() });
    return false;
  }
  const outcome = await decide(tx, ctx, { policy, row, span: alert });
  if (!('run' in outcome)) return false;
  if (row.episodeId !== null) {
    const detail = { policy: policy.name, run: outcome.run };
    await insertEpisodeEvent(tx, {
      episodeId: row.episodeId,
      at: ctx.now(),
      fromState: 'firing',
      toState: 'firing',
      reason: 'run_started',
      author: 'system',
      detail,
    });
  }
  return true;
}

/** The span of an alert that still fires. */
async function alertOf(tx: Db, policy: PolicyRow, episodeId: string): Promise<Span | null> {
  const episode = await findEpisode(tx, policy.projectId, episodeId);
  return episode?.state === 'firing' ? { from: episode.from, through: episode.through } : null;
}
