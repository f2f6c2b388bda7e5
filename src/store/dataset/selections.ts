import { and, eq, sql } from 'drizzle-orm';
import { predictionSelections, projects, versions } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

type Row = typeof predictionSelections.$inferSelect;

/** A selection with the version that it became. */
export type SelectionRow = Row & { readonly version: { readonly number: number; readonly oid: string } | null };

export async function insertSelection(tx: Db, row: typeof predictionSelections.$inferInsert): Promise<Row> {
  const [made] = await tx.insert(predictionSelections).values(row).returning();
  if (made === undefined) throw new Error('insert returned no row');
  return made;
}

export async function findSelection(db: Db, projectId: number, id: string): Promise<SelectionRow | null> {
  const rows = await db
    .select({ selection: predictionSelections, number: versions.number, oid: versions.oid })
    .from(predictionSelections)
    .leftJoin(versions, eq(versions.id, predictionSelections.versionId))
    .where(and(eq(predictionSelections.projectId, projectId), eq(predictionSelections.id, id)));
  const row = rows[0];
  if (row === undefined) return null;
  const { selection, number, oid } = row;
  return { ...selection, version: number === null || oid === null ? null : { number, oid } };
}

/** A selection that waits to be made, with its project's name; null when it has ended. */
export async function findWaitingSelection(db: Db, id: string): Promise<(Row & { readonly project: string }) | null> {
  const rows = await db
    .select({ selection: predictionSelections, project: projects.name })
    .from(predictionSelections)
    .innerJoin(projects, eq(projects.id, predictionSelections.projectId))
    .where(and(eq(predictionSelections.id, id), eq(predictionSelections.state, 'waiting')));
  const row = rows[0];
  return row === undefined ? null : { ...row.selection, project: row.project };
}

/** Ends a selection that waits; one that ended keeps its first outcome. */
export async function endSelection(
  db: Db,
  id: string,
  outcome: Pick<Row, 'state' | 'rows' | 'versionId' | 'error'>,
): Promise<void> {
  await db
    .update(predictionSelections)
    .set({ ...outcome, finishedAt: sql`now()` })
    .where(and(eq(predictionSelections.id, id), eq(predictionSelections.state, 'waiting')));
}
