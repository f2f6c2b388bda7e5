import { sql } from 'drizzle-orm';
import type { Oid } from '../../dvc/hash.ts';
import { bigints, words } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';

/** How many of their objects are quarantined, of the versions that have any, by id. */
export async function countQuarantined(db: Db, versionIds: readonly number[]): Promise<Map<number, number>> {
  const among = sql`v.id = any(${bigints(versionIds)}::int8[])`;
  // From the objects, of which hardly any are, to the versions.
  const rows = await db.execute<{ id: string; objects: number }>(sql`
    select id, count(distinct oid)::int objects from (
      select v.id, o.oid from objects o
      join versions v on v.project_id = o.project_id and v.oid = o.oid
      where o.quarantined_at is not null and ${among}
      union all
      select v.id, o.oid from objects o
      join manifest_entries m on m.project_id = o.project_id and m.md5 = o.oid
      join versions v on v.project_id = m.project_id and v.oid = m.oid
      where o.quarantined_at is not null and ${among}) hit
    group by id`);
  return new Map(rows.map(({ id, objects }) => [Number(id), objects]));
}

/** A version that has an object, and what the object is called in it. */
type Use = { readonly dataset: string; readonly number: number; readonly path: string };

/** Uses of an object, the newest first and so many as were asked for, and how many there are. */
export type Uses = { readonly uses: readonly Use[]; readonly total: number };

/** What has these objects, by oid; versions in the trash are left out. */
export async function listUses(
  db: Db,
  projectId: number,
  given: { readonly oids: readonly Oid[]; readonly each: number },
): Promise<Map<Oid, Uses>> {
  const rows = await db.execute<{ oid: Oid; dataset: string; number: number; path: string; total: number }>(sql`
    select wanted.oid, used.* from unnest(${words(given.oids)}::text[]) as wanted (oid) cross join lateral (
      select d.name dataset, v.number, u.path, (count(*) over ())::float8 total from (
        select id, path from versions where project_id = ${projectId} and oid = wanted.oid
        union all
        select n.id, m.path from manifest_entries m
        join versions n on n.project_id = m.project_id and n.oid = m.oid
        where m.project_id = ${projectId} and m.md5 = wanted.oid) u
      join versions v on v.id = u.id and v.trashed_at is null
      join datasets d on d.id = v.dataset_id
      order by v.id desc, u.path limit ${given.each}) used`);
  const byOid = Map.groupBy(rows, ({ oid }) => oid);
  return new Map(
    [...byOid].map(([oid, found]) => [
      oid,
      { total: found[0]?.total ?? 0, uses: found.map(({ dataset, number, path }) => ({ dataset, number, path })) },
    ]),
  );
}
