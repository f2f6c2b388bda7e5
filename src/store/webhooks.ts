import { and, asc, eq, sql } from 'drizzle-orm';
import { type attempts, endpoints, messages } from '../../schemas/tables/index.ts';
import type { Db } from './db.ts';

export type EndpointRow = typeof endpoints.$inferSelect;
export type MessageRow = typeof messages.$inferSelect;
export type AttemptRow = typeof attempts.$inferSelect;

/** The enabled endpoints of a project that want events of this type, oldest first. */
export async function listSubscribers(db: Db, projectId: number, type: string): Promise<EndpointRow[]> {
  const wanted = sql`(cardinality(${endpoints.events}) = 0 or ${type} = any(${endpoints.events}))`;
  return db
    .select()
    .from(endpoints)
    .where(and(eq(endpoints.projectId, projectId), eq(endpoints.state, 'enabled'), wanted))
    .orderBy(asc(endpoints.createdAt), asc(endpoints.id));
}

export async function insertMessages(db: Db, rows: readonly (typeof messages.$inferInsert)[]): Promise<void> {
  if (rows.length > 0) await db.insert(messages).values([...rows]);
}
