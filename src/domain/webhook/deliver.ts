import type { Context } from '../../context.ts';
import { type Db, transact } from '../../store/db.ts';
import {
  findDelivery,
  insertAttempt,
  lockMessage,
  type MessageChange,
  type MessageRow,
  updateMessage,
} from '../../store/messages.ts';
import { type EndpointRow, lockEndpoint, updateEndpoint } from '../../store/webhooks.ts';
import { nextDelay } from '../../webhook/backoff.ts';
import type { DeliveryResult } from '../../webhook/send.ts';
import { signatureHeaders } from '../../webhook/sign.ts';
import { healthAfter } from './endpoint.ts';
import { keysInForce } from './keys.ts';
import { publishEvent } from './publish.ts';

export type Delivering = Pick<Context, 'db' | 'now' | 'newId' | 'randomBytes' | 'secrets' | 'send'>;

/**
 * Makes one try to deliver a message and records what became of it. Between the two lies the receiver: whoever
 * dies there has the message delivered once more, under the same id.
 * @returns whether the receiver took it; null when there was nothing to be sent.
 */
export async function deliverMessage(ctx: Delivering, messageId: string): Promise<boolean | null> {
  const found = await findDelivery(ctx.db, messageId);
  if (found === null || found.message.state !== 'pending' || found.endpoint.state === 'disabled') return null;
  const { message, endpoint } = found;
  const at = ctx.now();
  const signed = { id: message.id, at, body: message.body };
  const headers = signatureHeaders(signed, await keysInForce(ctx, endpoint));
  const result = await ctx.send.deliver({ url: endpoint.url, headers, body: message.body });
  const request = { method: 'POST', url: endpoint.url, headers };
  await transact(ctx.db, (tx) => record(tx, ctx, { message, endpoint, at, request, result }));
  return result.outcome === 'delivered';
}

type Try = {
  readonly message: MessageRow;
  readonly endpoint: EndpointRow;
  readonly at: Date;
  readonly request: unknown;
  readonly result: DeliveryResult;
};

async function record(tx: Db, ctx: Delivering, made: Try): Promise<void> {
  const { message, at, request, result } = made;
  const enabled = await recordHealth(tx, ctx, made);
  const current = await lockMessage(tx, message.id);
  if (enabled === null || current === null) return;
  const number = current.attempts + 1;
  const { outcome, status, error, response, milliseconds } = result;
  const answer = { outcome, status, error, response, milliseconds };
  await insertAttempt(tx, { messageId: message.id, number, at, request, ...answer });
  // Another worker had this message too and has settled it or seen to its next try.
  const overtaken = current.state !== 'pending' || current.attempts !== message.attempts;
  if (overtaken && outcome !== 'delivered') return updateMessage(tx, message.id, { attempts: number });
  const again = outcome !== 'delivered' && enabled;
  const delay = again ? nextDelay(number - current.scheduledFrom, chance(ctx), result.retryAfter) : null;
  await updateMessage(tx, message.id, { attempts: number, ...settle(ctx.now(), outcome, delay) });
}

function settle(now: Date, outcome: DeliveryResult['outcome'], delay: number | null): MessageChange {
  if (outcome === 'delivered') return { state: 'delivered', nextAttemptAt: null, settledAt: now };
  if (delay === null) return { state: 'failed', nextAttemptAt: null, settledAt: now };
  return { nextAttemptAt: new Date(now.getTime() + delay * 1000) };
}

/** Returns whether the endpoint is still to be called, null when it is gone. */
async function recordHealth(tx: Db, ctx: Delivering, { endpoint, result }: Try): Promise<boolean | null> {
  // A success in good health says nothing new: the deliveries of one endpoint need not wait for each other.
  if (result.outcome === 'delivered' && endpoint.failingSince === null) return true;
  const now = ctx.now();
  const current = await lockEndpoint(tx, endpoint.id);
  if (current === null) return null;
  const health = healthAfter(current, result, now);
  await updateEndpoint(tx, endpoint.id, health);
  if (health.state === 'disabled' && current.state === 'enabled') {
    await publishEvent(tx, ctx, {
      projectId: endpoint.projectId,
      type: 'endpoint.disabled',
      subject: endpoint.id,
      data: { endpoint: endpoint.id, url: endpoint.url, reason: health.disabledReason ?? '' },
    });
  }
  return health.state === 'enabled';
}

/** In [0, 1), from 32 random bits. */
function chance(ctx: Pick<Context, 'randomBytes'>): number {
  return Buffer.from(ctx.randomBytes(4)).readUInt32BE(0) / 2 ** 32;
}
