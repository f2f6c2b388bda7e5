import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { type Db, transact } from '../../store/db.ts';
import { enqueue } from '../../store/jobs.ts';
import {
  type AttemptRow,
  findEndpoint,
  findMessage,
  listAttempts,
  listMessages,
  listMessagesAbout,
  lockMessage,
  type MessageRow,
  type MessageState,
  updateMessage,
} from '../../store/webhooks.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { isDisabled, readEndpoint } from './endpoints.ts';

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
  const message = await requireMessage(ctx.db, actor, id);
  return { message, attempts: await listAttempts(ctx.db, [message.id]) };
}

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
 * Tries a message at once, whatever became of it before. Its id stays, so a receiver that had it knows it again.
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
    const endpoint = await findEndpoint(tx, actor.projectId, known.endpointId);
    if (endpoint?.state !== 'enabled') throw isDisabled();
    await lockMessage(tx, id);
    await updateMessage(tx, id, { state: 'pending', nextAttemptAt: ctx.now(), settledAt: null });
    await enqueue(tx, { name: 'deliver-message', key: `message:${id}`, payload: { messageId: id } });
  });
  return { message: await requireMessage(ctx.db, actor, id), attempts: await listAttempts(ctx.db, [id]) };
}

async function requireMessage(db: Db, actor: Actor, id: string): Promise<MessageRow> {
  const message = await findMessage(db, actor.projectId, id);
  if (message !== null) return message;
  throw new TidemarkError('not-found', `There is no message "${id.slice(0, 60)}" in this project.`);
}
