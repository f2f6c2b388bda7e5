import { sql } from 'drizzle-orm';
import type { Oid } from '../../dvc/hash.ts';
import type { Db } from '../postgres/db.ts';

/** Whether and how a project has something to do with an object whose bytes lie in the shared remote. */
export type Ownership = {
  readonly oid: Oid;
  readonly projectId: number;
  /** `held`, or the state of its tombstone. */
  readonly state: 'held' | 'trashed' | 'removing' | 'removed';
  readonly sha256: string;
  readonly size: number;
  readonly quarantined: boolean;
};

/** Every project's claim to these objects, by oid. */
export async function findOwners(db: Db, oids: readonly Oid[]): Promise<Map<Oid, Ownership[]>> {
  const wanted = sql.param([...oids]);
  const rows = await db.execute<{
    oid: Oid;
    project_id: number;
    state: Ownership['state'];
    sha256: string;
    size: string;
    quarantined: boolean;
  }>(sql`
    select oid, project_id, 'held' as state, sha256, size, quarantined_at is not null as quarantined
    from objects where oid = any(${wanted}::text[])
    union all
    select oid, project_id, state, sha256, size, false from object_tombstones where oid = any(${wanted}::text[])`);
  const found = rows.map(({ oid, project_id: projectId, state, sha256, size, quarantined }) => ({
    oid,
    projectId,
    state,
    sha256,
    size: Number(size),
    quarantined,
  }));
  return Map.groupBy(found, ({ oid }) => oid);
}
