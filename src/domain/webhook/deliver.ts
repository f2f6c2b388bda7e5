import type { KnownEvent } from '../../../schemas/wire/events.ts';
import type { Context } from '../../context.ts';
import { type Delivery, findDelivery, hasTakenLater, updateMessage } from '../../store/webhook/messages.ts';
import type { AnyAdapter } from '../../webhook/adapters/index.ts';
import type { KeptConnections } from '../../webhook/connection.ts';
import { type SigningKey, signatureHeaders } from '../../webhook/sign.ts';
import { converse, type Made } from './converse.ts';
import { keysInForce } from './keys.ts';
import { recordTry } from './record-try.ts';
import { TakenLedger } from './taken-ledger.ts';
import { adapterFor, openTarget } from './target.ts';
import { writeTo } from './write-to.ts';

export type Delivering = Pick<Context, 'db' | 'now' | 'newId' | 'randomBytes' | 'secrets' | 'send' | 'mail'>;

/** What deliveries to one endpoint share that are made one after another. */
export type Shared = {
  readonly ledger: TakenLedger;
  readonly connections: KeptConnections;
  /** The message and its endpoint where they were read a moment ago, and the keys that sign. */
  readonly known?: (Delivery & { readonly keys: readonly SigningKey[] }) | undefined;
};

/**
 * Makes one try to deliver a message and records what became of it. Between the two lies the receiver: whoever
 * dies there has the message delivered once more, under the same id; where that could start something twice, it is
 * not delivered again but found to be unknown.
 * @returns whether the receiver took it; null when there was nothing to be sent.
 */
export async function deliverMessage(ctx: Delivering, messageId: string, shared?: Shared): Promise<boolean | null> {
  const found = shared?.known ?? (await findDelivery(ctx.db, messageId));
  if (found === null || found.endpoint.state === 'disabled') return null;
  const { message, endpoint } = found;
  if (message.state !== 'pending' && message.state !== 'standing') return null;
  const adapter = adapterFor(endpoint);
  if (adapter?.follows === true && message.attempts > 0 && (await hasTakenLater(ctx.db, message))) {
    await updateMessage(ctx.db, message.id, { state: 'discarded', nextAttemptAt: null, settledAt: ctx.now() });
    return null;
  }
  const at = ctx.now();
  const made =
    adapter === null ? await post(ctx, { message, endpoint, shared }) : await call(ctx, { message, endpoint, adapter });
  const ledger = shared?.ledger ?? new TakenLedger(ctx);
  await recordTry(ctx, { message, endpoint, adapter, at, made }, ledger);
  if (shared === undefined) await ledger.settle();
  return made.outcome === 'delivered';
}

/** Sends the event as it is, signed. */
async function post(
  ctx: Delivering,
  { message, endpoint, shared }: Delivery & { readonly shared: Shared | undefined },
): Promise<Made> {
  const signed = { id: message.id, at: ctx.now(), body: message.body };
  const signature = signatureHeaders(signed, shared?.known?.keys ?? (await keysInForce(ctx, endpoint)));
  const headers = { ...signature, 'content-type': 'application/json' };
  const connections = shared?.connections;
  const result = await ctx.send.deliver({ url: endpoint.url, headers, body: message.body, connections });
  const { outcome, status, error, response, milliseconds, retryAfter } = result;
  const request = { method: 'POST', url: endpoint.url, headers };
  const answer = { outcome, status, error, response, milliseconds, retryAfter };
  return { ...answer, request, external: null, renewAfter: null, uncertain: false };
}

/** Calls another system in its own way. */
async function call(
  ctx: Delivering,
  { message, endpoint, adapter }: Delivery & { readonly adapter: AnyAdapter },
): Promise<Made> {
  const uncertain = message.uncertainSince !== null;
  if (uncertain && adapter.looks !== true) return INTERRUPTED;
  const opened = openTarget(ctx, endpoint);
  // Every body was made by `publishEvent`, which types its data.
  const event = JSON.parse(message.body) as KnownEvent;
  if ('compose' in adapter) return writeTo(ctx, { adapter, opened, event, message });
  return converse(ctx, {
    adapter,
    opened,
    event,
    body: message.body,
    messageId: message.id,
    keys: adapter.signed === true ? await keysInForce(ctx, endpoint) : [],
    uncertain,
    mark: () => updateMessage(ctx.db, message.id, { uncertainSince: ctx.now() }),
  });
}

/** A request was begun, and whoever made it died before its end was recorded. */
const INTERRUPTED: Made = {
  outcome: 'unknown',
  status: null,
  error: 'The sender stopped before the answer was recorded; it is not sent again, since it may have been heard.',
  response: null,
  milliseconds: 0,
  retryAfter: null,
  request: null,
  external: null,
  renewAfter: null,
  uncertain: true,
};
