import { eq } from 'drizzle-orm';
import { versions } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

/** Says whether the owner of a version's one file may execute it. */
export async function markExecutable(tx: Db, id: number, executable: boolean): Promise<void> {
  await tx.update(versions).set({ executable }).where(eq(versions.id, id));
}
