import type { JobPayload } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../context.ts';
import {
  discardPending,
  listDueMessages,
  listNeglectedEndpoints,
  type MessageRow,
  nextDueAt,
} from '../../store/webhook/messages.ts';
import { type EndpointRow, findEndpointById, updateEndpoint } from '../../store/webhook/webhooks.ts';
import { KeptConnections } from '../../webhook/connection.ts';
import { type Delivering, deliverMessage, type Shared } from './deliver.ts';
import { keysInForce } from './keys.ts';
import { wakeDeliveries } from './publish.ts';
import { TakenLedger } from './taken-ledger.ts';

/** Messages that are read at once, each of 20 kB at the most. */
const PAGE = 40;

/** What was read so long ago is read again before it is sent: it may have been given up, or its endpoint changed. */
const FRESH_MILLISECONDS = 1000;

/** After so long the job makes room for those of other endpoints, and goes to the end of the queue itself. */
const SLICE_MILLISECONDS = 20_000;

/**
 * Job: delivers what is due to one endpoint. One such job runs for an endpoint at a time, so its limits hold however
 * many workers there are, and a receiver that hangs occupies one runner and no more. Killed anywhere, it is run
 * again: what was not recorded is sent once more under its id.
 */
export async function deliverMessages(ctx: Delivering, { endpointId }: JobPayload<'deliver-messages'>): Promise<void> {
  const shared = { ledger: new TakenLedger(ctx), connections: new KeptConnections() };
  try {
    await deliverDue(ctx, endpointId, shared);
  } finally {
    await shared.connections.end();
  }
}

async function deliverDue(ctx: Delivering, endpointId: string, shared: Shared): Promise<void> {
  const end = ctx.now().getTime() + SLICE_MILLISECONDS;
  for (;;) {
    const endpoint = await findEndpointById(ctx.db, endpointId);
    if (endpoint === null) return;
    if (endpoint.state === 'disabled') return discardPending(ctx.db, endpointId, ctx.now());
    const now = ctx.now();
    const limit = endpoint.ratePerMinute === null ? PAGE : 1;
    const due = await listDueMessages(ctx.db, endpointId, { now, limit });
    if (due.length === 0) return waitForNext(ctx, endpoint);
    const rest = endpoint.nextSendAt === null ? 0 : endpoint.nextSendAt.getTime() - now.getTime();
    if (rest > 0 || now.getTime() >= end) return wakeDeliveries(ctx.db, endpoint, Math.max(0, rest) / 1000);
    if (endpoint.ratePerMinute !== null) {
      const nextSendAt = new Date(now.getTime() + 60_000 / endpoint.ratePerMinute);
      await updateEndpoint(ctx.db, endpointId, { nextSendAt });
    }
    await deliverPage(ctx, { endpoint, due, readAt: now.getTime(), end, shared });
  }
}

/** Several at a time while all goes well, one at a time to a receiver that fails; until the first failure. */
async function deliverPage(
  ctx: Delivering,
  page: {
    readonly endpoint: EndpointRow;
    readonly due: readonly MessageRow[];
    readonly readAt: number;
    readonly end: number;
    readonly shared: Shared;
  },
): Promise<void> {
  const { endpoint, due, readAt, end, shared } = page;
  const keys = endpoint.kind === 'standard' ? await keysInForce(ctx, endpoint) : [];
  const waiting = due.values();
  let well = true;
  const runner = async (): Promise<void> => {
    for (const message of waiting) {
      // What could start something twice is always looked up.
      const fresh = endpoint.kind === 'standard' && ctx.now().getTime() - readAt < FRESH_MILLISECONDS;
      const known = fresh ? { message, endpoint, keys } : undefined;
      if ((await deliverMessage(ctx, message.id, { ...shared, known })) === false) well = false;
      if (!well || ctx.now().getTime() >= end) return;
    }
  };
  const width = endpoint.failingSince === null ? endpoint.maxInFlight : 1;
  await Promise.all(Array.from({ length: width }, runner));
  await shared.ledger.settle();
}

async function waitForNext(ctx: Pick<Context, 'db' | 'now'>, endpoint: EndpointRow): Promise<void> {
  const next = await nextDueAt(ctx.db, endpoint.id);
  if (next === null) return;
  // What is due and still held back waits for one before it, by the clock of another machine.
  await wakeDeliveries(ctx.db, endpoint, Math.max(1, (next.getTime() - ctx.now().getTime()) / 1000));
}

/** What should have been tried this long ago has lost its job. */
const NEGLECT_MILLISECONDS = 60_000;

/** Wakes the deliveries of endpoints whose job is gone, for instance because it failed too often. */
export async function wakeNeglected(ctx: Pick<Context, 'db' | 'now'>): Promise<void> {
  const before = new Date(ctx.now().getTime() - NEGLECT_MILLISECONDS);
  for (const endpoint of await listNeglectedEndpoints(ctx.db, before)) await wakeDeliveries(ctx.db, endpoint);
}
