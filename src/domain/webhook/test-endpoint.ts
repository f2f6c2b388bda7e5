import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { transact } from '../../store/postgres/db.ts';
import { countMessagesSince } from '../../store/webhook/messages.ts';
import { lockEndpoint } from '../../store/webhook/webhooks.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { isDisabled, requireEndpoint } from './endpoints.ts';
import { publishEvent } from './publish.ts';

const TESTS_A_MINUTE = 10;

/**
 * Sends a `webhook.test` by the very path that every message takes.
 * @returns the message's id.
 * @throws TidemarkError `too-many-requests`, `conflict` for a disabled endpoint.
 */
export async function testEndpoint(
  ctx: Pick<Context, 'db' | 'now' | 'newId'>,
  actor: Actor,
  id: string,
): Promise<string> {
  requireScope(actor, 'webhooks:write');
  return transact(ctx.db, async (tx) => {
    await requireEndpoint(tx, actor, id);
    const endpoint = await lockEndpoint(tx, id);
    if (endpoint?.state !== 'enabled') throw isDisabled();
    const since = new Date(ctx.now().getTime() - 60_000);
    if ((await countMessagesSince(tx, id, { type: 'webhook.test', since })) >= TESTS_A_MINUTE) {
      throw new TidemarkError('too-many-requests', `At most ${TESTS_A_MINUTE} tests a minute.`, { retryAfter: 60 });
    }
    const [messageId = ''] = await publishEvent(tx, ctx, {
      projectId: actor.projectId,
      type: 'webhook.test',
      subject: id,
      data: { endpoint: id, message: 'This is a test. Whoever can read it and verify its signature is ready.' },
      endpointId: id,
    });
    return messageId;
  });
}
