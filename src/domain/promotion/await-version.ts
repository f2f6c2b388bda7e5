import type { JobPayload } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../context.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { findModelById } from '../../store/monitor/models.ts';
import { transact } from '../../store/postgres/db.ts';
import { findRegistryEvent, lockRegistry, updateRegistryEvent } from '../../store/retraining/registries.ts';
import { aliasSet } from './alias-set.ts';

/** Seconds until a version that was not known is looked for again, and between one look and the next. */
export const FIRST_LOOK = 10;
const LOOK = 60;
const LONGEST_WAIT_MILLISECONDS = 24 * 3600 * 1000;

/**
 * Job: looks whether a version that a registry has put into service is known by now, once a minute for a day. An alias that
 * was moved again meanwhile ends it too.
 */
export async function awaitVersion(
  ctx: Pick<Context, 'db' | 'now' | 'newId' | 'publicUrl'>,
  { eventId }: JobPayload<'await-version'>,
): Promise<void> {
  await transact(ctx.db, async (tx) => {
    const found = await findRegistryEvent(tx, eventId);
    const registry = found === null ? null : await lockRegistry(tx, found.registryId);
    const event = await findRegistryEvent(tx, eventId);
    const model = event === null ? null : await findModelById(tx, event.modelId);
    if (registry === null || model === null || event?.outcome !== 'waiting') return;
    const outcome = await aliasSet(tx, ctx, { registry, model, version: event.version, movedAt: event.movedAt });
    if (outcome.outcome !== 'waiting') return updateRegistryEvent(tx, eventId, outcome);
    if (ctx.now().getTime() - event.at.getTime() >= LONGEST_WAIT_MILLISECONDS) {
      const detail = `The model "${model.name}" has got no version "${event.version}" here within a day.`;
      return updateRegistryEvent(tx, eventId, { ...outcome, outcome: 'lapsed', detail });
    }
    await enqueue(tx, {
      name: 'await-version',
      key: `registry-event:${eventId}`,
      payload: { eventId },
      delaySeconds: LOOK,
    });
  });
}
