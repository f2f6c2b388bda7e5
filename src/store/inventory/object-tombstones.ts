import { and, asc, eq, gt, sql } from 'drizzle-orm';
import { objectTombstones } from '../../../schemas/tables/index.ts';
import type { Oid } from '../../dvc/hash.ts';
import type { Db } from '../postgres/db.ts';

/**
 * How objects are given up without a race. Whoever makes an object held, or names one that is held, does so under a
 * shared lock until its transaction ends; whoever gives objects up (puts them into the trash, or decides that their
 * bytes go) holds the same lock alone. So a decision to remove sees every claim made before it, and every claim made
 * after it sees the decision.
 */
export type TombstoneRow = typeof objectTombstones.$inferSelect;

/** Long transactions hold the lock too; a removal that meets one comes again later and stops nobody meanwhile. */
const PATIENCE_MILLISECONDS = 500;

/** Takes the lock together with others, until the transaction ends. Read after it what has to be true. */
export async function lockForHolding(tx: Db): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock_shared(hashtextextended('objects', 0))`);
}

/** Takes the lock alone. @throws the database's `lock_not_available` when others keep it too long. */
export async function lockForRemoval(tx: Db): Promise<void> {
  await tx.execute(sql`select set_config('lock_timeout', ${String(PATIENCE_MILLISECONDS)}, true)`);
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('objects', 0))`);
  await tx.execute(sql`select set_config('lock_timeout', '0', true)`);
}

/** Tombstones of an object in every project: they share its bytes. */
export async function listTombstones(db: Db, oid: Oid): Promise<TombstoneRow[]> {
  return db.select().from(objectTombstones).where(eq(objectTombstones.oid, oid));
}

/** The same of many objects, whose oids are an array literal of PostgreSQL. */
export async function listTombstonesOf(db: Db, oids: string): Promise<TombstoneRow[]> {
  return db.select().from(objectTombstones).where(sql`${objectTombstones.oid} = any(${oids}::text[])`);
}

export type TrashedObject = Pick<TombstoneRow, 'oid' | 'size' | 'trashedAt'>;

/** Objects that can be taken out of the trash, by oid, behind `after`. */
export async function listTrashedObjects(
  db: Db,
  projectId: number,
  page: { readonly after: Oid; readonly limit: number },
): Promise<TrashedObject[]> {
  const { oid, size, trashedAt, state } = objectTombstones;
  return db
    .select({ oid, size, trashedAt })
    .from(objectTombstones)
    .where(and(eq(objectTombstones.projectId, projectId), eq(state, 'trashed'), gt(oid, page.after)))
    .orderBy(asc(oid))
    .limit(page.limit);
}

type Orphan = Pick<TombstoneRow, 'oid' | 'sha256' | 'size'> & { readonly origin?: TombstoneRow['origin'] };

/**
 * Puts stored bytes that became no project's into the trash of `default`, unless a project holds them, or has them in its
 * own trash, and so gives them up in its time.
 */
export async function trashOrphans(tx: Db, orphans: readonly Orphan[]): Promise<void> {
  await lockForHolding(tx);
  for (const { oid, sha256, size, origin = 'received' } of orphans) {
    await tx.execute(sql`
      insert into object_tombstones (project_id, oid, sha256, size, origin, created_at, state)
      select p.id, ${oid}, ${sha256}, ${size}, ${origin}, now(), 'trashed' from projects p
      where p.name = 'default' and not exists (select 1 from objects o where o.oid = ${oid})
        and not exists (select 1 from object_tombstones t where t.oid = ${oid} and t.state <> 'removed')
      on conflict (project_id, oid) do update set
        sha256 = excluded.sha256, size = excluded.size, state = 'trashed', trashed_at = now(), removed_at = null`);
  }
}

export async function dropTombstone(tx: Db, projectId: number, oid: Oid): Promise<void> {
  await tx
    .delete(objectTombstones)
    .where(and(eq(objectTombstones.projectId, projectId), eq(objectTombstones.oid, oid)));
}

/** What moves a row back from the trash; `back` are deleted tombstones. */
const HELD_AGAIN = sql`
  insert into objects (project_id, oid, sha256, size, origin, created_at, verified_at, quarantined_at)
  select project_id, oid, sha256, size, origin, created_at, created_at, quarantined_at from back
  on conflict do nothing returning oid`;

/** Takes objects out of the trash. The caller holds the lock. @returns those that were in it. */
export async function takeBack(tx: Db, projectId: number, oids: readonly Oid[]): Promise<Oid[]> {
  const rows = await tx.execute<{ oid: Oid }>(sql`
    with back as (
      delete from object_tombstones
      where project_id = ${projectId} and oid = any(${sql.param([...oids])}::text[]) and state = 'trashed' returning *)
    ${HELD_AGAIN}`);
  return rows.map((row) => row.oid);
}

/**
 * Takes the members of a manifest out of the trash. The caller holds the lock.
 * @returns true when all of them are held; false when the bytes of one are gone or going.
 */
export async function takeBackMembers(tx: Db, projectId: number, manifest: Oid): Promise<boolean> {
  const among = sql`
    project_id = ${projectId} and exists (
      select 1 from manifest_entries m
      where m.project_id = ${projectId} and m.oid = ${manifest} and m.md5 = object_tombstones.oid)`;
  const found = await tx.execute<{ state: string }>(sql`
    select distinct state from object_tombstones where ${among}
      and not exists (select 1 from objects o where o.project_id = ${projectId} and o.oid = object_tombstones.oid)`);
  if (found.some(({ state }) => state !== 'trashed')) return false;
  if (found.length > 0) {
    await tx.execute(sql`
      with back as (delete from object_tombstones where ${among} and state = 'trashed' returning *)
      ${HELD_AGAIN}`);
  }
  return true;
}
