import { asc, inArray, sql } from 'drizzle-orm';
import { attempts } from '../../../schemas/tables/index.ts';
import { type Db, PLANNED_ANEW } from '../postgres/db.ts';

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

/**
 * Writes down tries that were taken, each of another message, and that their messages are settled by them: one statement.
 * Nothing where a message is gone.
 */
export async function recordTaken(db: Db, taken: readonly Taken[], now: Date): Promise<void> {
  const rows = taken.map(({ messageId, at, ...rest }) => ({ id: messageId, at: at.toISOString(), ...rest }));
  await db.execute(sql`${PLANNED_ANEW}
    with settled as (
      update messages set state = 'delivered', attempts = attempts + 1, next_attempt_at = null, uncertain_since = null,
        settled_at = ${now.toISOString()}::timestamptz
      where id = any(${sql.param(taken.map(({ messageId }) => messageId))}::text[]) returning id, attempts)
    insert into attempts (message_id, number, at, milliseconds, outcome, request, status, response)
    select id, attempts, at, milliseconds, 'delivered', request, status, response
    from settled join jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as t (id text, at timestamptz, milliseconds int, status int, response text, request jsonb) using (id)`);
}
