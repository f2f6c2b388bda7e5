import type postgres from 'postgres';
import type { BatchRow } from './batches.ts';
import { ANNOUNCED_SECONDS, JOB_CHANNEL } from './jobs.ts';
import type { ObjectRow } from './objects.ts';
import { texts } from './postgres/array-literal.ts';
import type { VersionRows } from './version-rows.ts';

/** A batch whose object is new. */
export type FreshBatch = Pick<
  BatchRow,
  'projectId' | 'modelId' | 'kind' | 'rows' | 'duplicates' | 'conflicts' | 'minTime' | 'maxTime' | 'receivedAt'
> & {
  readonly object: Pick<ObjectRow, 'oid' | 'sha256' | 'size'>;
  readonly violations: readonly unknown[];
  readonly versions: readonly VersionRows[];
  /** The job that settles it, see `jobs.ts`. */
  readonly job: {
    readonly name: string;
    readonly key: string;
    readonly payload: object;
    readonly delaySeconds: number;
  };
};

/**
 * Writes the object, the batch, its versions and its job in one transaction of one statement, which says what
 * `holdObject`, `insertBatch`, `insertVersionRows` and `enqueue` say. Of each batch it costs a fraction of those.
 * @returns the batch's id; null where the object is held already, or was given up before: then nothing was written.
 */
export async function insertFreshBatch(driver: postgres.Sql, batch: FreshBatch): Promise<number | null> {
  const inserted = await driver.begin(async (transaction) => {
    // Sent together. The lock comes first: the tombstones are read after it, see `object-tombstones.ts`.
    const [, rows] = await Promise.all([
      transaction`select pg_advisory_xact_lock_shared(hashtextextended('objects', 0))`,
      insert(transaction, batch),
    ]);
    return rows.map(({ id }) => Number(id));
  });
  return inserted[0] ?? null;
}

function insert(transaction: postgres.TransactionSql, batch: FreshBatch): postgres.PendingQuery<{ id: string }[]> {
  const { projectId, modelId, kind, rows, duplicates, conflicts, violations, versions, object, job } = batch;
  const { oid, sha256, size } = object;
  const names = versions.map(({ name }) => name);
  const bits = versions.map((version) => (version.rows === null ? null : Buffer.from(version.rows).toString('hex')));
  const announcement = `${job.name} ${Math.ceil(job.delaySeconds * 1000)}`;
  const [soon, atOnce] = [job.delaySeconds < ANNOUNCED_SECONDS, job.delaySeconds <= 0];
  return transaction<{ id: string }[]>`
    with held as (
      insert into objects (project_id, oid, sha256, size, origin)
      select ${projectId}::int, ${oid}, ${sha256}, ${size}::int8, 'received'
      where not exists (select 1 from object_tombstones t where t.oid = ${oid})
      on conflict do nothing returning oid),
    made as (
      insert into batches (project_id, model_id, kind, oid, bytes, rows, rejected, duplicates, conflicts, violations,
        min_time, max_time, state, received_at)
      select ${projectId}::int, ${modelId}::int8, ${kind}, held.oid, ${size}::int8, ${rows}::int, 0, ${duplicates}::int,
        ${conflicts}::int, ${JSON.stringify(violations)}::jsonb, ${isoOf(batch.minTime)}::timestamptz,
        ${isoOf(batch.maxTime)}::timestamptz, 'accepted', ${isoOf(batch.receivedAt)}::timestamptz
      from held returning id),
    named as (
      insert into version_rows (batch_id, name, rows)
      select made.id, v.name, decode(v.bits, 'hex')
      from made, unnest(${texts(names)}::text[], ${texts(bits)}::text[]) as v (name, bits)),
    enqueued as (
      insert into jobs (name, key, payload, run_at, project_id)
      select ${job.name}, ${job.key}, ${JSON.stringify(job.payload)}::jsonb,
        date_trunc('milliseconds', now()) + make_interval(secs => ${job.delaySeconds}::float8), ${projectId}::int
      from made
      on conflict (name, key) where state = 'waiting' do update set run_at = least(jobs.run_at, excluded.run_at)
      returning xmax = 0 as made)
    select made.id, (
      select pg_notify(${JOB_CHANNEL}, ${announcement}) from enqueued where (enqueued.made and ${soon}) or ${atOnce})
    from made`;
}

const isoOf = (date: Date | null): string | null => date?.toISOString() ?? null;
