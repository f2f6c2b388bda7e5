import { and, eq, gt, isNotNull, ne, sql } from 'drizzle-orm';
import { episodes } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

/** How many other episodes of a fingerprint fired that began since a time. */
export async function countFired(db: Db, of: { fingerprint: string; since: Date; but: string }): Promise<number> {
  return db.$count(
    episodes,
    and(
      eq(episodes.fingerprint, of.fingerprint),
      isNotNull(episodes.firedAt),
      gt(episodes.from, of.since),
      ne(episodes.id, of.but),
    ),
  );
}

/** A living alert on the data itself of any monitor of the model that this one belongs to; null when there is none. */
export async function findTroubled(db: Db, monitorId: number): Promise<string | null> {
  const rows = await db.execute<{ id: string }>(sql`
    select e.id from episodes e join monitors m on m.id = e.monitor_id
    where m.model_id = (select model_id from monitors where id = ${monitorId})
      and e.target in ('data', 'schema') and e.state in ('firing', 'no_data', 'error')
    order by e.id limit 1`);
  return rows[0]?.id ?? null;
}

/**
 * Monitors that want to be told of missing data and have had none for as long: no prediction has come for the windows
 * that they allow, and they do not say so yet, or say so although one has come.
 */
export async function listSilentMonitors(db: Db): Promise<number[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select m.id from monitors m
      join models mo on mo.id = m.model_id
      cross join lateral (
        select (r.config->'alert'->>'no_data_after')::float8 * coalesce(
            (r.config->>'window_seconds')::float8, (r.config->'windowing'->>'step_seconds')::float8,
            case r.config->'windowing'->>'period' when 'hour' then 3600 when 'week' then 604800 when 'month' then 2592000
              else 86400 end) as seconds
        from monitor_revisions r where r.monitor_id = m.id order by r.revision desc limit 1) c
      left join lateral (
        select e.state from episodes e where e.monitor_id = m.id and e.target = 'data' and e.state <> 'resolved' limit 1) e on true
    where m.enabled = 'on' and mo.last_batch_at is not null
      and ((c.seconds is not null and mo.last_batch_at + make_interval(secs => c.seconds) <= now())
        is distinct from coalesce(e.state = 'no_data', false))
    order by m.id limit 1000`);
  return rows.map(({ id }) => Number(id));
}
