import { and, asc, eq, gt, isNull, lte, sql } from 'drizzle-orm';
import { manifestEntries, objects } from '../../../schemas/tables/index.ts';
import type { Oid } from '../../dvc/hash.ts';
import type { TreeEntry } from '../../dvc/tree.ts';
import { bigints, texts, words } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';
import { listTombstones, listTombstonesOf, lockForHolding, type TombstoneRow } from './object-tombstones.ts';

export type ObjectRow = typeof objects.$inferSelect;

/** A file of a version, with what proves it. `oid` is a bare MD5. */
export type HeldFile = {
  readonly position: number;
  readonly path: string;
  readonly oid: Oid;
  readonly sha256: string;
  readonly size: number;
  readonly quarantined: boolean;
  readonly verifiedAt: Date;
};

/** The columns of a member; the statement joins `manifest_entries` with `objects`. */
const HELD_FILE = {
  position: manifestEntries.position,
  path: manifestEntries.path,
  oid: manifestEntries.md5,
  sha256: objects.sha256,
  size: objects.size,
  quarantined: sql<boolean>`(${objects.quarantinedAt} is not null)`,
  verifiedAt: objects.verifiedAt,
};

const MEMBER_OBJECT = and(eq(objects.projectId, manifestEntries.projectId), eq(objects.oid, manifestEntries.md5));

/** PostgreSQL takes arrays of any length; this bounds what one statement keeps in memory. */
const CHUNK = 20_000;

export async function findObject(db: Db, projectId: number, oid: Oid): Promise<ObjectRow | null> {
  const rows = await db
    .select()
    .from(objects)
    .where(and(eq(objects.projectId, projectId), eq(objects.oid, oid)));
  return rows[0] ?? null;
}

/** An object that is not quarantined, with what proves its bytes. */
export type HealthyObject = Pick<ObjectRow, 'projectId' | 'oid' | 'sha256' | 'size' | 'verifiedAt'>;

/** The healthy ones among these oids, by oid. */
export async function findHealthyObjects(
  db: Db,
  projectId: number,
  oids: readonly Oid[],
): Promise<Map<Oid, HealthyObject>> {
  const found = new Map<Oid, HealthyObject>();
  for (let at = 0; at < oids.length; at += CHUNK) {
    const wanted = sql`any(${words(oids.slice(at, at + CHUNK))}::text[])`;
    const rows = await db
      .select({ oid: objects.oid, sha256: objects.sha256, size: objects.size, verifiedAt: objects.verifiedAt })
      .from(objects)
      .where(and(eq(objects.projectId, projectId), sql`${objects.oid} = ${wanted}`, isNull(objects.quarantinedAt)));
    for (const row of rows) found.set(row.oid, { projectId, ...row });
  }
  return found;
}

/** Those among these oids that the project has bound, be their bytes sound or not. */
export async function findBoundOids(db: Db, projectId: number, oids: readonly Oid[]): Promise<Set<Oid>> {
  const rows = await db
    .select({ oid: objects.oid })
    .from(objects)
    .where(and(eq(objects.projectId, projectId), sql`${objects.oid} = any(${words(oids)}::text[])`));
  return new Set(rows.map(({ oid }) => oid));
}

/** How an object came to be held. */
export type Holding = {
  /** It was held, healthy, before. */
  readonly existed: boolean;
  readonly healed: boolean;
  /** Its tombstones in all projects, as they stand while the transaction lasts. */
  readonly tombstones: readonly TombstoneRow[];
};

/**
 * Binds an oid to its SHA-256, or finds it bound to the same one; a quarantine is lifted, since good bytes have
 * come. Null when the oid is bound to other bytes, be it in the trash or removed long ago. What tombstones mean for
 * the bytes is the caller's to judge.
 */
export async function holdObject(
  tx: Db,
  object: { projectId: number; oid: Oid; sha256: string; size: number; origin?: ObjectRow['origin'] },
): Promise<Holding | null> {
  // Sent together; the lock comes first, so the others see what was decided before it was given.
  const [, tombstones, made] = await Promise.all([
    lockForHolding(tx),
    listTombstones(tx, object.oid),
    tx.insert(objects).values(object).onConflictDoNothing().returning({ oid: objects.oid }),
  ]);
  const own = tombstones.find((row) => row.projectId === object.projectId);
  if (own !== undefined && own.sha256 !== object.sha256) return null;
  if (made.length === 1) return { existed: false, healed: false, tombstones };
  const key = and(eq(objects.projectId, object.projectId), eq(objects.oid, object.oid));
  const [row] = await tx.select().from(objects).where(key).for('update');
  if (row === undefined || row.sha256 !== object.sha256) return null;
  // What is only named by commits stays so, whoever else sends it.
  const origin = object.origin === 'pushed' ? 'pushed' : row.origin;
  await tx
    .update(objects)
    .set({ quarantinedAt: null, verifiedAt: sql`now()`, receivedAt: sql`now()`, origin })
    .where(key);
  return { existed: row.quarantinedAt === null, healed: row.quarantinedAt !== null, tombstones };
}

export type HeldTogether = {
  readonly created: ReadonlySet<Oid>;
  readonly healed: readonly Oid[];
  readonly conflicts: readonly Oid[];
  readonly tombstones: ReadonlyMap<Oid, readonly TombstoneRow[]>;
};

/** As `holdObject`, for many objects: `conflicts` are bound to other bytes, `tombstones` are by oid. */
export async function holdObjects(
  tx: Db,
  projectId: number,
  given: readonly (Pick<ObjectRow, 'oid' | 'sha256' | 'size'> & { readonly origin?: ObjectRow['origin'] })[],
): Promise<HeldTogether> {
  // In one order for all, so that two that hold the same objects at once do not wait for each other in a ring.
  const list = given.toSorted((a, b) => (a.oid < b.oid ? -1 : 1));
  const oids = words(list.map((object) => object.oid));
  const sha256s = words(list.map((object) => object.sha256));
  const origins = words(list.map((object) => object.origin ?? 'received'));
  // Sent together; the lock comes first, so the others see what was decided before it was given.
  const [, buried, made] = await Promise.all([
    lockForHolding(tx),
    listTombstonesOf(tx, oids),
    tx.execute<{ oid: string }>(sql`
      insert into objects (project_id, oid, sha256, size, origin)
      select ${projectId}, u.oid, u.sha256, u.size, u.origin
      from unnest(${oids}::text[], ${sha256s}::text[], ${bigints(list.map((o) => o.size))}::int8[], ${origins}::text[])
        as u(oid, sha256, size, origin)
      on conflict do nothing returning oid`),
  ]);
  const tombstones = Map.groupBy(buried, ({ oid }) => oid);
  const refused = list.filter(({ oid, sha256 }) =>
    tombstones.get(oid)?.some((row) => row.projectId === projectId && row.sha256 !== sha256),
  );
  const created = new Set(made.map((row) => row.oid));
  const others = list.filter((object) => !created.has(object.oid));
  const conflicts = refused.map(({ oid }) => oid);
  if (others.length === 0) return { created, healed: [], conflicts, tombstones };
  const known = await tx.execute<{ oid: string; sha256: string; sick: boolean }>(sql`
    select oid, sha256, quarantined_at is not null as sick from objects
    where project_id = ${projectId} and oid = any(${words(others.map((o) => o.oid))}::text[])
    order by oid for update`);
  const bound = new Map(known.map((row) => [row.oid, row]));
  const same = others.filter((object) => bound.get(object.oid)?.sha256 === object.sha256).map((object) => object.oid);
  // What is only named by commits stays so, whoever else sends it.
  const pushed = list.filter(({ origin }) => origin === 'pushed').map(({ oid }) => oid);
  await tx.execute(sql`
    update objects set quarantined_at = null, verified_at = now(), received_at = now(),
      origin = case when oid = any(${words(pushed)}::text[]) then 'pushed' else origin end
    where project_id = ${projectId} and oid = any(${words(same)}::text[])`);
  const agreed = new Set(same);
  return {
    created,
    healed: same.filter((oid) => bound.get(oid)?.sick === true),
    conflicts: [...conflicts, ...others.filter(({ oid }) => !agreed.has(oid)).map(({ oid }) => oid)],
    tombstones,
  };
}

/**
 * Marks an object whose bytes are wrong or lost. False when it was marked before, or when good bytes came since it was
 * last seen verified at `seen`.
 */
export async function quarantineObject(db: Db, projectId: number, oid: Oid, seen?: Date): Promise<boolean> {
  const rows = await db
    .update(objects)
    .set({ quarantinedAt: sql`now()` })
    .where(
      and(
        eq(objects.projectId, projectId),
        eq(objects.oid, oid),
        isNull(objects.quarantinedAt),
        seen === undefined ? undefined : eq(objects.verifiedAt, seen),
      ),
    )
    .returning({ oid: objects.oid });
  return rows.length === 1;
}

/** The first member of a manifest that is quarantined or was never held, or null when all are healthy. */
export async function findSickMember(db: Db, projectId: number, oid: Oid): Promise<string | null> {
  // One by one only in a project that has any such object, or has given any up.
  const rows = await db.execute<{ md5: string }>(sql`
    select m.md5 from manifest_entries m
    left join objects o on o.project_id = m.project_id and o.oid = m.md5
    where m.project_id = ${projectId} and m.oid = ${oid} and (o.oid is null or o.quarantined_at is not null)
      and (exists (select 1 from objects q where q.project_id = ${projectId} and q.quarantined_at is not null)
        or exists (select 1 from object_tombstones t where t.project_id = ${projectId}))
    order by m.position limit 1`);
  return rows[0]?.md5 ?? null;
}

/** What proves the members of a manifest: their SHA-256, one after the other in its order, and their bytes together. */
export type MemberDigests = { readonly sha256s: string; readonly bytes: number };

/** Members that are not held, which a manifest that is held has none of, are left out. */
export async function readMemberDigests(db: Db, manifest: { projectId: number; oid: Oid }): Promise<MemberDigests> {
  const [row] = await db
    .select({
      sha256s: sql<string>`coalesce(string_agg(${objects.sha256}, '' order by ${manifestEntries.position}), '')`,
      bytes: sql<number>`coalesce(sum(${objects.size}), 0)::float8`,
    })
    .from(manifestEntries)
    .innerJoin(objects, MEMBER_OBJECT)
    .where(and(eq(manifestEntries.projectId, manifest.projectId), eq(manifestEntries.oid, manifest.oid)));
  return row ?? { sha256s: '', bytes: 0 };
}

/**
 * Remembers a manifest's members in its own order; a manifest that is known stays as it is. The caller holds its object,
 * so that nobody else remembers them at the same time.
 */
export async function insertManifest(
  tx: Db,
  manifest: { projectId: number; oid: Oid; entries: readonly TreeEntry[] },
): Promise<void> {
  const { projectId, oid, entries } = manifest;
  // All of a manifest's are known, or none. That each were looked for by itself would take half as long again.
  const [known] = await tx.execute(sql`
    select 1 from manifest_entries where project_id = ${projectId} and oid = ${oid} limit 1`);
  if (known !== undefined) return;
  for (let at = 0; at < entries.length; at += CHUNK) {
    const part = entries.slice(at, at + CHUNK);
    const positions = bigints(part.map((_, i) => at + i));
    const paths = texts(part.map((entry) => entry.relpath));
    const md5s = words(part.map((entry) => entry.md5));
    await tx.execute(sql`
      insert into manifest_entries (project_id, oid, position, path, md5)
      select ${projectId}, ${oid}, u.position, u.path, u.md5
      from unnest(${positions}::int[], ${paths}::text[], ${md5s}::text[]) as u(position, path, md5)`);
  }
}

/** The largest of PostgreSQL's `integer`, which positions are. */
const LAST_POSITION = 2 ** 31 - 1;

/**
 * Members of a manifest in its own order, from the one after `after` (-1 for the beginning).
 *
 * Positions have no gaps, so that a page is known by them: a limit alone would have all members joined with their
 * objects and sorted for each page, which of a folder of 300,000 files takes PostgreSQL a second and a half.
 */
export async function listMembers(
  db: Db,
  manifest: { projectId: number; oid: Oid },
  page: { after: number; limit: number },
): Promise<HeldFile[]> {
  return db
    .select(HELD_FILE)
    .from(manifestEntries)
    .innerJoin(objects, MEMBER_OBJECT)
    .where(
      and(
        eq(manifestEntries.projectId, manifest.projectId),
        eq(manifestEntries.oid, manifest.oid),
        gt(manifestEntries.position, page.after),
        lte(manifestEntries.position, Math.min(page.after + page.limit, LAST_POSITION)),
      ),
    )
    .orderBy(asc(manifestEntries.position))
    .limit(page.limit);
}

/** One member of a manifest by its path. */
export async function findMember(
  db: Db,
  manifest: { projectId: number; oid: Oid },
  path: string,
): Promise<HeldFile | null> {
  const rows = await db
    .select(HELD_FILE)
    .from(manifestEntries)
    .innerJoin(objects, MEMBER_OBJECT)
    .where(
      and(
        eq(manifestEntries.projectId, manifest.projectId),
        eq(manifestEntries.oid, manifest.oid),
        eq(manifestEntries.path, path),
      ),
    );
  return rows[0] ?? null;
}
