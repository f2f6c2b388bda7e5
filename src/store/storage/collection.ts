import { type SQL, sql } from 'drizzle-orm';
import type { Oid } from '../../dvc/hash.ts';
import { referenced, unreferenced } from '../inventory/object-references.ts';
import { lockForRemoval, takeBack } from '../inventory/object-tombstones.ts';
import type { Db } from '../postgres/db.ts';

/** How objects that nothing needs are given up: into the trash, after a time out of it, and only then their bytes. */

export type SizedObject = { readonly oid: Oid; readonly size: number };

/** Which objects nobody needs may be given up. */
export type Disposable = {
  /** Seconds since their bytes came; younger ones may belong to a push under way. */
  readonly graceSeconds: number;
  /** Also those that DVC sent to the project's own remote, where a commit names them and no version does. */
  readonly pushed: boolean;
  /** Also those that others wrote into the remote, whom we do not know. */
  readonly scanned: boolean;
  /** Not these, whoever sent them. */
  readonly kept: readonly Oid[];
};

/** What we took for ourselves, and nothing else. */
export const OUR_OWN = { pushed: false, scanned: false, kept: [] } as const;

const isDisposable = (disposable: Disposable): SQL => sql`
  o.received_at <= now() - make_interval(secs => ${disposable.graceSeconds})
  and o.origin = any(${sql.param(originsOf(disposable))}::text[])
  and o.oid <> all(${sql.param([...disposable.kept])}::text[])
  and ${unreferenced(sql`o.project_id`, sql`o.oid`)}`;

const originsOf = ({ pushed, scanned }: Disposable): string[] => [
  'received',
  ...(pushed ? ['pushed'] : []),
  ...(scanned ? ['scanned'] : []),
];

/** Objects that nobody needs, by oid, behind `after`. */
export async function listDisposable(
  db: Db,
  projectId: number,
  page: Disposable & { after: Oid; limit: number },
): Promise<SizedObject[]> {
  const rows = await db.execute<{ oid: Oid; size: string }>(sql`
    select o.oid, o.size from objects o
    where o.project_id = ${projectId} and o.oid > ${page.after} and ${isDisposable(page)}
    order by o.oid limit ${page.limit}`);
  return rows.map(sized);
}

/** Objects with their names counted out, and the sums of them all. */
export type NamedTotals = {
  readonly objects: number;
  readonly bytes: number;
  readonly names: readonly SizedObject[];
};

/** What nobody needs, the largest first, up to `named` of them by name. */
export async function sumDisposable(
  db: Db,
  projectId: number,
  given: Disposable & { readonly named: number },
): Promise<NamedTotals> {
  return totalsOf(
    await db.execute<TotalledRow>(sql`
      select o.oid, o.size, (count(*) over ())::float8 objects, (sum(o.size) over ())::float8 bytes from objects o
      where o.project_id = ${projectId} and ${isDisposable(given)}
      order by o.size desc, o.oid limit ${given.named}`),
  );
}

/** A row that carries the sums of all rows, also of those behind the limit. */
export type TotalledRow = { oid: Oid; size: string; objects: number; bytes: number };

export function totalsOf(rows: readonly TotalledRow[]): NamedTotals {
  return { objects: rows[0]?.objects ?? 0, bytes: rows[0]?.bytes ?? 0, names: rows.map(sized) };
}

/** Puts those of the objects into the trash that nobody needs at this moment. @returns them. */
export async function trashObjects(
  tx: Db,
  projectId: number,
  given: Disposable & { readonly oids: readonly Oid[] },
): Promise<SizedObject[]> {
  if (given.oids.length === 0) return [];
  await lockForRemoval(tx);
  const rows = await tx.execute<{ oid: Oid; size: string }>(sql`
    with gone as (
      delete from objects o
      where o.project_id = ${projectId} and o.oid = any(${sql.param([...given.oids])}::text[]) and ${isDisposable(given)}
      returning o.*)
    insert into object_tombstones (project_id, oid, sha256, size, origin, created_at, quarantined_at, state)
    select project_id, oid, sha256, size, origin, created_at, quarantined_at, 'trashed' from gone
    on conflict (project_id, oid) do update set state = 'trashed', trashed_at = now(), removed_at = null
    returning oid, size`);
  return rows.map(sized);
}

/**
 * Looks again at objects whose time in the trash is over. Those that something needs after all are held again; those
 * whose bytes another project needs lose their name here alone; of the others the bytes may go from now on.
 * @returns true when there were any.
 */
export async function condemnObjects(
  tx: Db,
  projectId: number,
  given: { graceSeconds: number; limit: number },
): Promise<boolean> {
  await lockForRemoval(tx);
  const due = await tx.execute<{ oid: Oid; needed: boolean; shared: boolean }>(sql`
    select t.oid, ${referenced(sql`t.project_id`, sql`t.oid`)} as needed, (
      exists (select 1 from objects s where s.oid = t.oid)
      or exists (select 1 from object_tombstones s
        where s.oid = t.oid and s.project_id <> t.project_id and s.state <> 'removed')) as shared
    from object_tombstones t
    where t.project_id = ${projectId} and t.state = 'trashed'
      and t.trashed_at <= now() - make_interval(secs => ${given.graceSeconds})
    order by t.trashed_at, t.oid limit ${given.limit} for update of t`);
  const oidsOf = (rows: readonly { oid: Oid }[]): Oid[] => rows.map(({ oid }) => oid);
  const rest = due.filter(({ needed }) => !needed);
  await takeBack(tx, projectId, oidsOf(due.filter(({ needed }) => needed)));
  await bury(tx, projectId, oidsOf(rest.filter(({ shared }) => shared)));
  const condemned = sql.param(oidsOf(rest.filter(({ shared }) => !shared)));
  await tx.execute(sql`
    update object_tombstones set state = 'removing'
    where project_id = ${projectId} and oid = any(${condemned}::text[]) and state = 'trashed'`);
  return due.length > 0;
}

/**
 * Condemned objects, locked until the transaction ends: whoever removes their bytes does it inside, so that a worker
 * that was taken for dead and is not cannot remove what was stored anew after another one had done its work. Its session
 * is not ended as one that pauses for too long: a worker that was only halted goes on with its removals.
 */
export async function lockCondemned(tx: Db, projectId: number, limit: number): Promise<SizedObject[]> {
  await tx.execute(sql`select set_config('idle_in_transaction_session_timeout', '0', true)`);
  const rows = await tx.execute<{ oid: Oid; size: string }>(sql`
    select oid, size from object_tombstones
    where project_id = ${projectId} and state = 'removing'
    order by oid limit ${limit} for update`);
  return rows.map(sized);
}

/** Notes that objects are gone for this project; a manifest needs its members no longer. @returns those members. */
export async function bury(tx: Db, projectId: number, oids: readonly Oid[]): Promise<Oid[]> {
  if (oids.length === 0) return [];
  const those = sql.param([...oids]);
  await tx.execute(sql`
    update object_tombstones set state = 'removed', removed_at = now()
    where project_id = ${projectId} and oid = any(${those}::text[])`);
  await tx.execute(sql`delete from block_sums where project_id = ${projectId} and oid = any(${those}::text[])`);
  const rows = await tx.execute<{ md5: Oid }>(sql`
    with entries as (
      delete from manifest_entries where project_id = ${projectId} and oid = any(${those}::text[]) returning md5)
    select distinct md5 from entries`);
  return rows.map(({ md5 }) => md5);
}

export type Trash = { readonly objects: number; readonly bytes: number };

/** What lies in the trash: given up, with its bytes still there. */
export async function sumTrash(db: Db, projectId: number): Promise<Trash> {
  const [row] = await db.execute<{ objects: number; bytes: number }>(sql`
    select count(*)::float8 objects, coalesce(sum(size), 0)::float8 bytes from object_tombstones
    where project_id = ${projectId} and state <> 'removed'`);
  return row ?? { objects: 0, bytes: 0 };
}

/** How often the rules of datasets are carried out. */
const RULE_SECONDS = 3600;

/** Projects where something in the trash has had its time, or a dataset's rule is due, and no collection is under way. */
export async function listProjectsToCollect(
  db: Db,
  due: { trashSeconds: number; graceSeconds: number },
): Promise<number[]> {
  const rows = await db.execute<{ id: number }>(sql`
    select p.id from projects p
    where p.deleted_at is null and (exists (select 1 from versions v where v.project_id = p.id and v.purged_at is null
          and v.trashed_at <= now() - make_interval(secs => ${due.trashSeconds}))
        or exists (select 1 from object_tombstones t where t.project_id = p.id and (t.state = 'removing'
          or (t.state = 'trashed' and t.trashed_at <= now() - make_interval(secs => ${due.graceSeconds}))))
        or exists (select 1 from dataset_retention r join datasets d on d.id = r.dataset_id
          where d.project_id = p.id and d.deleted_at is null
            and (r.last_run_at is null or r.last_run_at <= now() - make_interval(secs => ${RULE_SECONDS}))))
      and not exists (select 1 from storage_runs r
        where r.project_id = p.id and r.kind = 'collect' and r.state = 'running')`);
  return rows.map((row) => row.id);
}

const sized = ({ oid, size }: { oid: Oid; size: string }): SizedObject => ({ oid, size: Number(size) });
