import { and, eq, sql } from 'drizzle-orm';
import { packedObjects } from '../../../schemas/tables/index.ts';
import type { Oid } from '../../dvc/hash.ts';
import { stands } from '../access/standing-projects.ts';
import { bigints, words } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';

/** Where the bytes of an object lie in a pack: `[start, start + size)`. */
export type PackedObject = {
  readonly oid: Oid;
  readonly packOid: Oid;
  readonly start: number;
  readonly size: number;
};

/** Those of the objects that lie in packs, by oid. */
export async function findPackedObjects(
  db: Db,
  projectId: number,
  oids: readonly Oid[],
): Promise<Map<Oid, PackedObject>> {
  if (oids.length === 0) return new Map();
  const rows = await db
    .select()
    .from(packedObjects)
    .where(and(eq(packedObjects.projectId, projectId), sql`${packedObjects.oid} = any(${words(oids)}::text[])`));
  return new Map(
    rows.map(({ oid, packOid, start, size }) => [
      oid as Oid,
      { oid: oid as Oid, packOid: packOid as Oid, start, size },
    ]),
  );
}

/** The pack of an entry `p` is held and sound; one that is not stands for nothing. */
const SOUND = sql`
  exists (select 1 from objects k
    where k.project_id = p.project_id and k.oid = p.pack_oid and k.quarantined_at is null)`;

/** Says where objects lie. One that lies in a sound pack already stays there. */
export async function insertPackedObjects(tx: Db, projectId: number, packed: readonly PackedObject[]): Promise<void> {
  await tx.execute(sql`
    insert into packed_objects as p (project_id, oid, pack_oid, start, size)
    select ${projectId}::int, s.oid, s.pack_oid, s.start, s.size
    from unnest(${words(packed.map(({ oid }) => oid))}::text[], ${words(packed.map(({ packOid }) => packOid))}::text[],
      ${bigints(packed.map(({ start }) => start))}::int8[], ${bigints(packed.map(({ size }) => size))}::int8[])
      as s (oid, pack_oid, start, size)
    on conflict (project_id, oid) do update
      set pack_oid = excluded.pack_oid, start = excluded.start, size = excluded.size where not ${SOUND}`);
}

const HELD_TWICE = sql`
  batches b join packed_objects p on p.project_id = b.project_id and p.oid = b.oid
      and ${SOUND}
    join objects o on o.project_id = b.project_id and o.oid = b.oid`;

/** Models with such objects as `listHeldTwice` finds. */
export async function listModelsHeldTwice(db: Db): Promise<number[]> {
  const rows = await db.execute<{ id: string }>(
    sql`select distinct b.model_id::text as id from ${HELD_TWICE} where ${stands(sql`b.project_id`)}`,
  );
  return rows.map(({ id }) => Number(id));
}

/** Objects of a model's batches that lie in packs and are held by themselves too. */
export async function listHeldTwice(db: Db, modelId: number, limit: number): Promise<Oid[]> {
  const rows = await db.execute<{ oid: Oid }>(sql`
    select distinct o.oid from ${HELD_TWICE} where b.model_id = ${modelId} order by o.oid limit ${limit}`);
  return rows.map(({ oid }) => oid);
}

/** The packs in which the bytes of these batches lie. */
export async function listPacksOf(db: Db, projectId: number, batchIds: readonly number[]): Promise<Oid[]> {
  const rows = await db.execute<{ oid: Oid }>(sql`
    select distinct p.pack_oid as oid from batches b
      join packed_objects p on p.project_id = b.project_id and p.oid = b.oid
    where b.project_id = ${projectId} and b.id = any(${bigints(batchIds)}::int8[])`);
  return rows.map(({ oid }) => oid);
}

/** A small batch that may be packed. */
export type PackableBatch = { readonly sequence: number; readonly oid: Oid; readonly bytes: number };

/**
 * Settled batches of one kind whose objects are small, held by themselves, and in no pack yet, in order of settlement.
 * `ageSeconds`: since they came; what is younger may be joined by more.
 */
export async function listPackable(
  db: Db,
  modelId: number,
  page: {
    readonly kind: string;
    readonly bytes: number;
    readonly ageSeconds: number;
    readonly after: number;
    readonly limit: number;
  },
): Promise<PackableBatch[]> {
  const rows = await db.execute<{ sequence: string; oid: Oid; bytes: string }>(sql`
    select b.settle_sequence::text as sequence, b.oid, b.bytes::text from batches b
      join objects o on o.project_id = b.project_id and o.oid = b.oid and o.quarantined_at is null
    where b.model_id = ${modelId} and b.kind = ${page.kind} and b.state = 'settled' and b.dropped_at is null
      and b.bytes <= ${page.bytes} and b.settle_sequence > ${page.after}
      and b.received_at <= now() - make_interval(secs => ${page.ageSeconds})
      and not exists (select 1 from packed_objects p where p.project_id = b.project_id and p.oid = b.oid and ${SOUND})
    order by b.settle_sequence limit ${page.limit}`);
  return rows.map(({ sequence, oid, bytes }) => ({ sequence: Number(sequence), oid, bytes: Number(bytes) }));
}

/** Models that have so many batches to pack. */
export async function listModelsToCompact(
  db: Db,
  given: { readonly bytes: number; readonly ageSeconds: number; readonly least: number },
): Promise<number[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select b.model_id::text as id from batches b
    where b.state = 'settled' and b.dropped_at is null and b.bytes <= ${given.bytes} and ${stands(sql`b.project_id`)}
      and b.received_at <= now() - make_interval(secs => ${given.ageSeconds})
      and not exists (select 1 from packed_objects p where p.project_id = b.project_id and p.oid = b.oid and ${SOUND})
    group by b.model_id, b.kind having count(*) >= ${given.least}`);
  return [...new Set(rows.map(({ id }) => Number(id)))];
}
