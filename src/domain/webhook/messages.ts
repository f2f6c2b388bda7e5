import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { type Db, readAtOnce, transact } from '../../store/postgres/db.ts';
import { type AttemptRow, listAttempts } from '../../store/webhook/attempts.ts';
import {
  findMessage,
  listMessages,
  listMessagesAbout,
  lockMessage,
  type MessageRange,
  type MessageRow,
  type MessageState,
  renewMessages,
  updateMessage,
} from '../../store/webhook/messages.ts';
import { lockEndpoint, updateEndpoint } from '../../store/webhook/webhooks.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { isDisabled, readEndpoint, requireEndpoint } from './endpoints.ts';
import { wakeDeliveries } from './publish.ts';

/** A message with every try that was made. */
export type MessageRecord = { readonly message: MessageRow; readonly attempts: readonly AttemptRow[] };

/** Messages of one receiver, newest first. `next` is the cursor of the following page, null on the last. */
export async function readMessages(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  asked: { endpoint: string; limit: number; cursor?: string | undefined; state?: MessageState | undefined },
): Promise<{ items: MessageRow[]; next: string | null }> {
  const endpoint = await readEndpoint(ctx, actor, asked.endpoint);
  const page = { before: asked.cursor, limit: asked.limit + 1, state: asked.state };
  const rows = await listMessages(ctx.db, endpoint.id, page);
  const items = rows.slice(0, asked.limit);
  return { items, next: rows.length > asked.limit ? (items.at(-1)?.id ?? null) : null };
}

/** @throws TidemarkError `not-found`. */
export async function readMessage(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<MessageRecord> {
  requireScope(actor, 'webhooks:read');
  return recordOf(ctx.db, actor, id);
}

/** As of one moment: a try that is recorded meanwhile would be listed, and its message be said to wait for it. */
const recordOf = (db: Db, actor: Actor, id: string): Promise<MessageRecord> =>
  readAtOnce(db, async (tx) => {
    const message = await requireMessage(tx, actor, id);
    return { message, attempts: await listAttempts(tx, [id]) };
  });

/** Messages about alerts or runs, oldest first, with their attempts and the URL each goes to. */
export async function messagesAbout(
  db: Db,
  projectId: number,
  subjects: readonly string[],
): Promise<(MessageRecord & { url: string })[]> {
  const rows = await listMessagesAbout(db, projectId, subjects);
  const attempts = await listAttempts(
    db,
    rows.map((row) => row.id),
  );
  return rows.map(({ url, ...message }) => ({
    message,
    url,
    attempts: attempts.filter((attempt) => attempt.messageId === message.id),
  }));
}

/**
 * Tries a message at once, whatever became of it before, and then by the schedule as a new one. Its id stays, so a
 * receiver that had it knows it again.
 * @throws TidemarkError `not-found`, `conflict` for a disabled endpoint.
 */
export async function redeliverMessage(
  ctx: Pick<Context, 'db' | 'now'>,
  actor: Actor,
  id: string,
): Promise<MessageRecord> {
  requireScope(actor, 'webhooks:write');
  await transact(ctx.db, async (tx) => {
    const known = await requireMessage(tx, actor, id);
    await awaken(tx, known.endpointId);
    const locked = await lockMessage(tx, id);
    const scheduledFrom = locked?.attempts ?? 0;
    await updateMessage(tx, id, {
      state: 'pending',
      nextAttemptAt: ctx.now(),
      settledAt: null,
      scheduledFrom,
      uncertainSince: null,
    });
    await wakeDeliveries(tx, { id: known.endpointId, projectId: known.projectId });
  });
  return recordOf(ctx.db, actor, id);
}

/** Messages that one call has tried again at most. */
const AT_ONCE = 10_000;

/**
 * Tries many messages of one receiver again, the oldest first: all that failed or were discarded, or those of a
 * span of time. What is under way already is left as it is.
 * @returns how many, and whether there are more.
 * @throws TidemarkError `not-found`, `conflict` for a disabled endpoint.
 */
export async function redeliverMessages(
  ctx: Pick<Context, 'db' | 'now'>,
  actor: Actor,
  asked: Partial<MessageRange> & { readonly endpoint: string },
): Promise<{ messages: number; more: boolean }> {
  requireScope(actor, 'webhooks:write');
  return transact(ctx.db, async (tx) => {
    const { id } = await requireEndpoint(tx, actor, asked.endpoint);
    await awaken(tx, id);
    const { states = ['failed', 'discarded'], since = null, until = null } = asked;
    const range = { states, since, until, now: ctx.now() };
    const messages = await renewMessages(tx, id, { ...range, limit: AT_ONCE });
    if (messages > 0) await wakeDeliveries(tx, { id, projectId: actor.projectId });
    return { messages, more: messages === AT_ONCE };
  });
}

/** Who asks by hand does not wait for the receiver to have rested. */
async function awaken(tx: Db, endpointId: string): Promise<void> {
  const endpoint = await lockEndpoint(tx, endpointId);
  if (endpoint?.state !== 'enabled') throw isDisabled();
  if (endpoint.nextSendAt !== null) await updateEndpoint(tx, endpointId, { nextSendAt: null });
}

async function requireMessage(db: Db, actor: Actor, id: string): Promise<MessageRow> {
  const message = await findMessage(db, actor.projectId, id);
  if (message !== null) return message;
  throw new TidemarkError('not-found', `There is no message "${id.slice(0, 60)}" in this project.`);
}
