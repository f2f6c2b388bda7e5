import type { JobPayload } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../context.ts';
import { type Db, transact } from '../../store/db.ts';
import { enqueue } from '../../store/jobs.ts';
import {
  type EndpointRow,
  findDelivery,
  insertAttempt,
  lockEndpoint,
  lockMessage,
  type MessageChange,
  type MessageRow,
  updateEndpoint,
  updateMessage,
} from '../../store/webhooks.ts';
import { nextDelay } from '../../webhook/backoff.ts';
import type { DeliveryResult } from '../../webhook/send.ts';
import { signatureHeaders } from '../../webhook/sign.ts';
import { healthAfter, sealContext } from './endpoint.ts';
import { publishEvent } from './publish.ts';

type Delivering = Pick<Context, 'db' | 'now' | 'newId' | 'randomBytes' | 'secrets' | 'send'>;

/** A message that found its endpoint busy looks again after this long. */
const BUSY_SECONDS = 1;

/**
 * Makes one try to deliver a message and records what became of it. Between the two lies the receiver: whoever
 * dies there has the message delivered once more, under the same id.
 */
export async function deliverMessage(ctx: Delivering, { messageId }: JobPayload<'deliver-message'>): Promise<void> {
  const found = await findDelivery(ctx.db, messageId);
  if (found === null || found.message.state !== 'pending') return;
  const { message, endpoint } = found;
  if (endpoint.state === 'disabled') {
    await updateMessage(ctx.db, message.id, { state: 'discarded', nextAttemptAt: null, settledAt: ctx.now() });
    return;
  }
  const at = ctx.now();
  const secret = ctx.secrets.open(endpoint.secret, sealContext(endpoint));
  const headers = signatureHeaders({ id: message.id, at, body: message.body }, [secret]);
  const result = await ctx.send.deliver({ url: endpoint.url, headers, body: message.body, lane: endpoint.id });
  if (result === 'busy') {
    await again(ctx.db, message.id, BUSY_SECONDS);
    return;
  }
  await transact(ctx.db, (tx) => record(tx, ctx, { message, at, result }));
}

type Try = { readonly message: MessageRow; readonly at: Date; readonly result: DeliveryResult };

async function record(tx: Db, ctx: Delivering, { message, at, result }: Try): Promise<void> {
  const endpoint = await lockEndpoint(tx, message.endpointId);
  const current = await lockMessage(tx, message.id);
  if (endpoint === null || current === null) return;
  const number = current.attempts + 1;
  const { outcome, status, error, response, milliseconds } = result;
  await insertAttempt(tx, { messageId: message.id, number, at, outcome, status, error, response, milliseconds });
  const enabled = await recordHealth(tx, ctx, { endpoint, outcome });
  // Another worker had this message too and has settled it or seen to its next try.
  const overtaken = current.state !== 'pending' || current.attempts !== message.attempts;
  if (overtaken && outcome !== 'delivered') return updateMessage(tx, message.id, { attempts: number });
  const delay = outcome === 'delivered' || !enabled ? null : nextDelay(number, chance(ctx), result.retryAfter);
  await updateMessage(tx, message.id, { attempts: number, ...settle(ctx.now(), outcome, delay) });
  if (delay !== null) await again(tx, message.id, delay);
}

function settle(now: Date, outcome: DeliveryResult['outcome'], delay: number | null): MessageChange {
  if (outcome === 'delivered') return { state: 'delivered', nextAttemptAt: null, settledAt: now };
  if (delay === null) return { state: 'failed', nextAttemptAt: null, settledAt: now };
  return { nextAttemptAt: new Date(now.getTime() + delay * 1000) };
}

/** Returns whether the endpoint is still to be called. */
async function recordHealth(
  tx: Db,
  ctx: Delivering,
  { endpoint, outcome }: { endpoint: EndpointRow; outcome: DeliveryResult['outcome'] },
): Promise<boolean> {
  const health = healthAfter(endpoint, outcome, ctx.now());
  await updateEndpoint(tx, endpoint.id, health);
  if (health.state === 'disabled' && endpoint.state === 'enabled') {
    await publishEvent(tx, ctx, {
      projectId: endpoint.projectId,
      type: 'endpoint.disabled',
      subject: endpoint.id,
      data: { endpoint: endpoint.id, url: endpoint.url, reason: health.disabledReason ?? '' },
    });
  }
  return health.state === 'enabled';
}

const again = (db: Db, messageId: string, delaySeconds: number): Promise<void> =>
  enqueue(db, { name: 'deliver-message', key: `message:${messageId}`, payload: { messageId }, delaySeconds });

/** In [0, 1), from 32 random bits. */
function chance(ctx: Pick<Context, 'randomBytes'>): number {
  return Buffer.from(ctx.randomBytes(4)).readUInt32BE(0) / 2 ** 32;
}
