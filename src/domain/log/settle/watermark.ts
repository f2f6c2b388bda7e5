import type { Context } from '../../../context.ts';
import { TidemarkError } from '../../../errors.ts';
import { enqueue } from '../../../store/jobs/jobs.ts';
import { lowerWatermark, raiseWatermark } from '../../../store/monitor/models.ts';
import { lowerWatermarks } from '../../../store/monitor/monitors.ts';
import { databaseNow } from '../../../store/monitor/window-sorting.ts';
import { transact } from '../../../store/postgres/db.ts';
import { type Actor, requireScope } from '../../access/actor.ts';
import { resolveModel } from '../../model/resolve.ts';
import { FUTURE_TOLERANCE } from '../prepare/event-time.ts';

export type WatermarkRequest = {
  readonly model: string;
  readonly through: Date;
  /** Takes it back to there, where it is later. */
  readonly lower: boolean;
};

/**
 * Takes the word of the sender that no event before `through` will come any more, so that windows close without
 * waiting for later events. It goes back only where an administrator lowers it: windows that have closed stay closed, and
 * rows that come for the others find them open. Repeating it changes nothing.
 * @returns the watermark in force, which may be later.
 * @throws TidemarkError `not-found`, `forbidden`, `invalid-body` for a time more than a day ahead of the database's clock.
 */
export async function setWatermark(ctx: Pick<Context, 'db'>, actor: Actor, given: WatermarkRequest): Promise<Date> {
  const { through, lower } = given;
  requireScope(actor, lower ? 'admin' : 'logs:write');
  const model = await resolveModel(ctx.db, actor.projectId, given.model);
  return transact(ctx.db, async (tx) => {
    if (through.getTime() > (await databaseNow(tx)) + FUTURE_TOLERANCE) throw tooFar();
    const watermark = await (lower ? lowerWatermark : raiseWatermark)(tx, model.id, through);
    if (lower) await lowerWatermarks(tx, model.id, through);
    await enqueue(tx, { name: 'close-windows', key: `model:${model.id}`, payload: { modelId: model.id } });
    return watermark;
  });
}

/** Every row from now until then would be late, and its window revised with each of them. */
function tooFar(): TidemarkError {
  const detail = 'must not lie more than 24 hours ahead: nobody knows yet which events will come until then';
  return new TidemarkError('invalid-body', `The body at /through: ${detail}.`, {
    issues: [{ code: 'in-the-future', pointer: '/through', detail }],
  });
}
