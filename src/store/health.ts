import { sql } from 'drizzle-orm';
import { endpoints } from '../../schemas/tables/index.ts';
import type { Oid } from '../dvc/hash.ts';
import { stands } from './access/standing-projects.ts';
import { countWaitingBundles } from './inventory/bundles.ts';
import type { Db } from './postgres/db.ts';
import type { EndpointRow } from './webhook/webhooks.ts';

/** Resolves when the database answers. */
export async function pingDatabase(db: Db): Promise<void> {
  await db.execute(sql`select 1`);
}

/** Objects that are held and not known to be corrupt or lost, any of them. */
export async function someObjects(db: Db, most: number): Promise<Oid[]> {
  const rows = await db.execute<{ oid: Oid }>(
    sql`select distinct oid from (select oid from objects where quarantined_at is null limit ${most}) o`,
  );
  return rows.map(({ oid }) => oid);
}

/** A receiver, any of them; null where there is none. */
export async function someEndpoint(db: Db): Promise<EndpointRow | null> {
  const [row] = await db.select().from(endpoints).limit(1);
  return row ?? null;
}

export type Tallies = {
  readonly versions: number;
  readonly batches: {
    kind: string;
    state: string;
    batches: number;
    rows: number;
    rejected: number;
    duplicates: number;
  }[];
  readonly windows: { state: string; count: number }[];
  readonly episodes: { state: string; count: number }[];
  readonly messages: { state: string; count: number }[];
  readonly runs: { state: string; count: number }[];
  readonly jobs: { name: string; state: string; count: number }[];
  /** Seconds since the oldest undelivered message was made; 0 when there is none. */
  readonly oldestMessageSeconds: number;
  readonly quarantinedObjects: number;
  /** Seconds since the object was read that was not read for the longest time; 0 when there is none. */
  readonly oldestReadSeconds: number;
  readonly trashedBytes: number;
  /** Pieces of small objects that have no names of their own in the bucket yet. */
  readonly bundles: { readonly waiting: number; readonly missed: number };
};

/**
 * Counts for the metrics page, all from indexes or small tables. What waits in a deleted project, and would raise an
 * alarm, is not counted: it waits for nothing.
 */
export async function readTallies(db: Db): Promise<Tallies> {
  type Count = { state: string; count: number };
  const [versions] = await db.execute<{ n: number }>(sql`select count(*)::int n from versions`);
  const batches = await db.execute<Tallies['batches'][number]>(sql`
    select kind, state, count(*)::int batches, coalesce(sum(rows), 0)::float8 as rows,
      coalesce(sum(rejected), 0)::float8 rejected, coalesce(sum(duplicates + conflicts), 0)::float8 duplicates
    from batches group by kind, state`);
  const ofStanding = (table: string) =>
    sql`select state, count(*)::int count from ${sql.raw(table)} where ${stands(sql`project_id`)} group by state`;
  const windows = await db.execute<Count>(ofStanding('windows'));
  const episodes = await db.execute<Count>(ofStanding('episodes'));
  const messages = await db.execute<Count>(ofStanding('messages'));
  const runs = await db.execute<Count>(ofStanding('runs'));
  const jobs = await db.execute<Tallies['jobs'][number]>(
    sql`select name, case when state = 'waiting' and run_at > now() + interval '1 minute' then 'scheduled' else state end
      as state, count(*)::int count from jobs where ${stands(sql`project_id`)} group by 1, 2`,
  );
  const [oldest] = await db.execute<{ s: number }>(
    sql`select coalesce(extract(epoch from now() - min(created_at)), 0)::float8 s from messages
      where state = 'pending' and ${stands(sql`project_id`)}`,
  );
  const [storage] = await db.execute<{ quarantined: number; oldest: number; trashed: number }>(sql`
    select (select count(*) from objects where quarantined_at is not null and ${stands(sql`project_id`)})::int quarantined,
      (select coalesce(extract(epoch from now() - min(
          (select min(verified_at) from objects o where o.project_id = p.id))), 0)
        from projects p where p.deleted_at is null)::float8 oldest,
      (select coalesce(sum(size), 0) from object_tombstones where state <> 'removed')::float8 trashed`);
  return {
    quarantinedObjects: storage?.quarantined ?? 0,
    oldestReadSeconds: storage?.oldest ?? 0,
    trashedBytes: storage?.trashed ?? 0,
    bundles: await countWaitingBundles(db),
    versions: versions?.n ?? 0,
    batches: [...batches],
    windows: [...windows],
    episodes: [...episodes],
    messages: [...messages],
    runs: [...runs],
    jobs: [...jobs],
    oldestMessageSeconds: oldest?.s ?? 0,
  };
}
