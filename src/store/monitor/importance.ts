import { eq } from 'drizzle-orm';
import { referenceImportance } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

/** How much each feature of a revision's reference matters; null while that was not learnt. */
export async function findImportance(db: Db, monitorRevisionId: number): Promise<unknown> {
  const rows = await db
    .select({ importance: referenceImportance.importance })
    .from(referenceImportance)
    .where(eq(referenceImportance.monitorRevisionId, monitorRevisionId));
  return rows[0]?.importance ?? null;
}

/** It is a function of the revision alone, so a second writer leaves what is there. */
export async function insertImportance(db: Db, monitorRevisionId: number, importance: unknown): Promise<void> {
  await db.insert(referenceImportance).values({ monitorRevisionId, importance }).onConflictDoNothing();
}
