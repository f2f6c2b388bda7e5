import { and, asc, desc, eq, inArray, isNotNull, isNull, lt, sql } from 'drizzle-orm';
import { datasets, versions } from '../../../schemas/tables/index.ts';
import type { Oid } from '../../dvc/hash.ts';
import type { VersionRow } from '../dataset/datasets.ts';
import type { Db } from '../postgres/db.ts';
import { type NamedTotals, type TotalledRow, totalsOf } from './collection.ts';

/** Versions of a dataset that are not in the trash, newest first. */
export type KeptVersion = Pick<VersionRow, 'id' | 'number' | 'oid' | 'bytes' | 'files' | 'createdAt'> & {
  readonly gitRev: string | null;
};

/** Every version of a dataset that is not in the trash, newest first; locked against new uses when asked. */
export async function listKeptVersions(db: Db, datasetId: number, options: { lock: boolean }): Promise<KeptVersion[]> {
  // Whatever comes to refer to a version takes a share lock on its row, by its foreign key.
  const lock = options.lock ? sql`for update of v` : sql``;
  const rows = await db.execute<{
    id: string;
    number: number;
    oid: Oid;
    bytes: string;
    files: number;
    created_at: string;
    git_rev: string | null;
  }>(sql`
    select v.id, v.number, v.oid, v.bytes, v.files, v.created_at::text created_at, v.git_rev
    from versions v where v.dataset_id = ${datasetId} and v.trashed_at is null order by v.number desc ${lock}`);
  return rows.map((row) => ({
    id: Number(row.id),
    number: row.number,
    oid: row.oid,
    bytes: Number(row.bytes),
    files: row.files,
    createdAt: new Date(row.created_at),
    gitRev: row.git_rev,
  }));
}

export async function trashVersions(tx: Db, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .update(versions)
    .set({ trashedAt: sql`now()` })
    .where(and(inArray(versions.id, [...ids]), isNull(versions.trashedAt)));
}

export type TrashedVersion = VersionRow & { readonly dataset: string };

/** Versions in the trash that can be restored, the newest in it first, from the one before `before`. */
export async function listTrashedVersions(
  db: Db,
  projectId: number,
  page: { before: number; limit: number },
): Promise<TrashedVersion[]> {
  const rows = await db
    .select({ version: versions, dataset: datasets.name })
    .from(versions)
    .innerJoin(datasets, eq(datasets.id, versions.datasetId))
    .where(
      and(
        eq(versions.projectId, projectId),
        isNotNull(versions.trashedAt),
        isNull(versions.purgedAt),
        lt(versions.id, page.before),
      ),
    )
    .orderBy(desc(versions.id))
    .limit(page.limit);
  return rows.map(({ version, dataset }) => ({ ...version, dataset }));
}

/** Versions whose time in the trash is over, locked. */
export async function lockDueVersions(
  tx: Db,
  projectId: number,
  due: { trashSeconds: number; limit: number },
): Promise<VersionRow[]> {
  return tx
    .select()
    .from(versions)
    .where(
      and(
        eq(versions.projectId, projectId),
        isNull(versions.purgedAt),
        sql`${versions.trashedAt} <= now() - make_interval(secs => ${due.trashSeconds})`,
      ),
    )
    .orderBy(asc(versions.id))
    .limit(due.limit)
    .for('update');
}

export async function purgeVersion(tx: Db, id: number): Promise<void> {
  await tx.update(versions).set({ purgedAt: sql`now()` }).where(eq(versions.id, id));
}

/**
 * Objects that nothing would need if these versions and all that are in the trash were purged: the objects of the
 * versions and the files of their folders, as far as nothing else has them. The largest are named.
 */
export async function sumFreed(
  db: Db,
  projectId: number,
  given: { versionIds: readonly number[]; named: number },
): Promise<NamedTotals> {
  const ids = sql`${sql.param([...given.versionIds])}::int8[]`;
  const rows = await db.execute<TotalledRow>(sql`
    with doomed as (
      select id, oid from versions where project_id = ${projectId} and purged_at is null
        and (id = any(${ids}) or trashed_at is not null)),
    kept as (
      select oid from versions where project_id = ${projectId} and purged_at is null
        and id not in (select id from doomed)
      union select oid from batches where project_id = ${projectId} and dropped_at is null
      union select pack_oid from packed_objects where project_id = ${projectId}
      union select oid from legacy_names where project_id = ${projectId}
      union select r.reference_oid from monitor_revisions r join monitors m on m.id = r.monitor_id
        where m.project_id = ${projectId}),
    roots as (select distinct d.oid from doomed d where not exists (select 1 from kept k where k.oid = d.oid)),
    files as (
      select m.md5 oid, bool_and(r.oid is not null) alone from manifest_entries m left join roots r on r.oid = m.oid
      where m.project_id = ${projectId} group by m.md5),
    freed as (
      select f.oid from files f where f.alone
      union select r.oid from roots r where not exists (select 1 from files f where f.oid = r.oid and not f.alone))
    select o.oid, o.size, (count(*) over ())::float8 objects, (sum(o.size) over ())::float8 bytes
    from freed f join objects o on o.project_id = ${projectId} and o.oid = f.oid
    where not exists (select 1 from kept k where k.oid = f.oid)
    order by o.size desc, o.oid limit ${given.named}`);
  return totalsOf(rows);
}
