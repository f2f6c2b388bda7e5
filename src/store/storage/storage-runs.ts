import { and, asc, desc, eq, gt, inArray, lt, sql } from 'drizzle-orm';
import { projects, storageFindings, storageRuns } from '../../../schemas/tables/index.ts';
import { stands } from '../access/standing-projects.ts';
import type { Db } from '../postgres/db.ts';

export type StorageRunRow = typeof storageRuns.$inferSelect;
export type StorageRunKind = StorageRunRow['kind'];
export type FindingRow = typeof storageFindings.$inferSelect;

/** Something wrong with one object; `code` is a word that clients may rely on. */
export type Finding = { readonly code: string; readonly oid: string; readonly detail: string };

export type NewStorageRun = Pick<StorageRunRow, 'id' | 'projectId' | 'kind' | 'author'> & { readonly request: unknown };

/** Begins a run unless one of its kind is under way in the project: null then. */
export async function insertStorageRun(tx: Db, run: NewStorageRun): Promise<StorageRunRow | null> {
  const rows = await tx
    .insert(storageRuns)
    .values({ ...run, state: 'running', progress: {} })
    .onConflictDoNothing()
    .returning();
  return rows[0] ?? null;
}

export async function findStorageRun(db: Db, projectId: number, id: string): Promise<StorageRunRow | null> {
  const rows = await db
    .select()
    .from(storageRuns)
    .where(and(eq(storageRuns.projectId, projectId), eq(storageRuns.id, id)));
  return rows[0] ?? null;
}

/** The run of a kind that is under way. */
export async function findLivingRun(db: Db, projectId: number, kind: StorageRunKind): Promise<StorageRunRow | null> {
  const rows = await db
    .select()
    .from(storageRuns)
    .where(and(eq(storageRuns.projectId, projectId), eq(storageRuns.kind, kind), eq(storageRuns.state, 'running')));
  return rows[0] ?? null;
}

/** Newest first, from the one before `before` in time. */
export async function listStorageRuns(
  db: Db,
  projectId: number,
  page: { kinds: readonly StorageRunKind[]; before: Date | null; limit: number },
): Promise<StorageRunRow[]> {
  return db
    .select()
    .from(storageRuns)
    .where(
      and(
        eq(storageRuns.projectId, projectId),
        inArray(storageRuns.kind, [...page.kinds]),
        page.before === null ? undefined : lt(storageRuns.startedAt, page.before),
      ),
    )
    .orderBy(desc(storageRuns.startedAt), desc(storageRuns.id))
    .limit(page.limit);
}

/** Takes a run up: whoever had it before can write no more. Null when it has ended, or its project was deleted. */
export async function takeStorageRun(
  db: Db,
  id: string,
): Promise<(StorageRunRow & { readonly project: string }) | null> {
  const [row] = await db
    .update(storageRuns)
    .set({ fence: sql`${storageRuns.fence} + 1` })
    .where(and(eq(storageRuns.id, id), eq(storageRuns.state, 'running'), stands(sql`${storageRuns.projectId}`)))
    .returning();
  if (row === undefined) return null;
  const [project] = await db.select({ name: projects.name }).from(projects).where(eq(projects.id, row.projectId));
  return { ...row, project: project?.name ?? '' };
}

/** What whoever has a run may change while nobody took it over; false when somebody did. */
export async function saveStorageRun(
  tx: Db,
  run: Pick<StorageRunRow, 'id' | 'fence'>,
  change: Partial<Pick<StorageRunRow, 'cursor' | 'progress' | 'state' | 'failures' | 'error'>>,
): Promise<boolean> {
  const ended = change.state !== undefined && change.state !== 'running';
  const rows = await tx
    .update(storageRuns)
    .set({ ...change, updatedAt: sql`now()`, ...(ended ? { finishedAt: sql`now()` } : {}) })
    .where(and(eq(storageRuns.id, run.id), eq(storageRuns.fence, run.fence), eq(storageRuns.state, 'running')))
    .returning({ id: storageRuns.id });
  return rows.length === 1;
}

export async function insertFindings(tx: Db, runId: string, findings: readonly Finding[]): Promise<void> {
  if (findings.length === 0) return;
  await tx.insert(storageFindings).values(findings.map((finding) => ({ runId, ...finding })));
}

/** In the order in which they were found, behind the id `after`. */
export async function listFindings(
  db: Db,
  runId: string,
  page: { after: number; limit: number },
): Promise<FindingRow[]> {
  return db
    .select()
    .from(storageFindings)
    .where(and(eq(storageFindings.runId, runId), gt(storageFindings.id, page.after)))
    .orderBy(asc(storageFindings.id))
    .limit(page.limit);
}

/**
 * Projects that hold an object whose bytes nobody has read for so long, and where no scrub is under way or began
 * within the same time.
 */
export async function listProjectsToScrub(db: Db, seconds: number): Promise<number[]> {
  const rows = await db.execute<{ id: number }>(sql`
    select p.id from projects p
    where p.deleted_at is null and exists (select 1 from objects o where o.project_id = p.id
        and o.verified_at < now() - make_interval(secs => ${seconds}))
      and not exists (select 1 from storage_runs r where r.project_id = p.id and r.kind = 'scrub'
        and (r.state = 'running' or r.started_at > now() - make_interval(secs => ${seconds} / 2)))`);
  return rows.map((row) => row.id);
}

/** Whether a run of the kind began in the project within so many seconds, or is under way. */
export async function beganLately(
  db: Db,
  projectId: number,
  given: { kind: StorageRunKind; seconds: number },
): Promise<boolean> {
  const rows = await db
    .select({ id: storageRuns.id })
    .from(storageRuns)
    .where(
      and(
        eq(storageRuns.projectId, projectId),
        eq(storageRuns.kind, given.kind),
        sql`(${storageRuns.state} = 'running' or ${storageRuns.startedAt} > now() - make_interval(secs => ${given.seconds}))`,
      ),
    )
    .limit(1);
  return rows.length === 1;
}
