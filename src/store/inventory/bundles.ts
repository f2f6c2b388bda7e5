import { eq, sql } from 'drizzle-orm';
import { bundles } from '../../../schemas/tables/index.ts';
import type { Oid } from '../../dvc/hash.ts';
import { enqueue } from '../jobs/jobs.ts';
import { bigints, words } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';

export type BundleMember = {
  readonly oid: Oid;
  /** Where it begins in the bundle, and how many bytes it has. */
  readonly start: number;
  readonly size: number;
  readonly sha256: string;
};

export type BundleRow = {
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
  /** `missed`: it was not where it should be a while ago, and is looked for again. */
  readonly state: 'waiting' | 'missed' | 'laid out';
};

/** Where the bytes of an object lie besides, or at first. */
export type BundledObject = { readonly name: string; readonly start: number; readonly size: number };

/** Bundles that come one after another have their job looked at once, and not each of them. */
const TOGETHER_SECONDS = 1;

/** Has bundles laid out, so many seconds from now. */
export async function enqueueLayOuts(tx: Db, delaySeconds = 0): Promise<void> {
  await enqueue(tx, { name: 'lay-out-bundles', key: 'bundles', payload: {}, delaySeconds });
}

/** Seconds since a bundle came, of those that are not laid out yet. */
export type BundleAges = { readonly newest: number; readonly oldest: number };

/** How long ago bundles came that are not laid out, missed ones too, by the database's clock; null where there is none. */
export async function readBundleAges(db: Db): Promise<BundleAges | null> {
  const [row] = await db.execute<BundleAges>(sql`
    select extract(epoch from now() - max(created_at))::float8 as newest,
      extract(epoch from now() - min(created_at))::float8 as oldest
    from bundles where laid_out_at is null having count(*) > 0`);
  return row === undefined ? null : { newest: row.newest, oldest: row.oldest };
}

/** Those of the objects that are or were anybody's, or lie in a bundle already. */
export async function listKnownObjects(db: Db, oids: readonly Oid[]): Promise<Set<Oid>> {
  const rows = await db.execute<{ oid: Oid }>(sql`
    select u.oid from unnest(${words(oids)}::text[]) as u(oid)
    where exists (select 1 from objects o where o.oid = u.oid)
      or exists (select 1 from object_tombstones t where t.oid = u.oid)
      or exists (select 1 from bundle_members m where m.oid = u.oid)`);
  return new Set(rows.map(({ oid }) => oid));
}

/**
 * Remembers a bundle that lies in the remote, and has it laid out.
 * @returns those of its members that another bundle came first with, by oid, with their SHA-256 there.
 */
export async function insertBundle(
  tx: Db,
  bundle: { readonly name: string; readonly bytes: number; readonly members: readonly BundleMember[] },
): Promise<Map<Oid, string>> {
  const { name, bytes } = bundle;
  // In one order for all, so that two that bring the same objects at once do not wait for each other in a ring.
  const members = bundle.members.toSorted((a, b) => (a.oid < b.oid ? -1 : 1));
  const oids = words(members.map(({ oid }) => oid));
  const [row] = await tx.insert(bundles).values({ name, bytes }).returning({ id: bundles.id });
  const made = await tx.execute<{ oid: Oid }>(sql`
    insert into bundle_members (oid, bundle_id, start, size, sha256)
    select u.oid, ${row?.id ?? 0}::int8, u.start, u.size, u.sha256
    from unnest(${oids}::text[], ${bigints(members.map(({ start }) => start))}::int4[],
      ${bigints(members.map(({ size }) => size))}::int4[], ${words(members.map(({ sha256 }) => sha256))}::text[])
      as u(oid, start, size, sha256)
    on conflict do nothing returning oid`);
  const mine = new Set(made.map(({ oid }) => oid));
  const others = members.flatMap(({ oid }) => (mine.has(oid) ? [] : [oid]));
  const first = others.length === 0 ? new Map<Oid, string>() : await readSha256s(tx, others);
  await enqueueLayOuts(tx, TOGETHER_SECONDS);
  return first;
}

async function readSha256s(db: Db, oids: readonly Oid[]): Promise<Map<Oid, string>> {
  const rows = await db.execute<{ oid: Oid; sha256: string }>(sql`
    select oid, sha256 from bundle_members where oid = any(${words(oids)}::text[])`);
  return new Map(rows.map(({ oid, sha256 }) => [oid, sha256]));
}

/** Those of the objects that lie in bundles, by oid. */
export async function findBundled(db: Db, oids: readonly Oid[]): Promise<Map<Oid, BundledObject>> {
  const rows = await db.execute<{ oid: Oid; name: string; start: number; size: number }>(sql`
    select m.oid, b.name, m.start, m.size from bundle_members m join bundles b on b.id = m.bundle_id
    where m.oid = any(${words(oids)}::text[])`);
  return new Map(rows.map(({ oid, ...bundled }) => [oid, bundled]));
}

/** The bundle that an object lies in, or null. */
export async function findBundleOf(db: Db, oid: Oid): Promise<BundleRow | null> {
  const [row] = await db.execute<RawBundle>(sql`
    select ${BUNDLE} from bundle_members m join bundles b on b.id = m.bundle_id where m.oid = ${oid}`);
  return row === undefined ? null : bundleOf(row);
}

/** Bundles that wait to be laid out, the oldest first, without those that were missed of late. */
export async function listWaitingBundles(db: Db): Promise<number[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select id::text from bundles b where laid_out_at is null and not ${MISSED} order by id`);
  return rows.map(({ id }) => Number(id));
}

/** The bundles that any of the objects lies in, the oldest first. */
export async function listBundlesOf(db: Db, oids: readonly Oid[]): Promise<BundleRow[]> {
  const rows = await db.execute<RawBundle>(sql`
    select ${BUNDLE} from bundles b
    where b.id in (select bundle_id from bundle_members where oid = any(${words(oids)}::text[])) order by b.id`);
  return rows.map(bundleOf);
}

/** Whether a project holds other bytes under this name. */
export async function isHeldOtherwise(db: Db, { oid, sha256 }: Pick<BundleMember, 'oid' | 'sha256'>): Promise<boolean> {
  const rows = await db.execute(sql`select 1 from objects where oid = ${oid} and sha256 <> ${sha256} limit 1`);
  return rows.length > 0;
}

/** Bundles that wait to be laid out, and besides those that were missed of late. */
export async function countWaitingBundles(db: Db): Promise<{ readonly waiting: number; readonly missed: number }> {
  const [row] = await db.execute<{ waiting: number; missed: number }>(sql`
    select (count(*) filter (where not ${MISSED}))::int as waiting, (count(*) filter (where ${MISSED}))::int as missed
    from bundles b where laid_out_at is null`);
  return { waiting: row?.waiting ?? 0, missed: row?.missed ?? 0 };
}

/**
 * The bundle, locked until the transaction ends; null when nothing is known of it. Without an id the oldest one that
 * waits, was not missed of late, and that nobody else has locked.
 */
export async function lockBundle(tx: Db, id?: number): Promise<BundleRow | null> {
  const [row] = await tx.execute<RawBundle>(
    id === undefined
      ? sql`select ${BUNDLE} from bundles b
          where laid_out_at is null and not ${MISSED} order by id limit 1 for update skip locked`
      : sql`select ${BUNDLE} from bundles b where id = ${id} for update`,
  );
  return row === undefined ? null : bundleOf(row);
}

/** Members of a bundle, in their order in it. */
export async function listBundleMembers(db: Db, id: number): Promise<BundleMember[]> {
  const rows = await db.execute<BundleMember & Record<string, unknown>>(sql`
    select oid, start, size, sha256 from bundle_members where bundle_id = ${id} order by start, oid`);
  return rows.map(({ oid, start, size, sha256 }) => ({ oid, start, size, sha256 }));
}

export async function markLaidOut(tx: Db, id: number): Promise<void> {
  await tx.update(bundles).set({ laidOutAt: sql`now()` }).where(eq(bundles.id, id));
}

/** Says that it is not where it should be. */
export async function markMissed(tx: Db, id: number): Promise<void> {
  await tx.update(bundles).set({ missedAt: sql`now()` }).where(eq(bundles.id, id));
}

/** Forgets that these lie in a bundle. */
export async function forgetMembers(tx: Db, oids: readonly Oid[]): Promise<void> {
  if (oids.length === 0) return;
  await tx.execute(sql`delete from bundle_members where oid = any(${words(oids)}::text[])`);
}

/** Forgets a bundle and where its members lie in it. */
export async function forgetBundle(tx: Db, id: number): Promise<void> {
  await tx.execute(sql`delete from bundle_members where bundle_id = ${id}`);
  await tx.delete(bundles).where(eq(bundles.id, id));
}

/** Those of the names that no bundle has. */
export async function listUnknownBundles(db: Db, names: readonly string[]): Promise<string[]> {
  const rows = await db.execute<{ name: string }>(sql`
    select u.name from unnest(${words(names)}::text[]) as u(name)
    where not exists (select 1 from bundles b where b.name = u.name)`);
  return rows.map(({ name }) => name);
}

type RawBundle = { id: string; name: string; bytes: string; state: BundleRow['state'] };

/** One that was not where it should be is looked for again after an hour: it may be the wrong bucket that was asked. */
const MISSED = sql.raw(`(b.missed_at is not null and b.missed_at > now() - interval '60 minutes')`);

const BUNDLE = sql`b.id::text as id, b.name, b.bytes::text as bytes,
  case when b.laid_out_at is not null then 'laid out' when ${MISSED} then 'missed' else 'waiting' end as state`;

const bundleOf = ({ id, bytes, ...row }: RawBundle): BundleRow => ({ ...row, id: Number(id), bytes: Number(bytes) });
