import { and, asc, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import { projects } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';
import type { ProjectRow } from './access.ts';

/**
 * Deletes a project, for so long that it can be restored. One that is deleted already stays as it is.
 * @returns it when it was deleted now, else null.
 */
export async function markDeleted(
  tx: Db,
  id: number,
  given: { readonly author: string; readonly undoSeconds: number },
): Promise<ProjectRow | null> {
  const rows = await tx
    .update(projects)
    .set({
      deletedAt: sql`now()`,
      deletedBy: given.author,
      eraseAt: sql`now() + make_interval(secs => ${given.undoSeconds})`,
    })
    .where(and(eq(projects.id, id), isNull(projects.deletedAt)))
    .returning();
  return rows[0] ?? null;
}

/** Takes a deletion back, unless its erasure has begun. @returns whether there was one to take back. */
export async function unmarkDeleted(tx: Db, id: number): Promise<boolean> {
  const rows = await tx
    .update(projects)
    .set({ deletedAt: null, deletedBy: null, eraseAt: null })
    .where(and(eq(projects.id, id), isNotNull(projects.deletedAt), isNull(projects.erasingAt)))
    .returning({ id: projects.id });
  return rows.length === 1;
}

/** A project to be erased, and the seconds until it may be. Null for one that was restored, or is gone. */
export async function findErasure(
  db: Db,
  id: number,
): Promise<{ readonly project: ProjectRow; readonly seconds: number } | null> {
  const rows = await db
    .select({ project: projects, seconds: sql<number>`extract(epoch from ${projects.eraseAt} - now())::float8` })
    .from(projects)
    .where(and(eq(projects.id, id), isNotNull(projects.deletedAt)));
  return rows[0] ?? null;
}

/** From now on it cannot be restored. False where it was restored meanwhile. */
export async function markErasing(db: Db, id: number): Promise<boolean> {
  const rows = await db
    .update(projects)
    .set({ erasingAt: sql`coalesce(${projects.erasingAt}, now())` })
    .where(and(eq(projects.id, id), isNotNull(projects.deletedAt), sql`${projects.eraseAt} <= now()`))
    .returning({ id: projects.id });
  return rows.length === 1;
}

/** Deleted projects that can be restored no longer. */
export async function listErasable(db: Db): Promise<number[]> {
  const rows = await db
    .select({ id: projects.id })
    .from(projects)
    .where(and(isNotNull(projects.deletedAt), sql`${projects.eraseAt} <= now()`))
    .orderBy(asc(projects.eraseAt));
  return rows.map(({ id }) => id);
}

/** Whether a worker has a job of the project in hand. */
export async function hasWorkInHand(db: Db, projectId: number): Promise<boolean> {
  const rows = await db.execute<{ found: boolean }>(sql`
    select exists (select 1 from jobs where project_id = ${projectId} and state = 'active' and lease_until >= now()) found`);
  return rows[0]?.found === true;
}

/** Runs over the project's objects that were under way when it was deleted. */
export async function listLivingRuns(db: Db, projectId: number): Promise<string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select id from storage_runs where project_id = ${projectId} and state = 'running'`);
  return rows.map(({ id }) => id);
}
