import { and, eq, sql } from 'drizzle-orm';
import { legacyNames, objects } from '../../../schemas/tables/index.ts';
import type { Oid } from '../../dvc/hash.ts';
import type { Db } from '../postgres/db.ts';
import type { ObjectRow } from './objects.ts';

type LegacyNameRow = typeof legacyNames.$inferSelect;

/** A name as it comes, of an object that is held. */
export type NewLegacyName = Omit<LegacyNameRow, 'createdAt' | 'folderOid'>;

/** A legacy name with the object that it stands for. */
export async function findLegacyName(
  db: Db,
  projectId: number,
  name: Oid,
): Promise<{ legacy: LegacyNameRow; object: ObjectRow } | null> {
  const rows = await db
    .select({ legacy: legacyNames, object: objects })
    .from(legacyNames)
    .innerJoin(objects, and(eq(objects.projectId, legacyNames.projectId), eq(objects.oid, legacyNames.oid)))
    .where(and(eq(legacyNames.projectId, projectId), eq(legacyNames.name, name)));
  return rows[0] ?? null;
}

/** The projects that have the name. All share what bears it in the remote. */
export async function listProjectsNaming(db: Db, name: Oid): Promise<number[]> {
  const rows = await db.execute<{ id: number }>(sql`
    select p.id from projects p
    where exists (select 1 from legacy_names l where l.project_id = p.id and l.name = ${name}) order by p.id`);
  return rows.map(({ id }) => Number(id));
}

/** Keeps names from coming and going in any project until the transaction ends. Read after it what has to be true. */
export async function lockLegacyNames(tx: Db, names: readonly Oid[]): Promise<void> {
  for (const name of names.toSorted()) {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`legacy name:${name}`}, 0))`);
  }
}

/** Some of a project's legacy names. */
export async function listLegacyNames(db: Db, projectId: number, limit: number): Promise<Oid[]> {
  const rows = await db
    .select({ name: legacyNames.name })
    .from(legacyNames)
    .where(eq(legacyNames.projectId, projectId))
    .limit(limit);
  return rows.map(({ name }) => name);
}

/** Takes names from a project that the caller has locked. @returns those that no other project has. */
export async function dropLegacyNames(tx: Db, projectId: number, names: readonly Oid[]): Promise<Oid[]> {
  const rows = await tx.execute<{ name: string; alone: boolean }>(sql`
    delete from legacy_names l where l.project_id = ${projectId} and l.name = any(${sql.param(names)}::text[])
    returning l.name, not exists (
      select 1 from projects p join legacy_names o on o.project_id = p.id and o.name = l.name
      where p.id <> l.project_id) alone`);
  return rows.filter(({ alone }) => alone).map(({ name }) => name);
}

/** Adds a legacy name; false when the project has it already. */
export async function insertLegacyName(tx: Db, row: NewLegacyName): Promise<boolean> {
  const made = await tx.insert(legacyNames).values(row).onConflictDoNothing().returning({ name: legacyNames.name });
  return made.length === 1;
}

/** The same with its row locked until the transaction ends. */
export async function lockLegacyName(
  tx: Db,
  projectId: number,
  name: Oid,
): Promise<{ legacy: LegacyNameRow; healthy: boolean } | null> {
  const healthy = sql<boolean>`exists (
    select 1 from objects o
    where o.project_id = legacy_names.project_id and o.oid = legacy_names.oid and o.quarantined_at is null)`;
  const rows = await tx
    .select({ legacy: legacyNames, healthy })
    .from(legacyNames)
    .where(and(eq(legacyNames.projectId, projectId), eq(legacyNames.name, name)))
    .for('update');
  return rows[0] ?? null;
}

/** Lets a legacy name stand for another object with the same bytes but for line ends. */
export async function moveLegacyName(tx: Db, key: { projectId: number; name: Oid }, oid: Oid): Promise<void> {
  await tx
    .update(legacyNames)
    .set({ oid })
    .where(and(eq(legacyNames.projectId, key.projectId), eq(legacyNames.name, key.name)));
}

/** Notes what a folder of DVC 2 is called as a version. */
export async function noteLegacyFolder(tx: Db, key: { projectId: number; name: Oid }, folderOid: Oid): Promise<void> {
  await tx
    .update(legacyNames)
    .set({ folderOid })
    .where(and(eq(legacyNames.projectId, key.projectId), eq(legacyNames.name, key.name)));
}

/** Those of the names that stand for no healthy object of the project, in the order given. */
export async function findSickLegacyNames(
  db: Db,
  projectId: number,
  names: readonly Oid[],
  limit: number,
): Promise<Oid[]> {
  const rows = await db.execute<{ name: string }>(sql`
    select w.name from unnest(${sql.param(names)}::text[]) with ordinality as w(name, position)
    left join legacy_names l on l.project_id = ${projectId} and l.name = w.name
    left join objects o on o.project_id = l.project_id and o.oid = l.oid and o.quarantined_at is null
    where o.oid is null
    order by w.position limit ${limit}`);
  return rows.map((row) => row.name);
}

/** The objects that legacy names stand for, by name. */
export async function mapLegacyNames(db: Db, projectId: number, names: readonly Oid[]): Promise<Map<Oid, Oid>> {
  const wanted = sql`any(${sql.param(names)}::text[])`;
  const rows = await db
    .select({ name: legacyNames.name, oid: legacyNames.oid })
    .from(legacyNames)
    .where(and(eq(legacyNames.projectId, projectId), sql`${legacyNames.name} = ${wanted}`));
  return new Map(rows.map(({ name, oid }) => [name, oid]));
}
