import { and, asc, count, desc, eq, gt, gte, inArray, isNotNull, lt, lte, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { attempts, endpoints, messages } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';
import type { EndpointRow } from './webhooks.ts';

export type MessageRow = typeof messages.$inferSelect;
export type MessageState = MessageRow['state'];

export async function insertMessages(db: Db, rows: readonly (typeof messages.$inferInsert)[]): Promise<void> {
  if (rows.length > 0) await db.insert(messages).values([...rows]);
}

/** When the newest message about a thing was made; null while there is none. */
export async function findNewestAbout(db: Db, projectId: number, subject: string): Promise<Date | null> {
  const rows = await db
    .select({ at: messages.createdAt })
    .from(messages)
    .where(and(eq(messages.projectId, projectId), eq(messages.subject, subject)))
    .orderBy(desc(messages.createdAt))
    .limit(1);
  return rows[0]?.at ?? null;
}

export async function findMessage(db: Db, projectId: number, id: string): Promise<MessageRow | null> {
  const rows = await db
    .select()
    .from(messages)
    .where(and(eq(messages.projectId, projectId), eq(messages.id, id)));
  return rows[0] ?? null;
}

export type Delivery = { readonly message: MessageRow; readonly endpoint: EndpointRow };

/** A message with its endpoint, for the job that knows its id alone. */
export async function findDelivery(db: Db, messageId: string): Promise<Delivery | null> {
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

export type MessageChange = Partial<
  Pick<MessageRow, 'state' | 'attempts' | 'scheduledFrom' | 'nextAttemptAt' | 'settledAt' | 'uncertainSince'>
>;

export async function updateMessage(db: Db, id: string, change: MessageChange): Promise<void> {
  await db.update(messages).set(change).where(eq(messages.id, id));
}

/**
 * Messages of an endpoint whose time has come, the one that waits longest first. Of several about the same subject
 * that were never tried, the oldest alone: they set out in the order of what they tell.
 */
export async function listDueMessages(
  db: Db,
  endpointId: string,
  page: { now: Date; limit: number },
): Promise<MessageRow[]> {
  const earlier = alias(messages, 'earlier');
  const before = sql`(${earlier.createdAt}, ${earlier.id}) < (${messages.createdAt}, ${messages.id})`;
  // A scalar, which is looked up for each message: an anti-join would compare all with all. It is asked of the first that
  // was never tried, of this subject or one behind it: only one index has them in that order. With the subject alone, any
  // index of the endpoint would do for a planner that has not looked at the table since it grew, or knows of one subject
  // only, and each look-up would read all that waits.
  const overtaken = db
    .select({ there: sql`${earlier.subject} = ${messages.subject} and ${before}` })
    .from(earlier)
    .where(
      and(
        eq(earlier.endpointId, endpointId),
        sql`${earlier.state} = 'pending' and ${earlier.attempts} = 0`,
        gte(earlier.subject, messages.subject),
      ),
    )
    .orderBy(asc(earlier.subject), asc(earlier.createdAt), asc(earlier.id))
    .limit(1);
  return db
    .select()
    .from(messages)
    .where(and(openTo(endpointId), lte(messages.nextAttemptAt, page.now), sql`not coalesce((${overtaken}), false)`))
    .orderBy(asc(messages.nextAttemptAt), asc(messages.id))
    .limit(page.limit);
}

/** When the next of an endpoint's messages is to be tried; null when none waits. */
export async function nextDueAt(db: Db, endpointId: string): Promise<Date | null> {
  const rows = await db
    .select({ at: messages.nextAttemptAt })
    .from(messages)
    .where(openTo(endpointId))
    .orderBy(asc(messages.nextAttemptAt))
    .limit(1);
  return rows[0]?.at ?? null;
}

/** Gives up everything that waits for an endpoint. */
export async function discardPending(db: Db, endpointId: string, now: Date): Promise<void> {
  await db.update(messages).set({ state: 'discarded', nextAttemptAt: null, settledAt: now }).where(openTo(endpointId));
}

/** What was started at the other end by a message of one type about one thing: the newest of them. */
export async function findStarted(
  db: Db,
  about: { projectId: number; subject: string; type: string },
): Promise<{ endpoint: typeof endpoints.$inferSelect; externalId: string } | null> {
  const rows = await db
    .select({ endpoint: endpoints, externalId: attempts.externalId })
    .from(attempts)
    .innerJoin(messages, eq(messages.id, attempts.messageId))
    .innerJoin(endpoints, eq(endpoints.id, messages.endpointId))
    .where(
      and(
        eq(messages.projectId, about.projectId),
        eq(messages.subject, about.subject),
        eq(messages.type, about.type),
        isNotNull(attempts.externalId),
      ),
    )
    .orderBy(desc(attempts.at))
    .limit(1);
  const [row] = rows;
  return row?.externalId == null ? null : { endpoint: row.endpoint, externalId: row.externalId };
}

/** How many messages of one type there are about one thing, and how many of them were taken. */
export async function countMessages(
  db: Db,
  about: { projectId: number; subject: string; type: string },
): Promise<{ total: number; delivered: number }> {
  const [row] = await db
    .select({ total: count(), delivered: sql<number>`count(*) filter (where ${messages.state} = 'delivered')::int` })
    .from(messages)
    .where(
      and(eq(messages.projectId, about.projectId), eq(messages.subject, about.subject), eq(messages.type, about.type)),
    );
  return row ?? { total: 0, delivered: 0 };
}

/** Gives up messages of one type about one thing that are still to be sent. */
export async function discardMessages(
  tx: Db,
  about: { projectId: number; subject: string; type: string; at: Date },
): Promise<void> {
  await tx
    .update(messages)
    .set({ state: 'discarded', nextAttemptAt: null, settledAt: about.at })
    .where(
      and(
        eq(messages.projectId, about.projectId),
        eq(messages.subject, about.subject),
        eq(messages.type, about.type),
        eq(messages.state, 'pending'),
      ),
    );
}

/** Written out, since a plan that is kept for any parameters can use no index of these states alone. */
const openTo = (endpointId: string) =>
  and(eq(messages.endpointId, endpointId), sql`${messages.state} in ('pending', 'standing')`);

/** What was told again and again is over: it is not told any more, to anybody. */
export async function settleStanding(tx: Db, about: { projectId: number; subject: string; now: Date }): Promise<void> {
  await tx
    .update(messages)
    .set({ state: 'delivered', nextAttemptAt: null, settledAt: about.now })
    .where(
      and(eq(messages.projectId, about.projectId), eq(messages.subject, about.subject), eq(messages.state, 'standing')),
    );
}

/** Whether the endpoint has taken a later message about the same subject. */
export async function hasTakenLater(db: Db, message: MessageRow): Promise<boolean> {
  const rows = await db
    .select({ id: messages.id })
    .from(messages)
    .where(
      and(
        eq(messages.endpointId, message.endpointId),
        eq(messages.projectId, message.projectId),
        eq(messages.subject, message.subject),
        inArray(messages.state, ['delivered', 'standing']),
        sql`(${messages.createdAt}, ${messages.id}) > (${message.createdAt.toISOString()}::timestamptz, ${message.id})`,
      ),
    )
    .limit(1);
  return rows.length > 0;
}

export type MessageRange = {
  readonly states: readonly MessageState[];
  readonly since: Date | null;
  readonly until: Date | null;
};

/**
 * Has the oldest messages of a range tried anew, at most `limit` of them.
 * @returns how many.
 */
export async function renewMessages(
  tx: Db,
  endpointId: string,
  range: MessageRange & { readonly limit: number; readonly now: Date },
): Promise<number> {
  const chosen = tx
    .select({ id: messages.id })
    .from(messages)
    .where(
      and(
        eq(messages.endpointId, endpointId),
        inArray(messages.state, [...range.states]),
        range.since === null ? undefined : gte(messages.createdAt, range.since),
        range.until === null ? undefined : lt(messages.createdAt, range.until),
      ),
    )
    .orderBy(asc(messages.createdAt), asc(messages.id))
    .limit(range.limit)
    .for('update');
  const rows = await tx
    .update(messages)
    .set({
      state: 'pending',
      nextAttemptAt: range.now,
      settledAt: null,
      uncertainSince: null,
      scheduledFrom: sql`${messages.attempts}`,
    })
    .where(inArray(messages.id, chosen))
    .returning({ id: messages.id });
  return rows.length;
}

/** Endpoints with messages that should have been tried a while ago. */
export async function listNeglectedEndpoints(db: Db, before: Date): Promise<Pick<EndpointRow, 'id' | 'projectId'>[]> {
  return db
    .selectDistinct({ id: messages.endpointId, projectId: messages.projectId })
    .from(messages)
    .where(and(inArray(messages.state, ['pending', 'standing']), lt(messages.nextAttemptAt, before)))
    .limit(1000);
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
