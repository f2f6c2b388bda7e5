import { and, eq, lt, sql } from 'drizzle-orm';
import { uploads } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

export type UploadRow = typeof uploads.$inferSelect;
export type NewUpload = Pick<UploadRow, 'id' | 'projectId' | 'oid' | 'size' | 'partBytes'>;

/** The upload of this object, made unless there is one; one that was completed begins anew. */
export async function openUpload(db: Db, row: NewUpload): Promise<UploadRow> {
  const [upload] = await db
    .insert(uploads)
    .values(row)
    .onConflictDoUpdate({
      target: [uploads.projectId, uploads.oid, uploads.size],
      set: { touchedAt: sql`now()`, completedAt: null },
    })
    .returning();
  if (upload === undefined) throw new Error('insert returned no row');
  return upload;
}

export async function findUpload(db: Db, projectId: number, id: string): Promise<UploadRow | null> {
  const rows = await db
    .select()
    .from(uploads)
    .where(and(eq(uploads.projectId, projectId), eq(uploads.id, id)));
  return rows[0] ?? null;
}

/** Notes that somebody is still at it. */
export async function touchUpload(db: Db, id: string): Promise<void> {
  await db.update(uploads).set({ touchedAt: sql`now()` }).where(eq(uploads.id, id));
}

export async function markCompleted(tx: Db, id: string): Promise<void> {
  await tx.update(uploads).set({ completedAt: sql`now()`, touchedAt: sql`now()` }).where(eq(uploads.id, id));
}

/** Uploads that nobody has touched for so many hours. */
export async function listIdleUploads(db: Db, hours: number): Promise<UploadRow[]> {
  return db
    .select()
    .from(uploads)
    .where(lt(uploads.touchedAt, sql`now() - make_interval(hours => ${hours})`))
    .limit(1000);
}

/** Forgets an upload, unless somebody has touched it in the meantime. */
export async function forgetUpload(db: Db, id: string, hours: number): Promise<void> {
  const idle = lt(uploads.touchedAt, sql`now() - make_interval(hours => ${hours})`);
  await db.delete(uploads).where(and(eq(uploads.id, id), idle));
}

/** Uploads of a project, the first thousand. */
export async function listUploads(db: Db, projectId: number): Promise<UploadRow[]> {
  return db.select().from(uploads).where(eq(uploads.projectId, projectId)).limit(1000);
}

/** Forgets an upload, whoever is still at it. */
export async function dropUpload(db: Db, id: string): Promise<void> {
  await db.delete(uploads).where(eq(uploads.id, id));
}
