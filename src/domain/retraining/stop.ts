import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { transact } from '../../store/postgres/db.ts';
import {
  deleteRetrainingStop,
  findRetrainingStop,
  insertRetrainingStop,
  type RetrainingStop,
} from '../../store/retraining/policies.ts';
import { type Actor, requireScope } from '../access/actor.ts';

/** Who stopped all retraining in the project; null: nobody. */
export async function readStop(ctx: Pick<Context, 'db'>, actor: Actor): Promise<RetrainingStop | null> {
  requireScope(actor, 'retraining:read');
  return findRetrainingStop(ctx.db, actor.projectId);
}

/**
 * Stops all retraining in the project, or lets it go on. While it is stopped no run starts, by hand neither, and none
 * that is being prepared is asked for; what pipelines were asked for before goes on. Repeating it changes nothing.
 * @throws TidemarkError `invalid-body` for a stop without a reason.
 */
export async function stopRetraining(
  ctx: Pick<Context, 'db' | 'now'>,
  actor: Actor,
  given: { readonly stopped: boolean; readonly reason?: string | undefined },
): Promise<RetrainingStop | null> {
  requireScope(actor, 'retraining:write');
  const { projectId } = actor;
  return transact(ctx.db, async (tx) => {
    if (!given.stopped) await deleteRetrainingStop(tx, projectId);
    else if (given.reason === undefined) throw withoutReason();
    else {
      await insertRetrainingStop(tx, { projectId, at: ctx.now(), author: actor.author, reason: given.reason });
    }
    return findRetrainingStop(tx, projectId);
  });
}

function withoutReason(): TidemarkError {
  const detail = 'is required to stop: whoever finds it stopped has to know why';
  return new TidemarkError('invalid-body', `The body at /reason: ${detail}.`, {
    issues: [{ code: 'invalid-type', pointer: '/reason', detail }],
  });
}
