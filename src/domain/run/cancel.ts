import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { transact } from '../../store/postgres/db.ts';
import { lockRun, type NamedRun, updateRun } from '../../store/retraining/retraining.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { announceCancellation, namedRun, noteRun } from './announce.ts';
import { isLiving } from './run.ts';
import { requireRun } from './runs.ts';

/**
 * Ends a run that has not come to an end. A request that is still to be sent is not sent; a pipeline that works on it is
 * told, and hears of it with its next report at the latest, which is refused. Repeating it changes nothing.
 * @throws TidemarkError `not-found`, `conflict` for a run that has ended.
 */
export async function cancelRun(
  ctx: Pick<Context, 'db' | 'now' | 'newId' | 'publicUrl'>,
  actor: Actor,
  given: { readonly run: string; readonly reason: string },
): Promise<NamedRun> {
  requireScope(actor, 'retraining:write');
  const { reason } = given;
  return transact(ctx.db, async (tx) => {
    const known = await requireRun(tx, actor, given.run);
    const run = await lockRun(tx, known.id);
    if (run === null) throw new Error(`run ${known.id} vanished`);
    if (run.state === 'cancelled') return namedRun(tx, run);
    if (!isLiving(run.state)) {
      throw new TidemarkError('conflict', `The run is ${run.state.replaceAll('_', ' ')}; it has ended already.`);
    }
    await updateRun(tx, run.id, { state: 'cancelled', error: reason, updatedAt: ctx.now() });
    await noteRun(tx, ctx, { runId: run.id, state: 'cancelled', author: actor.author, detail: { message: reason } });
    await announceCancellation(tx, ctx, { run, author: actor.author });
    return namedRun(tx, run);
  });
}
