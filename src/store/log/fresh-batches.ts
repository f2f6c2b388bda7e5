import type postgres from 'postgres';
import type { ObjectRow } from '../inventory/objects.ts';
import { ANNOUNCED_SECONDS, JOB_CHANNEL } from '../jobs/jobs.ts';
import { bigints, texts } from '../postgres/array-literal.ts';
import type { BatchRow } from './batches.ts';
import type { VersionRows } from './version-rows.ts';

/** What is remembered of a request under its key, all but the id of the batch that its answer names. */
export type FreshAnswer = {
  readonly key: string;
  readonly route: string;
  readonly bodySha256: string;
  readonly status: number;
  readonly answer: object;
};

/** A batch whose object is new. */
export type FreshBatch = Pick<
  BatchRow,
  'projectId' | 'modelId' | 'kind' | 'rows' | 'duplicates' | 'conflicts' | 'minTime' | 'maxTime' | 'receivedAt'
> & {
  readonly object: Pick<ObjectRow, 'oid' | 'sha256' | 'size'>;
  readonly violations: readonly unknown[];
  readonly versions: readonly VersionRows[];
  /** Of the requests that came with a key. */
  readonly answers: readonly FreshAnswer[];
  /** The job that settles it, see `jobs.ts`. */
  readonly job: {
    readonly name: string;
    readonly key: string;
    readonly payload: object;
    readonly delaySeconds: number;
  };
};

/**
 * Writes the object, the batch, its versions, answers and job in one transaction of one statement, which says what
 * `holdObject`, `insertBatch`, `insertVersionRows`, `rememberAnswer` and `enqueue` say. Of each batch it costs a fraction of those.
 * A key that stands for a request already makes it fail (23505).
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
  const { projectId, modelId, kind, rows, duplicates, conflicts, violations, versions, answers, object, job } = batch;
  const { oid, sha256, size } = object;
  const names = versions.map(({ name }) => name);
  const bits = versions.map((version) => (version.rows === null ? null : Buffer.from(version.rows).toString('hex')));
  const announcement = `${job.name} ${Math.ceil(job.delaySeconds * 1000)}`;
  const remembered = answers.length === 0 ? transaction`` : rememberedBy(transaction, projectId, answers);
  // A key may have to wait for another request's, which may wait for the job: the job comes behind all keys.
  const afterKeys = answers.length === 0 ? transaction`` : transaction`, (select count(*) from remembered) keys`;
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
    ${remembered}
    enqueued as (
      insert into jobs (name, key, payload, run_at, project_id)
      select ${job.name}, ${job.key}, ${JSON.stringify(job.payload)}::jsonb,
        date_trunc('milliseconds', now()) + make_interval(secs => ${job.delaySeconds}::float8), ${projectId}::int
      from made ${afterKeys}
      on conflict (name, key) where state = 'waiting' do update set run_at = least(jobs.run_at, excluded.run_at)
      returning xmax = 0 as made)
    select made.id, (
      select pg_notify(${JOB_CHANNEL}, ${announcement}) from enqueued where (enqueued.made and ${soon}) or ${atOnce})
    from made`;
}

function rememberedBy(
  transaction: postgres.TransactionSql,
  projectId: number,
  answers: readonly FreshAnswer[],
): postgres.PendingQuery<postgres.Row[]> {
  // Whoever writes some of the same keys meets them in the same order.
  const sorted = answers.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return transaction`remembered as (
      insert into idempotency_keys (project_id, key, route, body_sha256, status, answer)
      select ${projectId}::int, a.key, a.route, a.sha256, a.status,
        a.answer || jsonb_build_object('batch', made.id, 'batches', jsonb_build_array(made.id))
      from made, unnest(${texts(sorted.map(({ key }) => key))}::text[], ${texts(sorted.map(({ route }) => route))}::text[],
        ${texts(sorted.map(({ bodySha256 }) => bodySha256))}::text[], ${bigints(sorted.map(({ status }) => status))}::int[],
        ${texts(sorted.map(({ answer }) => JSON.stringify(answer)))}::jsonb[]) as a (key, route, sha256, status, answer)
      returning key),`;
}

const isoOf = (date: Date | null): string | null => date?.toISOString() ?? null;
