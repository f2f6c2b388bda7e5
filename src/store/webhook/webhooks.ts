import { and, asc, count, eq, gt, inArray, lte, sql } from 'drizzle-orm';
import { attempts, digestItems, endpoints, messages, retiredSecrets } from '../../../schemas/tables/index.ts';
import { stands } from '../access/standing-projects.ts';
import type { Db } from '../postgres/db.ts';

export type EndpointRow = typeof endpoints.$inferSelect;
export type RetiredSecretRow = typeof retiredSecrets.$inferSelect;

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

/** For the job that delivers to it and knows its id alone: none of a deleted project. */
export async function findEndpointById(db: Db, id: string): Promise<EndpointRow | null> {
  const rows = await db
    .select()
    .from(endpoints)
    .where(and(eq(endpoints.id, id), stands(sql`${endpoints.projectId}`)));
  return rows[0] ?? null;
}

/** Locks the endpoint until the transaction ends, so that what its deliveries say of it is said one after another. */
export async function lockEndpoint(tx: Db, id: string): Promise<EndpointRow | null> {
  const rows = await tx.select().from(endpoints).where(eq(endpoints.id, id)).for('no key update');
  return rows[0] ?? null;
}

export type EndpointChange = Partial<
  Pick<
    EndpointRow,
    | 'state'
    | 'disabledReason'
    | 'failingSince'
    | 'events'
    | 'matchers'
    | 'description'
    | 'maxInFlight'
    | 'ratePerMinute'
    | 'digestSeconds'
    | 'nextSendAt'
    | 'scheme'
    | 'options'
    | 'credentials'
    | 'url'
    | 'secret'
    | 'rotatingUntil'
  >
>;

export async function updateEndpoint(db: Db, id: string, change: EndpointChange): Promise<EndpointRow | null> {
  const rows = await db.update(endpoints).set(change).where(eq(endpoints.id, id)).returning();
  return rows[0] ?? null;
}

/** Removes the endpoint with its messages and their attempts. */
export async function deleteEndpoint(tx: Db, id: string): Promise<void> {
  // Whoever publishes holds it, and whoever writes down a try its message: what they write is seen by what follows.
  await tx.select({ id: endpoints.id }).from(endpoints).where(eq(endpoints.id, id)).for('update');
  await tx.execute(sql`
    select count(*) from (select 1 from messages where endpoint_id = ${id} order by id for update) as held`);
  const own = tx.select({ id: messages.id }).from(messages).where(eq(messages.endpointId, id));
  await tx.delete(attempts).where(inArray(attempts.messageId, own));
  await tx.delete(messages).where(eq(messages.endpointId, id));
  await tx.delete(retiredSecrets).where(eq(retiredSecrets.endpointId, id));
  await tx.delete(digestItems).where(eq(digestItems.endpointId, id));
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

export async function insertRetiredSecret(tx: Db, row: typeof retiredSecrets.$inferInsert): Promise<void> {
  await tx.insert(retiredSecrets).values(row);
}

/** Former keys that still sign, the youngest first. */
export async function listRetiredSecrets(db: Db, endpointId: string, now: Date): Promise<RetiredSecretRow[]> {
  return db
    .select()
    .from(retiredSecrets)
    .where(and(eq(retiredSecrets.endpointId, endpointId), gt(retiredSecrets.endsAt, now)))
    .orderBy(sql`${retiredSecrets.id} desc`);
}

/** Removes former keys: those that have ended by `now`, all of them when it is null. */
export async function deleteRetiredSecrets(tx: Db, endpointId: string, now: Date | null): Promise<void> {
  const ended = now === null ? undefined : lte(retiredSecrets.endsAt, now);
  await tx.delete(retiredSecrets).where(and(eq(retiredSecrets.endpointId, endpointId), ended));
}
