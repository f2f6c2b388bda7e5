import { and, asc, count, desc, eq, gt, inArray, lt, sql } from 'drizzle-orm';
import { attempts, endpoints, messages } from '../../schemas/tables/index.ts';
import type { Db } from './db.ts';

export type EndpointRow = typeof endpoints.$inferSelect;
export type MessageRow = typeof messages.$inferSelect;
export type AttemptRow = typeof attempts.$inferSelect;
export type MessageState = MessageRow['state'];

export async function insertEndpoint(db: Db, row: typeof endpoints.$inferInsert): Promise<EndpointRow> {
  const [made] = await db.insert(endpoints).values(row).returning();
  if (made === undefined) throw new Error('insert returned no row');
  return made;
}

export async function countEndpoints(db: Db, projectId: number): Promise<number> {
  const [row] = await db.select({ count: count() }).from(endpoints).where(eq(endpoints.projectId, projectId));
  return row?.count ?? 0;
}

export async function listEndpoints(db: Db, projectId: number): Promise<EndpointRow[]> {
  return db
    .select()
    .from(endpoints)
    .where(eq(endpoints.projectId, projectId))
    .orderBy(asc(endpoints.createdAt), asc(endpoints.id));
}

export async function findEndpoint(db: Db, projectId: number, id: string): Promise<EndpointRow | null> {
  const rows = await db
    .select()
    .from(endpoints)
    .where(and(eq(endpoints.projectId, projectId), eq(endpoints.id, id)));
  return rows[0] ?? null;
}

/** Locks the endpoint until the transaction ends, so that what its deliveries say of it is said one after another. */
export async function lockEndpoint(tx: Db, id: string): Promise<EndpointRow | null> {
  const rows = await tx.select().from(endpoints).where(eq(endpoints.id, id)).for('no key update');
  return rows[0] ?? null;
}

export type EndpointChange = Partial<
  Pick<EndpointRow, 'state' | 'disabledReason' | 'failingSince' | 'events' | 'description'>
>;

export async function updateEndpoint(db: Db, id: string, change: EndpointChange): Promise<EndpointRow | null> {
  const rows = await db.update(endpoints).set(change).where(eq(endpoints.id, id)).returning();
  return rows[0] ?? null;
}

/** Removes the endpoint with its messages and their attempts. */
export async function deleteEndpoint(tx: Db, id: string): Promise<void> {
  const own = tx.select({ id: messages.id }).from(messages).where(eq(messages.endpointId, id));
  await tx.delete(attempts).where(inArray(attempts.messageId, own));
  await tx.delete(messages).where(eq(messages.endpointId, id));
  await tx.delete(endpoints).where(eq(endpoints.id, id));
}

/**
 * The enabled endpoints of a project that want events of this type, oldest first. They cannot be deleted until
 * the transaction ends, which would make the messages that are about to be written fail.
 */
export async function listSubscribers(tx: Db, projectId: number, type: string): Promise<EndpointRow[]> {
  const wanted = sql`(cardinality(${endpoints.events}) = 0 or ${type} = any(${endpoints.events}))`;
  return tx
    .select()
    .from(endpoints)
    .where(and(eq(endpoints.projectId, projectId), eq(endpoints.state, 'enabled'), wanted))
    .orderBy(asc(endpoints.createdAt), asc(endpoints.id))
    .for('key share');
}

export async function insertMessages(db: Db, rows: readonly (typeof messages.$inferInsert)[]): Promise<void> {
  if (rows.length > 0) await db.insert(messages).values([...rows]);
}

export async function findMessage(db: Db, projectId: number, id: string): Promise<MessageRow | null> {
  const rows = await db
    .select()
    .from(messages)
    .where(and(eq(messages.projectId, projectId), eq(messages.id, id)));
  return rows[0] ?? null;
}

/** A message with its endpoint, for the job that knows its id alone. */
export async function findDelivery(
  db: Db,
  messageId: string,
): Promise<{ message: MessageRow; endpoint: EndpointRow } | null> {
  const rows = await db
    .select({ message: messages, endpoint: endpoints })
    .from(messages)
    .innerJoin(endpoints, eq(endpoints.id, messages.endpointId))
    .where(eq(messages.id, messageId));
  return rows[0] ?? null;
}

export async function lockMessage(tx: Db, id: string): Promise<MessageRow | null> {
  const rows = await tx.select().from(messages).where(eq(messages.id, id)).for('update');
  return rows[0] ?? null;
}

export type MessageChange = Partial<Pick<MessageRow, 'state' | 'attempts' | 'nextAttemptAt' | 'settledAt'>>;

export async function updateMessage(db: Db, id: string, change: MessageChange): Promise<void> {
  await db.update(messages).set(change).where(eq(messages.id, id));
}

/** Messages of an endpoint, newest first, from the one before the id `before`. */
export async function listMessages(
  db: Db,
  endpointId: string,
  page: { before: string | undefined; limit: number; state?: MessageState | undefined },
): Promise<MessageRow[]> {
  return db
    .select()
    .from(messages)
    .where(
      and(
        eq(messages.endpointId, endpointId),
        page.before === undefined ? undefined : lt(messages.id, page.before),
        page.state === undefined ? undefined : eq(messages.state, page.state),
      ),
    )
    .orderBy(desc(messages.id))
    .limit(page.limit);
}

/** Messages about these alerts, runs, versions or windows, oldest first, with the URL each goes to. */
export async function listMessagesAbout(
  db: Db,
  projectId: number,
  subjects: readonly string[],
): Promise<(MessageRow & { url: string })[]> {
  if (subjects.length === 0) return [];
  const rows = await db
    .select({ message: messages, url: endpoints.url })
    .from(messages)
    .innerJoin(endpoints, eq(endpoints.id, messages.endpointId))
    .where(and(eq(messages.projectId, projectId), inArray(messages.subject, [...subjects])))
    .orderBy(asc(messages.createdAt), asc(messages.id));
  return rows.map(({ message, url }) => ({ ...message, url }));
}

/** How many messages of a type an endpoint was sent since then. */
export async function countMessagesSince(
  db: Db,
  endpointId: string,
  of: { type: string; since: Date },
): Promise<number> {
  const [row] = await db
    .select({ count: count() })
    .from(messages)
    .where(and(eq(messages.endpointId, endpointId), eq(messages.type, of.type), gt(messages.createdAt, of.since)));
  return row?.count ?? 0;
}

export async function insertAttempt(db: Db, row: typeof attempts.$inferInsert): Promise<void> {
  await db.insert(attempts).values(row);
}

/** Attempts of many messages, in the order in which they were made. */
export async function listAttempts(db: Db, messageIds: readonly string[]): Promise<AttemptRow[]> {
  if (messageIds.length === 0) return [];
  return db
    .select()
    .from(attempts)
    .where(inArray(attempts.messageId, [...messageIds]))
    .orderBy(asc(attempts.messageId), asc(attempts.number), asc(attempts.id));
}
