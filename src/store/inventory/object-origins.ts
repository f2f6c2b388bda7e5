import { type SQL, sql } from 'drizzle-orm';
import type { Oid } from '../../dvc/hash.ts';
import type { Db } from '../postgres/db.ts';

/** Where an object came from, as far as it is still known. */
export type ObjectOrigin = {
  readonly origin: 'received' | 'pushed' | 'scanned';
  readonly receivedAt: Date;
  /** Who sent it by a push to a dataset's remote that is remembered. */
  readonly pushedBy: string | null;
  /** What it was pushed to, or the dataset of the version that it was last. */
  readonly dataset: string | null;
  /** The version that it was, which is gone for good, and under which name. */
  readonly version: number | null;
  readonly path: string | null;
};

type Row = {
  oid: Oid;
  origin: ObjectOrigin['origin'];
  received_at: Date | string;
  author: string | null;
  pushed_to: string | null;
  number: number | null;
  path: string | null;
  was_of: string | null;
};

/** Tells of each object who sent it and what for: objects of no version have no other name. */
export async function findOrigins(db: Db, projectId: number, oids: readonly Oid[]): Promise<Map<Oid, ObjectOrigin>> {
  if (oids.length === 0) return new Map();
  const wanted: SQL = sql`${sql.param([...oids])}::text[]`;
  const rows = await db.execute<Row>(sql`
    with pushed as (
      select distinct on (p.oid) p.oid, s.author, s.dataset_id
      from push_objects p join push_sessions s on s.id = p.session_id
      where s.project_id = ${projectId} and p.oid = any(${wanted}) and p.state <> 'refused'
      order by p.oid, p.id desc),
    was as (
      select distinct on (v.oid) v.oid, v.number, v.path, v.dataset_id from versions v
      where v.project_id = ${projectId} and v.oid = any(${wanted})
      order by v.oid, v.id desc)
    select o.oid, o.origin, o.received_at, p.author, d.name as pushed_to, w.number, w.path, f.name as was_of
    from objects o
    left join pushed p on p.oid = o.oid left join datasets d on d.id = p.dataset_id
    left join was w on w.oid = o.oid left join datasets f on f.id = w.dataset_id
    where o.project_id = ${projectId} and o.oid = any(${wanted})`);
  return new Map(rows.map((row) => [row.oid, originOf(row)]));
}

const originOf = (row: Row): ObjectOrigin => ({
  origin: row.origin,
  receivedAt: new Date(row.received_at),
  pushedBy: row.author,
  dataset: row.was_of ?? row.pushed_to,
  version: row.number,
  path: row.path,
});
