import { eq, sql } from 'drizzle-orm';
import { loggedColumns } from '../../../schemas/tables/index.ts';
import { bigints, texts, words } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';

export type LoggedColumnRow = Omit<typeof loggedColumns.$inferSelect, 'modelId'>;

/** What has been counted of a model's columns so far. */
export async function listLoggedColumns(db: Db, modelId: number): Promise<LoggedColumnRow[]> {
  const { name, firstSequence, sent, sentSince, fitting, fittingSince } = loggedColumns;
  return db
    .select({ name, firstSequence, sent, sentSince, fitting, fittingSince })
    .from(loggedColumns)
    .where(eq(loggedColumns.modelId, modelId));
}

/** Writes counts over what was there. Call it under the lock of the model. */
export async function writeLoggedColumns(tx: Db, modelId: number, rows: readonly LoggedColumnRow[]): Promise<void> {
  const sequences = (of: (row: LoggedColumnRow) => number | null) =>
    words(rows.map((row) => String(of(row) ?? 'null')));
  await tx.execute(sql`
    insert into logged_columns (model_id, name, first_sequence, sent, sent_since, fitting, fitting_since)
    select ${modelId}::int8, s.name, s.first_sequence, s.sent, s.sent_since, s.fitting, s.fitting_since
    from unnest(${texts(rows.map(({ name }) => name))}::text[],
      ${bigints(rows.map(({ firstSequence }) => firstSequence))}::int8[], ${bigints(rows.map(({ sent }) => sent))}::int[],
      ${sequences((row) => row.sentSince)}::int8[], ${bigints(rows.map(({ fitting }) => fitting))}::int[],
      ${sequences((row) => row.fittingSince)}::int8[]) as s (name, first_sequence, sent, sent_since, fitting, fitting_since)
    on conflict (model_id, name) do update set sent = excluded.sent, sent_since = excluded.sent_since,
      fitting = excluded.fitting, fitting_since = excluded.fitting_since`);
}
