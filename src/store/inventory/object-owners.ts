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
  /** When its bytes were last found good; null of one that is not held. */
  readonly verifiedAt: Date | null;
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
    verified: number | null;
  }>(sql`
    select oid, project_id, 'held' as state, sha256, size, quarantined_at is not null as quarantined,
      (extract(epoch from verified_at) * 1000)::float8 as verified
    from objects where oid = any(${wanted}::text[])
    union all
    select oid, project_id, state, sha256, size, false, null from object_tombstones where oid = any(${wanted}::text[])`);
  const found = rows.map(({ oid, project_id: projectId, state, sha256, size, quarantined, verified }) => ({
    oid,
    projectId,
    state,
    sha256,
    size: Number(size),
    quarantined,
    verifiedAt: verified === null ? null : new Date(verified),
  }));
  return Map.groupBy(found, ({ oid }) => oid);
}
