import type { Context } from '../../context.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { noteExternalRun } from '../../store/retraining/retraining.ts';
import { insertAttempt } from '../../store/webhook/attempts.ts';
import { lockMessage, type MessageChange, type MessageRow, updateMessage } from '../../store/webhook/messages.ts';
import { type EndpointRow, lockEndpoint, updateEndpoint } from '../../store/webhook/webhooks.ts';
import type { AnyAdapter } from '../../webhook/adapters/index.ts';
import { nextDelay } from '../../webhook/backoff.ts';
import type { Made } from './converse.ts';
import { healthAfter } from './endpoint.ts';
import { canBePolled } from './poll-target.ts';
import { publishEvent } from './publish.ts';
import type { TakenLedger } from './taken-ledger.ts';

type Recording = Pick<Context, 'db' | 'now' | 'newId' | 'randomBytes'>;

export type Try = {
  readonly message: MessageRow;
  readonly endpoint: EndpointRow;
  readonly adapter: AnyAdapter | null;
  readonly at: Date;
  readonly made: Made;
};

/** Seconds until what was started is asked about. */
const FIRST_POLL = 60;

/** A state that holds on is never given up: it is told again after this long at the latest, in seconds. */
const LONGEST_SILENCE = 60;

/**
 * Writes down what a try came to: the attempt, the message, the health of the endpoint; all of it or nothing. For one that
 * went well, as most do, that is a line of the ledger.
 */
export async function recordTry(ctx: Recording, tried: Try, ledger: TakenLedger): Promise<void> {
  if (!isPlainSuccess(tried)) return transact(ctx.db, (tx) => record(tx, ctx, tried));
  const { message, at, made } = tried;
  const { milliseconds, status, response, request } = made;
  ledger.write({ messageId: message.id, at, milliseconds, status, response, request });
}

/** Nothing but the message itself is changed by it. */
const isPlainSuccess = ({ adapter, endpoint, made }: Try): boolean =>
  adapter === null && made.outcome === 'delivered' && endpoint.failingSince === null;

async function record(tx: Db, ctx: Recording, tried: Try): Promise<void> {
  const { message, endpoint, at, made } = tried;
  const enabled = await recordHealth(tx, ctx, tried);
  const current = await lockMessage(tx, message.id);
  if (enabled === null || current === null) return;
  const renewed = message.state === 'standing' && made.outcome === 'delivered';
  const number = renewed ? current.attempts : current.attempts + 1;
  // Told for the hundredth time, it is told: one line says so.
  if (!renewed) await insertAttempt(tx, { messageId: message.id, number, at, ...attemptOf(made) });
  // Another worker had this message too and has settled it or seen to its next try.
  const overtaken = current.state !== message.state || current.attempts !== message.attempts;
  if (overtaken && made.outcome !== 'delivered') return updateMessage(tx, message.id, { attempts: number });
  // What ended while it was told once more stays ended.
  if (overtaken && message.state === 'standing') return;
  const change = settle(ctx, { ...tried, message: current }, { number, enabled });
  await updateMessage(tx, message.id, { attempts: number, ...change });
  if (message.type === 'retraining.requested' && made.external !== null) {
    await followRun(tx, { runId: message.subject, url: made.external.url, polled: canBePolled(endpoint) });
  }
}

/** Where a run goes on at the other end is where it is followed, by people and, where that can be asked, by us. */
async function followRun(
  tx: Db,
  { runId, url, polled }: { runId: string; url: string | null; polled: boolean },
): Promise<void> {
  if (url !== null) await noteExternalRun(tx, runId, url);
  if (!polled) return;
  await enqueue(tx, { name: 'poll-run', key: `run:${runId}`, payload: { runId }, delaySeconds: FIRST_POLL });
}

const attemptOf = ({ outcome, status, error, response, milliseconds, request, external }: Made) => ({
  ...{ outcome, status, error, response, milliseconds, request },
  externalId: external?.id ?? null,
  externalUrl: external?.url ?? null,
});

function settle(
  ctx: Recording,
  { message, adapter, made }: Try,
  { number, enabled }: { number: number; enabled: boolean },
): MessageChange {
  const now = ctx.now();
  const uncertainSince = made.uncertain ? (message.uncertainSince ?? now) : null;
  const after = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
  if (made.outcome === 'delivered') {
    if (made.renewAfter === null) return { state: 'delivered', nextAttemptAt: null, settledAt: now, uncertainSince };
    return { state: 'standing', nextAttemptAt: after(made.renewAfter), scheduledFrom: number, uncertainSince };
  }
  // What will not be taken, however often it is sent, is not sent again.
  if (made.outcome === 'rejected') return { state: 'failed', nextAttemptAt: null, settledAt: now, uncertainSince };
  // Whether it was heard can neither be found out nor tried again.
  const stuck = made.outcome === 'unknown' && adapter?.repeatable === false && adapter.looks !== true;
  if (stuck) return { state: 'unknown', nextAttemptAt: null, settledAt: now, uncertainSince };
  const delay = enabled ? nextDelay(number - message.scheduledFrom, chance(ctx), made.retryAfter) : null;
  if (message.state === 'standing' && enabled) {
    return { nextAttemptAt: after(Math.min(delay ?? LONGEST_SILENCE, LONGEST_SILENCE)) };
  }
  if (delay !== null) return { nextAttemptAt: after(delay), uncertainSince };
  return { state: made.uncertain ? 'unknown' : 'failed', nextAttemptAt: null, settledAt: now, uncertainSince };
}

/** Returns whether the endpoint is still to be called, null when it is gone. */
async function recordHealth(tx: Db, ctx: Recording, { endpoint, made }: Try): Promise<boolean | null> {
  // A success in good health says nothing new: the deliveries of one endpoint need not wait for each other.
  if (made.outcome === 'delivered' && endpoint.failingSince === null) return true;
  const current = await lockEndpoint(tx, endpoint.id);
  if (current === null) return null;
  const health = healthAfter(current, made, ctx.now());
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
