import { eq } from 'drizzle-orm';
import { versions } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';
import type { VersionRow } from './datasets.ts';

/** A version as it is now, which nobody else changes until the transaction ends. */
export async function lockVersion(tx: Db, id: number): Promise<VersionRow | null> {
  const rows = await tx.select().from(versions).where(eq(versions.id, id)).for('update');
  return rows[0] ?? null;
}

/** A version as it is now, which nobody throws away until the transaction ends: what refers to it holds it so. */
export async function holdVersion(tx: Db, id: number): Promise<VersionRow | null> {
  const rows = await tx.select().from(versions).where(eq(versions.id, id)).for('key share');
  return rows[0] ?? null;
}

export type StoredNotes = Pick<VersionRow, 'message' | 'author' | 'labels' | 'gitRev' | 'provenance'>;

/** Says other things of a version; what it holds does not change. */
export async function saveNotes(tx: Db, id: number, notes: StoredNotes): Promise<void> {
  await tx.update(versions).set(notes).where(eq(versions.id, id));
}
