import { eq, inArray, type SQLWrapper, sql } from 'drizzle-orm';
import { projectAliases, projects } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

/** In a statement: the id of the project that is called so, else of the one that was; null where there is none. */
export const projectIdOf = (name: string | SQLWrapper) => sql<number | null>`coalesce(
  (select n.id from projects n where n.name = ${name}),
  (select a.project_id from project_aliases a where a.name = ${name}))`;

/** In a statement that reads `projects`: what each was called before. */
export const formerNames = sql<
  string[]
>`array(select a.name from project_aliases a where a.project_id = projects.id order by a.name)`;

/** What projects were called before, by their ids. */
export async function listFormerProjectNames(db: Db, ids: readonly number[]): Promise<Map<number, string[]>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({ id: projects.id, names: formerNames })
    .from(projects)
    .where(inArray(projects.id, [...ids]));
  return new Map(rows.map(({ id, names }) => [id, names]));
}

/**
 * Calls a project otherwise; its name so far goes on finding it, and the new one finds no other any longer. Fails (23505)
 * where another project is called so.
 */
export async function renameProject(
  tx: Db,
  { id, name }: Pick<typeof projects.$inferSelect, 'id' | 'name'>,
  to: string,
): Promise<void> {
  await tx.update(projects).set({ name: to }).where(eq(projects.id, id));
  await tx.delete(projectAliases).where(eq(projectAliases.name, to));
  // A project that was made under a name in the moment in which another gave it up has had it last.
  await tx
    .insert(projectAliases)
    .values({ name, projectId: id })
    .onConflictDoUpdate({ target: projectAliases.name, set: { projectId: id } });
}
