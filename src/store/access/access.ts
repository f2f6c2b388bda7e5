import { and, asc, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm';
import { apiKeys, idempotencyKeys, projects } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';
import { formerNames, projectIdOf } from './project-names.ts';

export type ProjectRow = typeof projects.$inferSelect;
export type ApiKeyRow = typeof apiKeys.$inferSelect;

/** A project by its name, or by one that it had, be it deleted. */
export async function findProject(db: Db, name: string): Promise<ProjectRow | null> {
  const rows = await db
    .select()
    .from(projects)
    .where(eq(projects.id, projectIdOf(name)));
  return rows[0] ?? null;
}

export async function findProjectById(db: Db, id: number): Promise<ProjectRow | null> {
  const rows = await db.select().from(projects).where(eq(projects.id, id));
  return rows[0] ?? null;
}

/** Locks a project until the transaction ends: what is counted in it and may not be too many is made one after another. */
export async function lockProject(tx: Db, id: number): Promise<void> {
  await tx.select({ id: projects.id }).from(projects).where(eq(projects.id, id)).for('no key update');
}

/** By name; deleted ones too. */
export async function listProjects(db: Db): Promise<ProjectRow[]> {
  return db.select().from(projects).orderBy(asc(projects.name));
}

/** Makes the project unless there is one of its name, or that had it, be it deleted. */
export async function ensureProject(db: Db, name: string): Promise<{ project: ProjectRow; created: boolean }> {
  const known = await findProject(db, name);
  if (known !== null) return { project: known, created: false };
  const made = await db.insert(projects).values({ name }).onConflictDoNothing().returning();
  const project = made[0] ?? (await findProject(db, name));
  if (project === null) throw new Error(`project ${name} vanished while it was made`);
  return { project, created: made.length === 1 };
}

export async function insertApiKey(db: Db, row: typeof apiKeys.$inferInsert): Promise<ApiKeyRow> {
  const [made] = await db.insert(apiKeys).values(row).returning();
  if (made === undefined) throw new Error('insert returned no row');
  return made;
}

/** A key with the project that it works in, which may be deleted, and what that was called before. */
export type ProjectKeyRow = ApiKeyRow & { readonly project: ProjectRow; readonly formerNames: readonly string[] };

export async function findApiKey(db: Db, id: string): Promise<ProjectKeyRow | null> {
  const rows = await db
    .select({ key: apiKeys, project: projects, formerNames })
    .from(apiKeys)
    .innerJoin(projects, eq(projects.id, apiKeys.projectId))
    .where(eq(apiKeys.id, id));
  const row = rows[0];
  return row === undefined ? null : { ...row.key, project: row.project, formerNames: row.formerNames };
}

export async function listApiKeys(db: Db, projectId: number): Promise<ApiKeyRow[]> {
  return db.select().from(apiKeys).where(eq(apiKeys.projectId, projectId)).orderBy(asc(apiKeys.createdAt));
}

/** True once any key was made: from then on nobody is let in without one, whatever becomes of that key. */
export async function anyKey(db: Db): Promise<boolean> {
  const rows = await db.select({ id: apiKeys.id }).from(apiKeys).limit(1);
  return rows.length === 1;
}

/** The project of a request without a key, and whether such requests are let in: one statement, for every call asks. */
export async function findEntry(db: Db, name: string): Promise<{ anyKey: boolean; project: ProjectRow | null }> {
  const made = sql<boolean>`exists (select 1 from ${apiKeys})`;
  const [row] = await db
    .select({ anyKey: made, project: projects })
    .from(sql`(values (1)) as request`)
    .leftJoin(projects, eq(projects.id, projectIdOf(name)));
  return { anyKey: row?.anyKey ?? true, project: row?.project ?? null };
}

/** True while any key lets somebody in. */
export async function anyUsableKey(db: Db, now: Date): Promise<boolean> {
  const unexpired = or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now));
  const rows = await db
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(and(isNull(apiKeys.revokedAt), unexpired))
    .limit(1);
  return rows.length === 1;
}

/** Makes processes that look for a first key wait for each other until the transaction ends. */
export async function lockKeys(tx: Db): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('first key', 0))`);
}

/** @returns whether it was in force until now. */
export async function revokeApiKey(db: Db, projectId: number, id: string): Promise<boolean> {
  const rows = await db
    .update(apiKeys)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(apiKeys.projectId, projectId), eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id });
  return rows.length === 1;
}

/** Coarse (a minute), so that a busy key does not write on each request. */
export async function touchApiKey(db: Db, id: string): Promise<void> {
  await db
    .update(apiKeys)
    .set({ lastUsedAt: sql`now()` })
    .where(and(eq(apiKeys.id, id), sql`coalesce(${apiKeys.lastUsedAt}, '-infinity') < now() - interval '1 minute'`));
}

export type StoredAnswer = { readonly bodySha256: string; readonly status: number; readonly answer: unknown };

/** Makes requests under one key wait for each other until the transaction ends. */
export async function lockAnswer(tx: Db, projectId: number, key: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`answer:${projectId}:${key}`}, 0))`);
}

export async function findAnswer(db: Db, projectId: number, key: string): Promise<StoredAnswer | null> {
  const rows = await db
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.projectId, projectId), eq(idempotencyKeys.key, key)));
  return rows[0] ?? null;
}

/** Those of the keys that stand for a request already. */
export async function findUsedKeys(db: Db, projectId: number, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await db
    .select({ key: idempotencyKeys.key })
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.projectId, projectId), inArray(idempotencyKeys.key, [...keys])));
  return new Set(rows.map(({ key }) => key));
}

/** Remembers an answer in the transaction of the change itself; a key of the same name makes it fail (23505). */
export async function rememberAnswer(tx: Db, row: typeof idempotencyKeys.$inferInsert): Promise<void> {
  await tx.insert(idempotencyKeys).values(row);
}

/** Drops remembered answers older than `days`; returns how many. */
export async function forgetAnswers(db: Db, days: number): Promise<number> {
  const rows = await db
    .delete(idempotencyKeys)
    .where(sql`${idempotencyKeys.createdAt} < now() - make_interval(days => ${days})`)
    .returning({ key: idempotencyKeys.key });
  return rows.length;
}
