import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { findPolicyById } from '../../store/retraining/policies.ts';
import { lockRun, type NamedRun, type RunRow, updateRun } from '../../store/retraining/retraining.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { configOf } from '../policy/policy.ts';
import { announceCancellation, namedRun, noteRun } from '../run/announce.ts';
import { requireRun } from '../run/runs.ts';
import { prepareSoon } from './begin.ts';

type Approving = Pick<Context, 'db' | 'now' | 'newId' | 'publicUrl'>;

/**
 * Lets a run go on that waits for it; its deadline counts from now. Repeating it changes nothing.
 * @throws TidemarkError `not-found`, `conflict` for a run that was declined or waited too long, or never had to be asked.
 */
export async function approveRun(
  ctx: Approving,
  actor: Actor,
  given: { readonly run: string; readonly comment?: string | undefined },
): Promise<NamedRun> {
  return onRun(ctx, actor, given.run, async (tx, run) => {
    const approved = run.state !== 'awaiting_approval' && run.approvedAt !== null;
    if (approved) return;
    if (run.state !== 'awaiting_approval') throw undecidable(run);
    const now = ctx.now();
    if (run.deadlineAt <= now) {
      throw new TidemarkError('conflict', 'The time to approve the run is over. Start another with POST /v1/runs.');
    }
    const policy = await findPolicyById(tx, run.policyId);
    if (policy === null) throw new Error(`policy ${run.policyId} vanished`);
    const { deadline_seconds: seconds } = configOf(policy);
    const deadlineAt = new Date(now.getTime() + seconds * 1000);
    await updateRun(tx, run.id, { state: 'preparing', approvedAt: now, deadlineAt, updatedAt: now });
    const detail = { approved: true, ...(given.comment !== undefined && { message: given.comment }) };
    await noteRun(tx, ctx, { runId: run.id, state: 'preparing', author: actor.author, detail });
    await prepareSoon(tx, run.id, seconds);
  });
}

/**
 * Ends a run that waits for approval. Repeating it changes nothing.
 * @throws TidemarkError `not-found`, `conflict` for a run that nobody waits for any more.
 */
export async function declineRun(
  ctx: Approving,
  actor: Actor,
  given: { readonly run: string; readonly reason: string },
): Promise<NamedRun> {
  return onRun(ctx, actor, given.run, async (tx, run) => {
    if (run.state === 'declined') return;
    if (run.state !== 'awaiting_approval') throw undecidable(run);
    const error = `Declined: ${given.reason}`;
    await updateRun(tx, run.id, { state: 'declined', error, updatedAt: ctx.now() });
    const detail = { message: given.reason };
    await noteRun(tx, ctx, { runId: run.id, state: 'declined', author: actor.author, detail });
    await announceCancellation(tx, ctx, { run, author: actor.author });
  });
}

async function onRun(
  ctx: Approving,
  actor: Actor,
  id: string,
  work: (tx: Db, run: RunRow) => Promise<void>,
): Promise<NamedRun> {
  requireScope(actor, 'retraining:write');
  return transact(ctx.db, async (tx) => {
    const known = await requireRun(tx, actor, id);
    const run = await lockRun(tx, known.id);
    if (run === null) throw new Error(`run ${known.id} vanished`);
    await work(tx, run);
    return namedRun(tx, run);
  });
}

function undecidable({ state }: RunRow): TidemarkError {
  const over = state === 'expired' || state === 'declined' ? ' Start another with POST /v1/runs.' : '';
  return new TidemarkError(
    'conflict',
    `The run is ${state.replaceAll('_', ' ')}; it does not wait for approval.${over}`,
  );
}
