import { asc, inArray, sql } from 'drizzle-orm';
import { attempts } from '../../schemas/tables/index.ts';
import type { Db } from './postgres/db.ts';

export type AttemptRow = typeof attempts.$inferSelect;

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

/** A try that a receiver took. */
export type Taken = Pick<AttemptRow, 'messageId' | 'at' | 'milliseconds' | 'status' | 'response' | 'request'>;

/** Writes down a try that was taken, and that its message is settled by it: one statement. Nothing where that is gone. */
export async function recordTaken(db: Db, taken: Taken, now: Date): Promise<void> {
  const { messageId, at, milliseconds, status, response, request } = taken;
  await db.execute(sql`
    with settled as (
      update messages set state = 'delivered', attempts = attempts + 1, next_attempt_at = null, uncertain_since = null,
        settled_at = ${now.toISOString()}::timestamptz
      where id = ${messageId} returning id, attempts)
    insert into attempts (message_id, number, at, milliseconds, outcome, request, status, response)
    select id, attempts, ${at.toISOString()}::timestamptz, ${milliseconds}::int, 'delivered',
      ${JSON.stringify(request)}::jsonb, ${status}::int, ${response}
    from settled`);
}
