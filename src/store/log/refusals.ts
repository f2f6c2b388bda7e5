import { and, desc, eq, sql } from 'drizzle-orm';
import { refusals } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

type RefusalRow = typeof refusals.$inferSelect;

/** A refused body without its rows. */
export type Refusal = Omit<RefusalRow, 'rows'>;

const { id, projectId, modelId, kind, rejected, kept, keptRaw, receivedAt } = refusals;
const columns = { id, projectId, modelId, kind, rejected, kept, keptRaw, receivedAt };

/** Keeps a refused body, and of its model's the newest ones alone. @returns its id. */
export async function insertRefusal(tx: Db, row: typeof refusals.$inferInsert, newest: number): Promise<number> {
  const [made] = await tx.insert(refusals).values(row).returning({ id: refusals.id });
  if (made === undefined) throw new Error('insert returned no row');
  await tx.execute(sql`
    delete from refusals where model_id = ${row.modelId} and id not in (
      select id from refusals where model_id = ${row.modelId} order by id desc limit ${newest})`);
  return made.id;
}

/** Newest first. */
export async function listRefusals(db: Db, ofModel: number): Promise<Refusal[]> {
  return db.select(columns).from(refusals).where(eq(modelId, ofModel)).orderBy(desc(refusals.id));
}

export async function findRefusal(db: Db, ofModel: number, number: number): Promise<RefusalRow | null> {
  const [found] = await db
    .select()
    .from(refusals)
    .where(and(eq(modelId, ofModel), eq(id, number)));
  return found ?? null;
}

/** @returns how many were older. */
export async function forgetRefusals(db: Db, days: number): Promise<number> {
  const gone = await db
    .delete(refusals)
    .where(sql`${refusals.receivedAt} < now() - make_interval(days => ${days})`)
    .returning({ id: refusals.id });
  return gone.length;
}
