import { type EventData, type EventType, PAYLOAD_VERSION } from '../../../schemas/wire/events.ts';
import type { Context } from '../../context.ts';
import { findProjectById } from '../../store/access/access.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { atLast, type Db } from '../../store/postgres/db.ts';
import { findNewestAbout, insertMessages, settleStanding } from '../../store/webhook/messages.ts';
import { type EndpointRow, listSubscribers } from '../../store/webhook/webhooks.ts';
import { matchersOf } from './endpoint.ts';
import { keepForDigest } from './keep-for-digest.ts';
import { labelsOf, matches } from './matcher.ts';

export type Publication<T extends EventType> = {
  readonly projectId: number;
  readonly type: T;
  /** The alert, run, version or window that the event is about; its messages are found by it. */
  readonly subject: string;
  readonly data: EventData<T>;
  /** Tells this endpoint alone, whatever it subscribed to. */
  readonly endpointId?: string;
};

/**
 * Tells the project's receivers, in the caller's transaction: one message for each enabled endpoint that wants
 * the type and whose matchers hold, and a job for its deliveries. What is rolled back is never told. Call it late
 * in the transaction.
 * @returns the ids of the messages.
 */
export async function publishEvent<T extends EventType>(
  tx: Db,
  ctx: Pick<Context, 'now' | 'newId'>,
  event: Publication<T>,
): Promise<readonly string[]> {
  // What was told of an alert again and again until now is told no more: this takes its place.
  if (event.type.startsWith('alert.')) {
    await settleStanding(tx, { projectId: event.projectId, subject: event.subject, now: ctx.now() });
  }
  const receivers = event.endpointId === undefined ? await findReceivers(tx, ctx, event) : [event.endpointId];
  if (receivers.length === 0) return [];
  const project = await findProjectById(tx, event.projectId);
  const at = await momentOf(tx, ctx, event);
  const body = envelope(ctx, { ...event, at, source: `/p/${project?.name ?? event.projectId}` });
  const rows = receivers.map((endpointId) => ({
    id: ctx.newId('msg'),
    projectId: event.projectId,
    endpointId,
    type: event.type,
    subject: event.subject,
    body,
    state: 'pending' as const,
    attempts: 0,
    createdAt: at,
    nextAttemptAt: ctx.now(),
  }));
  await insertMessages(tx, rows);
  for (const id of receivers)
    await atLast(tx, `deliver-messages/${id}`, () => wakeDeliveries(tx, { id, projectId: event.projectId }));
  return rows.map(({ id }) => id);
}

/**
 * When an event is said to be: after all that was told of its subject. They set out in this order, and the clocks of two
 * processes may differ by more than lies between an alert and its end.
 */
async function momentOf<T extends EventType>(
  tx: Db,
  ctx: Pick<Context, 'now'>,
  { projectId, type, subject }: Publication<T>,
): Promise<Date> {
  const now = ctx.now();
  // Of a report this is all that is ever told.
  const before = type === 'window.judged' ? null : await findNewestAbout(tx, projectId, subject);
  return before === null || before < now ? now : new Date(before.getTime() + 1);
}

/** Who is told by a message of its own; whoever wants alerts together is told with the next digest. */
async function findReceivers<T extends EventType>(
  tx: Db,
  ctx: Pick<Context, 'now'>,
  event: Publication<T>,
): Promise<string[]> {
  const labels = labelsOf(event.data);
  const wanting = (await listSubscribers(tx, event.projectId, event.type)).filter((endpoint) =>
    matches(matchersOf(endpoint), labels),
  );
  if (!event.type.startsWith('alert.')) return wanting.map(({ id }) => id);
  const [gathering, single] = [
    wanting.filter(({ digestSeconds }) => digestSeconds !== null),
    wanting.filter(({ digestSeconds }) => digestSeconds === null),
  ];
  await keepForDigest(tx, ctx, { endpoints: gathering, subject: event.subject, data: event.data });
  return single.map(({ id }) => id);
}

/** One text for all receivers of the event: what is stored is what is signed and sent, byte for byte. */
function envelope(
  ctx: Pick<Context, 'newId'>,
  event: { type: EventType; subject: string; at: Date; source: string; data: unknown },
): string {
  const time = event.at.toISOString();
  return JSON.stringify({
    specversion: '1.0',
    id: ctx.newId('evt'),
    source: event.source,
    type: event.type,
    time,
    timestamp: time,
    subject: event.subject,
    datacontenttype: 'application/json',
    dataschema: `https://tidemark.dev/events/${PAYLOAD_VERSION}/${event.type}`,
    data: event.data,
  });
}

/** Has what is due to an endpoint delivered, after a while where one is named. */
export function wakeDeliveries(
  tx: Db,
  endpoint: Pick<EndpointRow, 'id' | 'projectId'>,
  delaySeconds = 0,
): Promise<void> {
  return enqueue(tx, {
    name: 'deliver-messages',
    key: `endpoint:${endpoint.id}`,
    payload: { endpointId: endpoint.id, projectId: endpoint.projectId },
    delaySeconds,
  });
}
