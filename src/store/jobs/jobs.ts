import { and, desc, eq, sql } from 'drizzle-orm';
import { jobs } from '../../../schemas/tables/index.ts';
import type { JobName, JobPayload } from '../../../schemas/wire/jobs.ts';
import { stands } from '../access/standing-projects.ts';
import { bigints, words } from '../postgres/array-literal.ts';
import { type Db, isUniqueViolation } from '../postgres/db.ts';
import { isBackfill, LONG_AGO, monitorOf, projectOf } from './job-owners.ts';

/**
 * Work is handed out by PostgreSQL. A job is enqueued in the caller's transaction, claimed under a lease of
 * the database's clock, and removed when it is done. `attempts` grows with each claim and is the fencing
 * token: a worker that wakes after its lease was taken can neither settle the job nor believe it did.
 */

/** The channel on which a committed job wakes the workers: its name, a blank, and the milliseconds until it is due. */
export const JOB_CHANNEL = 'tidemark_jobs';

/** What is due later than this is not announced: workers look by themselves more often. */
export const ANNOUNCED_SECONDS = 1;

export type JobAnnouncement = { readonly name: string; readonly milliseconds: number };

export function parseAnnouncement(text: string): JobAnnouncement {
  const [name = '', milliseconds] = text.split(' ');
  return { name, milliseconds: Number(milliseconds ?? 0) };
}

export type ClaimedJob = {
  readonly id: number;
  readonly name: JobName;
  readonly payload: unknown;
  /** Whose it is; 0: the service's own. */
  readonly projectId: number;
  /** The monitor that it is done for; 0: none. */
  readonly monitorId: number;
  /** 1 on the first claim; also the fencing token of this claim. */
  readonly attempt: number;
  /** Earlier claims that failed of themselves or were abandoned, the last one included. */
  readonly failures: number;
  /** Its last worker neither ended it nor gave it back: its lease ran out. */
  readonly abandoned: boolean;
  /** Others may be due besides, of those that were asked for. */
  readonly more: boolean;
};

export type EnqueueOptions = {
  /** Seconds from now, by the database's clock, before which the job is not started. */
  readonly delaySeconds?: number;
};

/**
 * A point in time from now. The column keeps milliseconds and would round up: a job that is due at once would be
 * announced a moment before it is due, and then found only by the next poll.
 */
const inSeconds = (seconds: number) => sql<Date>`date_trunc('milliseconds', now()) + make_interval(secs => ${seconds})`;

const kept = sql`on conflict (name, key) where state = 'waiting' do update set run_at = least(jobs.run_at, excluded.run_at)`;

/**
 * Enqueues a job in the caller's transaction; call it last, since it may wait for another enqueuer of the
 * same key. A job of that name and key that is still waiting is kept (at the earlier of the two times): its
 * row is locked until this transaction ends, so no worker can start it before what it is to see is committed.
 */
export async function enqueue<N extends JobName>(
  tx: Db,
  job: { name: N; key: string; payload: JobPayload<N> } & EnqueueOptions,
): Promise<void> {
  const { name, key, payload } = job;
  const delay = job.delaySeconds ?? 0;
  const announcement = `${name} ${Math.ceil(delay * 1000)}`;
  await tx.execute(sql`
    with enqueued as (
      insert into jobs (name, key, payload, run_at, project_id, monitor_id, backfill)
      values (${name}, ${key}, ${JSON.stringify(payload)}::jsonb, ${inSeconds(delay)},
        ${projectOf(payload)}, ${monitorOf(payload)}, ${isBackfill(payload)})
      ${kept}
      returning xmax = 0 as made)
    ${
      // Delivered at commit, and folded by PostgreSQL when one transaction says it twice. What is due at once is said
      // each time: until now the row was locked, so that whoever heard of it before could not take it.
      delay < ANNOUNCED_SECONDS
        ? sql`select pg_notify(${JOB_CHANNEL}, ${announcement}) from enqueued where made or ${delay <= 0}`
        : sql`select 1 from enqueued`
    }`);
}

type WindowJob = { [N in JobName]: JobPayload<N> extends { windowId: number } ? N : never }[JobName];

/** As `enqueue` of a job for each of many windows, in the order of their starts and in one statement. */
export async function enqueueForWindows(tx: Db, name: WindowJob, windowIds: readonly number[]): Promise<void> {
  if (windowIds.length === 0) return;
  await tx.execute(sql`
    with enqueued as (
      insert into jobs (name, key, payload, run_at, project_id, monitor_id, backfill)
      select ${name}, 'window:' || w.id, jsonb_build_object('windowId', w.id), ${inSeconds(0)},
        w.project_id, w.monitor_id, ${LONG_AGO}
      from windows w where w.id = any(${bigints(windowIds)}::int8[])
      order by w.start, w.id
      ${kept}
      returning 1)
    select pg_notify(${JOB_CHANNEL}, ${`${name} 0`}) from enqueued limit 1`);
}

/** Whose turn a job takes. */
export type Turn = { readonly projectId: number; readonly monitorId: number };

export type ClaimOptions = {
  /** Projects whose jobs are left where they are. */
  readonly passedOver?: readonly number[];
  /** Whose turn it was before, the latest last. */
  readonly lately?: readonly Turn[];
};

/**
 * Claims the next due job for `leaseSeconds`, after those whose lease has run out; null when there is none. However many
 * jobs somebody has, each gets a turn: the project comes first of which the fewest jobs run, then the one whose last turn
 * is the longest ago; of it what concerns today before the past, and its monitors in turn as the projects are; of those
 * what is due first. While a job runs, another one of its name and key waits: side by side they would read the same
 * things for nothing. What a deleted project has waiting stays as it is, for the case that it is restored.
 */
export async function claimJob(
  db: Db,
  names: readonly JobName[],
  leaseSeconds: number,
  { passedOver = [], lately = [] }: ClaimOptions = {},
): Promise<ClaimedJob | null> {
  type Claimed = {
    id: string;
    name: JobName;
    payload: unknown;
    projectId: number;
    monitorId: string;
    attempts: number;
    failures: number;
    abandoned: boolean;
    more: boolean;
  };
  // Whose jobs wait is read by steps along the index, one for each and not one for each job: thousands of one monitor
  // cost the others nothing.
  const rows = await db.execute<Claimed>(sql`
    with recursive asked as (select unnest(${words(names)}::text[]) as name),
    flow as (
      select asked.name, first.* from asked cross join lateral (
        select project_id, monitor_id, backfill from jobs where state = 'waiting' and jobs.name = asked.name
        order by project_id, monitor_id, backfill limit 1) first
      union all
      select flow.name, following.* from flow cross join lateral (
        select project_id, monitor_id, backfill from jobs where state = 'waiting' and jobs.name = flow.name
          and (project_id, monitor_id, backfill) > (flow.project_id, flow.monitor_id, flow.backfill)
        order by project_id, monitor_id, backfill limit 1) following),
    running as (
      select project_id, monitor_id, count(*) as jobs from jobs
      where state = 'active' and lease_until >= now() and name in (select name from asked) group by 1, 2),
    lately as (
      select * from unnest(${bigints(lately.map(({ projectId }) => projectId))}::int[],
        ${bigints(lately.map(({ monitorId }) => monitorId))}::int8[]) with ordinality as t (project_id, monitor_id, turn)),
    queue as materialized (
      select flow.* from flow cross join lateral (
        select run_at, id from jobs
        where state = 'waiting' and jobs.name = flow.name and project_id = flow.project_id
          and monitor_id = flow.monitor_id and backfill = flow.backfill and run_at <= now()
        order by run_at, id limit 1) head
      where flow.project_id <> all(${bigints(passedOver)}::int[]) and ${stands(sql`flow.project_id`)}
      order by
        (select coalesce(sum(jobs), 0) from running where project_id = flow.project_id),
        (select coalesce(max(turn), 0) from lately where project_id = flow.project_id),
        flow.backfill,
        (select coalesce(sum(jobs), 0) from running
          where project_id = flow.project_id and monitor_id = flow.monitor_id),
        (select coalesce(max(turn), 0) from lately where project_id = flow.project_id and monitor_id = flow.monitor_id),
        head.run_at, head.id),
    abandoned as (
      select id, true as abandoned from jobs
      where state = 'active' and lease_until < now() and name in (select name from asked)
        and project_id <> all(${bigints(passedOver)}::int[]) and ${stands(sql`project_id`)}
      order by run_at, id limit 1 for update skip locked),
    due as (
      select job.id, false as abandoned from queue cross join lateral (
        select id from jobs
        where state = 'waiting' and jobs.name = queue.name and project_id = queue.project_id
          and monitor_id = queue.monitor_id and backfill = queue.backfill and run_at <= now()
          and not exists (
            select 1 from jobs other
            where other.name = jobs.name and other.key = jobs.key and other.state = 'active' and other.lease_until >= now())
        order by run_at, id limit 1 for update skip locked) job
      limit 1),
    next as (select * from abandoned union all select * from due limit 1)
    update jobs set state = 'active', attempts = attempts + 1, failures = failures + next.abandoned::int, error = null,
      lease_until = now() + make_interval(secs => ${leaseSeconds})
    from next where jobs.id = next.id
    returning jobs.id, name, payload, project_id as "projectId", monitor_id as "monitorId", attempts, failures,
      next.abandoned,
      next.abandoned or (select count(*) > 1 from queue) or exists (
        select 1 from jobs other where other.state = 'waiting' and other.name = jobs.name
          and other.project_id = jobs.project_id and other.monitor_id = jobs.monitor_id
          and other.backfill = jobs.backfill and other.run_at <= now() and other.id <> jobs.id) as more`);
  const row = rows[0];
  if (row === undefined) return null;
  const { id, monitorId, attempts: attempt, ...rest } = row;
  return { ...rest, id: Number(id), monitorId: Number(monitorId), attempt };
}

const mine = (job: ClaimedJob) => and(eq(jobs.id, job.id), eq(jobs.attempts, job.attempt), eq(jobs.state, 'active'));

/**
 * Removes a finished job, and those of its name and key that were set aside before: what they were to do is done. False:
 * the lease was lost meanwhile and another worker has it.
 */
export async function completeJob(db: Db, job: ClaimedJob): Promise<boolean> {
  const rows = await db.execute<{ id: string }>(sql`
    with done as (delete from jobs where ${mine(job)} returning id, name, key),
      superseded as (delete from jobs using done
        where jobs.name = done.name and jobs.key = done.key and jobs.state = 'dead')
    select id from done`);
  return rows.length === 1;
}

/** Prolongs a claim that is still held. */
export async function extendLease(db: Db, job: ClaimedJob, leaseSeconds: number): Promise<boolean> {
  const rows = await db
    .update(jobs)
    .set({ leaseUntil: sql`now() + make_interval(secs => ${leaseSeconds})` })
    .where(mine(job))
    .returning({ id: jobs.id });
  return rows.length === 1;
}

/** Gives a failed or interrupted job back, to be claimed after `delaySeconds`. `failed`: by an error of its own. */
export async function releaseJob(
  db: Db,
  job: ClaimedJob,
  outcome: { delaySeconds: number; error: string | null; failed: boolean },
): Promise<void> {
  const change = {
    ...({ state: 'waiting', leaseUntil: null, error: outcome.error, runAt: inSeconds(outcome.delaySeconds) } as const),
    failures: job.failures + (outcome.failed ? 1 : 0),
  };
  try {
    await db.update(jobs).set(change).where(mine(job));
  } catch (error) {
    if (!isUniqueViolation(error, 'jobs_waiting')) throw error;
    // The same work was enqueued again meanwhile: that job stands for this one too.
    await db.delete(jobs).where(mine(job));
  }
}

/**
 * Ends every lease: for a process that knows no other worker lives, so that what a killed one held is not waited for.
 * @returns how many were held.
 */
export async function endLeases(db: Db): Promise<number> {
  const rows = await db
    .update(jobs)
    // The column keeps milliseconds, rounded: this very moment may be half a one ahead, and the lease would still hold.
    .set({ leaseUntil: inSeconds(-0.001) })
    .where(and(eq(jobs.state, 'active'), sql`${jobs.leaseUntil} > now()`))
    .returning({ id: jobs.id });
  return rows.length;
}

export type JobStanding = Pick<typeof jobs.$inferSelect, 'state' | 'runAt' | 'attempts' | 'error'>;

/** How the job of a name and key stands: the one at work before the one that waits before one set aside; null: none. */
export async function findJob(db: Db, name: JobName, key: string): Promise<JobStanding | null> {
  const rows = await db
    .select({ state: jobs.state, runAt: jobs.runAt, attempts: jobs.attempts, error: jobs.error })
    .from(jobs)
    .where(and(eq(jobs.name, name), eq(jobs.key, key)))
    .orderBy(sql`array_position(array['active', 'waiting', 'dead'], ${jobs.state})`, desc(jobs.id))
    .limit(1);
  return rows[0] ?? null;
}

/**
 * Sets a job aside that failed too often, in place of an earlier one of its name and key; it stays visible to `doctor` and
 * the metrics.
 */
export async function buryJob(db: Db, job: ClaimedJob, error: string): Promise<void> {
  await db.execute(sql`
    with buried as (update jobs set state = 'dead', lease_until = null, error = ${error}, failures = failures + 1
      where ${mine(job)} returning id, name, key)
    delete from jobs using buried
    where jobs.name = buried.name and jobs.key = buried.key and jobs.state = 'dead' and jobs.id <> buried.id`);
}
