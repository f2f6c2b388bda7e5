import { asc, eq, inArray } from 'drizzle-orm';
import { digestItems } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

export type DigestItemRow = typeof digestItems.$inferSelect;

/** Keeps events for the next digest of their endpoints. */
export async function insertDigestItems(tx: Db, rows: readonly (typeof digestItems.$inferInsert)[]): Promise<void> {
  if (rows.length > 0) await tx.insert(digestItems).values([...rows]);
}

/** Takes the oldest events that wait for an endpoint's digest, in order; they are gone with the transaction. */
export async function takeDigestItems(tx: Db, endpointId: string, limit: number): Promise<DigestItemRow[]> {
  const oldest = tx
    .select({ id: digestItems.id })
    .from(digestItems)
    .where(eq(digestItems.endpointId, endpointId))
    .orderBy(asc(digestItems.id))
    .limit(limit);
  const rows = await tx.delete(digestItems).where(inArray(digestItems.id, oldest)).returning();
  return rows.toSorted((a, b) => a.id - b.id);
}
