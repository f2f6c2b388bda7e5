import { and, asc, desc, eq, inArray, isNotNull, isNull, lt, sql } from 'drizzle-orm';
import { datasets, versions } from '../../schemas/tables/index.ts';
import type { Oid } from '../dvc/hash.ts';
import type { SizedObject } from './collection.ts';
import type { VersionRow } from './datasets.ts';
import type { Db } from './db.ts';

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
    select v.id, v.number, v.oid, v.bytes, v.files, v.created_at::text created_at,
      coalesce(to_jsonb(v) ->> 'git_rev', v.provenance ->> 'git_rev') git_rev
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
 * versions and the files of their folders, as far as nothing else has them.
 */
export async function sumFreed(
  db: Db,
  projectId: number,
  given: { versionIds: readonly number[]; named: number },
): Promise<{ objects: number; bytes: number; names: SizedObject[] }> {
  const ids = sql`${sql.param([...given.versionIds])}::int8[]`;
  const freed = sql`
    with doomed as (
      select id, oid from versions where project_id = ${projectId} and purged_at is null
        and (id = any(${ids}) or trashed_at is not null)),
    kept as (
      select oid from versions where project_id = ${projectId} and purged_at is null
        and id not in (select id from doomed)
      union all select oid from batches where project_id = ${projectId}
      union all select r.reference_oid from monitor_revisions r join monitors m on m.id = r.monitor_id
        where m.project_id = ${projectId}),
    roots as (
      select distinct d.oid from doomed d
      where not exists (select 1 from kept k where k.oid = d.oid)),
    candidates as (
      select oid from roots
      union select m.md5 from manifest_entries m join roots r on r.oid = m.oid where m.project_id = ${projectId}),
    freed as (
      select o.oid, o.size from objects o join candidates c on c.oid = o.oid
      where o.project_id = ${projectId} and not exists (select 1 from kept k where k.oid = o.oid)
        and not exists (select 1 from manifest_entries m where m.project_id = ${projectId} and m.md5 = o.oid
          and m.oid not in (select oid from roots)))`;
  const [sum] = await db.execute<{ objects: number; bytes: number }>(
    sql`${freed} select count(*)::float8 objects, coalesce(sum(size), 0)::float8 bytes from freed`,
  );
  const names = await db.execute<{ oid: Oid; size: string }>(
    sql`${freed} select oid, size from freed order by size desc, oid limit ${given.named}`,
  );
  return {
    objects: sum?.objects ?? 0,
    bytes: sum?.bytes ?? 0,
    names: names.map(({ oid, size }) => ({ oid, size: Number(size) })),
  };
}
