import { alertBrief } from '../../../schemas/wire/events.ts';
import type { Context } from '../../context.ts';
import { insertDigestItems } from '../../store/inventory/digests.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { atLast, type Db } from '../../store/postgres/db.ts';
import type { EndpointRow } from '../../store/webhook/webhooks.ts';

/**
 * Keeps an alert's event for the next digest of some endpoints, which is due so long after the first of them: in the
 * transaction of the event, so that it is told once or not at all.
 */
export async function keepForDigest(
  tx: Db,
  ctx: Pick<Context, 'now'>,
  given: { readonly endpoints: readonly EndpointRow[]; readonly subject: string; readonly data: unknown },
): Promise<void> {
  const { endpoints, subject } = given;
  // Of what every alert says only this much is told.
  const brief = alertBrief.parse(given.data);
  const at = ctx.now();
  await insertDigestItems(
    tx,
    endpoints.map(({ id: endpointId }) => ({ endpointId, subject, brief, at })),
  );
  for (const { id: endpointId, digestSeconds } of endpoints) {
    const job = { name: 'send-digest', key: `endpoint:${endpointId}`, payload: { endpointId } } as const;
    await atLast(tx, `send-digest/${endpointId}`, () => enqueue(tx, { ...job, delaySeconds: digestSeconds ?? 0 }));
  }
}
