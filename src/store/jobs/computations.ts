import { and, eq, sql } from 'drizzle-orm';
import { computations, projects } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

export type ComputationRow = typeof computations.$inferSelect;
export type ComputationKind = ComputationRow['kind'];

type NewComputation = Pick<ComputationRow, 'id' | 'projectId' | 'kind' | 'digest' | 'idempotencyKey' | 'author'> & {
  readonly request: unknown;
};

/** A failure is told to whoever asks again within so many seconds; later it is tried anew. */
const FAILURE_SECONDS = 60;

/** The computation of this digest: this one, or the first that was asked for. One that failed a while ago waits anew. */
export async function insertComputation(tx: Db, row: NewComputation): Promise<ComputationRow> {
  const over = sql`(computations.state = 'failed'
    and computations.finished_at < now() - make_interval(secs => ${FAILURE_SECONDS}))`;
  const unlessOver = (column: string) => sql`case when ${over} then null else computations.${sql.raw(column)} end`;
  const [found] = await tx
    .insert(computations)
    .values({ ...row, state: 'waiting' })
    .onConflictDoUpdate({
      target: [computations.projectId, computations.digest],
      set: {
        state: sql`case when ${over} then 'waiting' else computations.state end`,
        progress: unlessOver('progress'),
        error: unlessOver('error'),
        finishedAt: unlessOver('finished_at'),
      },
    })
    .returning();
  if (found === undefined) throw new Error('insert returned no row');
  return found;
}

export async function findComputation(db: Db, projectId: number, id: string): Promise<ComputationRow | null> {
  const rows = await db
    .select()
    .from(computations)
    .where(and(eq(computations.projectId, projectId), eq(computations.id, id)));
  return rows[0] ?? null;
}

/** What was asked under an idempotency key before. */
export async function findKeyedComputation(db: Db, projectId: number, key: string): Promise<ComputationRow | null> {
  const rows = await db
    .select()
    .from(computations)
    .where(and(eq(computations.projectId, projectId), eq(computations.idempotencyKey, key)));
  return rows[0] ?? null;
}

export type WaitingComputation = ComputationRow & { readonly project: string };

/** A computation that nobody has ended yet, with its project's name; null for any other. */
export async function findWaitingComputation(db: Db, id: string): Promise<WaitingComputation | null> {
  const rows = await db
    .select({ computation: computations, project: projects.name })
    .from(computations)
    .innerJoin(projects, eq(projects.id, computations.projectId))
    .where(and(eq(computations.id, id), eq(computations.state, 'waiting')));
  const row = rows[0];
  return row === undefined ? null : { ...row.computation, project: row.project };
}

const waiting = (id: string) => and(eq(computations.id, id), eq(computations.state, 'waiting'));

export async function saveComputationProgress(db: Db, id: string, progress: unknown): Promise<void> {
  await db.update(computations).set({ progress }).where(waiting(id));
}

/** Ends a computation that waits; one that has ended keeps its first outcome. */
export async function endComputation(
  db: Db,
  id: string,
  outcome: { readonly state: 'done'; readonly result: unknown } | { readonly state: 'failed'; readonly error: unknown },
): Promise<void> {
  await db
    .update(computations)
    .set({ ...outcome, finishedAt: sql`now()` })
    .where(waiting(id));
}

/** Has an answer that no longer holds found out anew. */
export async function reopenComputation(db: Db, id: string): Promise<void> {
  await db
    .update(computations)
    .set({ state: 'waiting', progress: null, result: null, finishedAt: null })
    .where(and(eq(computations.id, id), eq(computations.state, 'done')));
}

/** Forgets answers that were found so many days ago. @returns how many. */
export async function forgetComputations(db: Db, days: number): Promise<number> {
  const rows = await db
    .delete(computations)
    .where(sql`${computations.finishedAt} < now() - make_interval(days => ${days})`)
    .returning({ id: computations.id });
  return rows.length;
}
