import { and, eq, inArray, type SQLWrapper, sql } from 'drizzle-orm';
import { datasetAliases, datasets } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

/** In a statement: the id of the dataset that is called so, else of the one that was; null where there is none. */
export const datasetIdOf = (projectId: number | SQLWrapper, name: string | SQLWrapper) => sql<number | null>`coalesce(
  (select n.id from datasets n where n.project_id = ${projectId} and n.name = ${name}),
  (select a.dataset_id from dataset_aliases a where a.project_id = ${projectId} and a.name = ${name}))`;

/** In a statement: all names by which a dataset is, or was, asked for. */
export const namesOfDataset = (id: number | SQLWrapper) => sql`(
  select n.name from datasets n where n.id = ${id} union all select a.name from dataset_aliases a where a.dataset_id = ${id})`;

/** Whether a dataset is called exactly so, be it deleted. */
export async function isNameTaken(db: Db, projectId: number, name: string): Promise<boolean> {
  const rows = await db
    .select({ id: datasets.id })
    .from(datasets)
    .where(and(eq(datasets.projectId, projectId), eq(datasets.name, name)));
  return rows.length > 0;
}

/** What datasets were called before, by their ids. */
export async function listFormerNames(db: Db, ids: readonly number[]): Promise<Map<number, string[]>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({
      id: datasetAliases.datasetId,
      names: sql<string[]>`array_agg(${datasetAliases.name} order by ${datasetAliases.name})`,
    })
    .from(datasetAliases)
    .where(inArray(datasetAliases.datasetId, [...ids]))
    .groupBy(datasetAliases.datasetId);
  return new Map(rows.map(({ id, names }) => [id, names]));
}

/** Calls a dataset otherwise; its name so far goes on finding it, and the new one finds no other any longer. */
export async function renameDataset(
  tx: Db,
  { id, projectId, name }: Pick<typeof datasets.$inferSelect, 'id' | 'projectId' | 'name'>,
  to: string,
): Promise<void> {
  const alias = (text: string) => and(eq(datasetAliases.projectId, projectId), eq(datasetAliases.name, text));
  await tx.delete(datasetAliases).where(alias(to));
  await tx.update(datasets).set({ name: to }).where(eq(datasets.id, id));
  await tx.insert(datasetAliases).values({ projectId, name, datasetId: id });
}
