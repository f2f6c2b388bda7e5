import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { enqueue } from '../../store/jobs.ts';
import { raiseWatermark } from '../../store/models.ts';
import { transact } from '../../store/postgres/db.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { resolveModel } from '../model/resolve.ts';
import { LATEST } from './event-time.ts';

/**
 * Takes the word of the sender that no event before `through` will come any more, so that windows close without
 * waiting for later events. It never goes back; repeating it changes nothing.
 * @returns the watermark in force, which may be later.
 * @throws TidemarkError `not-found`, `invalid-body` for a time after 2200.
 */
export async function setWatermark(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { model: string; through: Date },
): Promise<Date> {
  requireScope(actor, 'logs:write');
  const model = await resolveModel(ctx.db, actor.projectId, given.model);
  if (given.through.getTime() >= LATEST) {
    const detail = 'must lie before the year 2201';
    throw new TidemarkError('invalid-body', `The body at /through: ${detail}.`, {
      issues: [{ code: 'out-of-range', pointer: '/through', detail }],
    });
  }
  return transact(ctx.db, async (tx) => {
    const watermark = await raiseWatermark(tx, model.id, given.through);
    await enqueue(tx, { name: 'close-windows', key: `model:${model.id}`, payload: { modelId: model.id } });
    return watermark;
  });
}
