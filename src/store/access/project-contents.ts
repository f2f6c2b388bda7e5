import { sql } from 'drizzle-orm';
import type { Db } from '../postgres/db.ts';

/** What a project holds: what nobody would have any more without it. */
export type ProjectContents = {
  readonly datasets: number;
  /** Those in the trash are not counted, nor in what follows. */
  readonly versions: number;
  readonly objects: number;
  /** Of its objects, those in the trash too, each once. */
  readonly bytes: number;
  /** Of those, what no other project has: the remote shrinks by it. */
  readonly ownBytes: number;
  readonly models: number;
  readonly loggedRows: number;
  readonly monitors: number;
  /** Alerts that have fired and are not over. */
  readonly openAlerts: number;
  readonly policies: number;
  /** Retraining runs that have not ended. */
  readonly livingRuns: number;
  /** Work of it that waits or is in hand. */
  readonly jobs: number;
  readonly webhooks: number;
  /** Messages that are still to be delivered. */
  readonly pendingMessages: number;
  readonly registries: number;
  /** Keys that let somebody in. */
  readonly keys: number;
};

/** Counts what is in a project. */
export async function countContents(db: Db, projectId: number): Promise<ProjectContents> {
  const of = sql`project_id = ${projectId}`;
  const n = (from: ReturnType<typeof sql>) => sql`(select count(*) from ${from})::float8`;
  const [row] = await db.execute<ProjectContents>(sql`
    with mine as (
      select oid, size from objects where ${of}
      union all select oid, size from object_tombstones where ${of} and state <> 'removed'),
    sized as (
      select size, not exists (select 1 from objects s where s.oid = mine.oid and s.project_id <> ${projectId})
        and not exists (select 1 from object_tombstones s
          where s.oid = mine.oid and s.project_id <> ${projectId} and s.state <> 'removed') as alone from mine)
    select
      ${n(sql`datasets where ${of} and deleted_at is null`)} "datasets",
      ${n(sql`versions where ${of} and trashed_at is null`)} "versions",
      ${n(sql`objects where ${of}`)} "objects",
      (select coalesce(sum(size), 0) from sized)::float8 "bytes",
      (select coalesce(sum(size) filter (where alone), 0) from sized)::float8 "ownBytes",
      ${n(sql`models where ${of}`)} "models",
      (select coalesce(sum(b.rows), 0) from batches b
        where b.model_id in (select id from models where ${of}) and b.kind = 'predictions' and b.dropped_at is null
      )::float8 "loggedRows",
      ${n(sql`monitors where ${of} and deleted_at is null`)} "monitors",
      ${n(sql`episodes where ${of} and state in ('firing', 'no_data', 'error', 'recovering')`)} "openAlerts",
      ${n(sql`policies where ${of}`)} "policies",
      ${n(sql`runs where ${of} and state in ('awaiting_approval', 'preparing', 'requested', 'accepted', 'running')`)} "livingRuns",
      ${n(sql`jobs where ${of} and state <> 'dead'`)} "jobs",
      ${n(sql`endpoints where ${of}`)} "webhooks",
      ${n(sql`messages where ${of} and state in ('pending', 'standing')`)} "pendingMessages",
      ${n(sql`registries where ${of}`)} "registries",
      ${n(sql`api_keys where ${of} and revoked_at is null and (expires_at is null or expires_at > now())`)} "keys"`);
  if (row === undefined) throw new Error('a count returned no row');
  return { ...row };
}
