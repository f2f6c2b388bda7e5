import { type JobName, type JobPayload, jobPayloads } from '../schemas/wire/jobs.ts';
import type { Context } from '../src/context.ts';
import { databaseFailure, whyAway } from '../src/domain/operations/database-failure.ts';
import { isPassing, isTidemarkError } from '../src/errors.ts';
import {
  buryJob,
  type ClaimedJob,
  type ClaimOptions,
  claimJob,
  completeJob,
  extendLease,
  JOB_CHANNEL,
  parseAnnouncement,
  releaseJob,
} from '../src/store/jobs/jobs.ts';
import { Shares } from './shares.ts';
import { Wake } from './wake.ts';

/** Claims, runs, settles. Knows no job by name: what to run is handed in. */
export type JobHandlers = { readonly [N in JobName]: (ctx: Context, payload: JobPayload<N>) => Promise<void> };

export type WorkerLoop = {
  /** Takes no more jobs and resolves when the running ones are done, or given back once the grace time is over. */
  readonly stop: (graceMilliseconds: number) => Promise<void>;
};

export type WorkerLoopOptions = {
  readonly concurrency: number;
  /** Names this worker takes; all of them when absent. */
  readonly names?: readonly JobName[];
};

/** A worker that died is noticed after this; one that lives prolongs its claims well before. */
const LEASE_SECONDS = 30;
const POLL_MILLISECONDS = 1000;
const SLEEP_MILLISECONDS = 600_000;
/** A job that failed so often of itself, or as often took its worker along, is set aside. */
const MOST_FAILURES = 10;
/** Between two tries of what fails by itself, and of what fails for want of something that comes back. */
const LONGEST_WAIT_SECONDS = { failing: 300, passing: 60 };

/** Starts `concurrency` runners that are woken by committed jobs; one of the idle ones looks by itself once a second. */
export async function startWorkerLoop(
  ctx: Context,
  handlers: JobHandlers,
  options: WorkerLoopOptions,
): Promise<WorkerLoop> {
  const names = options.names ?? (Object.keys(handlers) as JobName[]);
  const mine = new Set<string>(names);
  const wake = new Wake();
  const shares = new Shares(options.concurrency);
  let stopping = false;
  const running = new Set<ClaimedJob>();
  let away = false;
  const claim = async (how: ClaimOptions) => {
    if (stopping) return null;
    const job = await claimJob(ctx.db, names, LEASE_SECONDS, how);
    away = false;
    return job;
  };
  /** That the database is away is told once, and not by every runner whenever it looks. */
  const tellMissed = (error: unknown): null => {
    const failure = databaseFailure(error);
    if (failure === null) ctx.log.error({ err: error }, 'claiming a job failed');
    else if (!away) ctx.log.warn({ why: whyAway(failure) }, 'the database is away, and jobs wait for it');
    away = failure !== null;
    return null;
  };
  /** Whether one of the idle runners looks for what nobody announced; the others sleep until they are woken. */
  let watched = false;
  const listener = await listen(ctx, (text) => {
    const { name, milliseconds } = parseAnnouncement(text);
    if (mine.has(name)) wake.oneIn(milliseconds);
  });

  const sleep = async (seen: number): Promise<void> => {
    const watching = !watched;
    watched ||= watching;
    await wake.after(seen, watching ? POLL_MILLISECONDS : SLEEP_MILLISECONDS);
    if (watching) watched = false;
  };
  const run = async (job: ClaimedJob): Promise<void> => {
    // One announcement may stand for many jobs, and wakes one runner.
    if (job.more) wake.one();
    running.add(job);
    await runJob(ctx, { handlers, isOurs: () => running.has(job) }, job);
    running.delete(job);
    shares.giveBack(job);
  };
  const runner = async (): Promise<void> => {
    while (!stopping) {
      const seen = wake.count;
      const job = await shares.take(claim).catch(tellMissed);
      if (job !== null) await run(job);
      // What has come since it looked was announced: then it does not sleep.
      if (job === null || !job.more) await sleep(seen);
    }
  };
  const runners = Array.from({ length: options.concurrency }, runner);

  return {
    stop: async (graceMilliseconds) => {
      stopping = true;
      wake.all();
      // Where the database is away nobody is told anything any more; jobs are to be given back all the same.
      listener?.unlisten().catch(() => {});
      await Promise.race([Promise.all(runners), after(graceMilliseconds)]);
      // What is past the grace time is another worker's at once. Whatever is still written of it here comes too late, as
      // after a lease that ran out.
      for (const job of [...running]) {
        running.delete(job);
        await handOver(ctx, job);
      }
    },
  };
}

/** Where the connection breaks before it listens, the driver has it listen as soon as it is back. */
async function listen(ctx: Pick<Context, 'sql'>, hear: (text: string) => void) {
  try {
    return await ctx.sql.listen(JOB_CHANNEL, hear);
  } catch (error) {
    if (databaseFailure(error) === null) throw error;
    return null;
  }
}

/** `isOurs`: whether the job was not handed over meanwhile. */
type Running = { readonly handlers: JobHandlers; readonly isOurs: () => boolean };

async function runJob(ctx: Context, { handlers, isOurs }: Running, job: ClaimedJob): Promise<void> {
  const heartbeat = setInterval(
    () => {
      extendLease(ctx.db, job, LEASE_SECONDS).catch((error: unknown) => {
        ctx.log.warn({ job: job.name, err: error }, 'prolonging a lease failed');
      });
    },
    (LEASE_SECONDS * 1000) / 3,
  );
  try {
    if (job.abandoned && job.failures >= MOST_FAILURES) {
      throw new Error(`of ${job.attempt - 1} workers that began it, the last one died`);
    }
    await dispatch(ctx, handlers, job);
    await completeJob(ctx.db, job);
  } catch (error) {
    // Else it is given back already, and the database may be closed: a service that stops would wait for it in vain.
    if (isOurs()) await giveBack(ctx, job, error);
  } finally {
    clearInterval(heartbeat);
  }
}

async function dispatch(ctx: Context, handlers: JobHandlers, job: ClaimedJob): Promise<void> {
  const payload = jobPayloads[job.name].parse(job.payload);
  // The payload was parsed by the shape of this very name, which the mapped type cannot follow.
  const handle = handlers[job.name] as (ctx: Context, payload: unknown) => Promise<void>;
  await handle(ctx, payload);
}

async function giveBack(ctx: Context, job: ClaimedJob, error: unknown): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const stopping = isTidemarkError(error, 'not-ready');
  // However long a store is away, what is to be done is done when it has come back.
  const failed = !isPassing(databaseFailure(error) ?? error);
  const last = failed && job.failures + 1 >= MOST_FAILURES;
  if (last) {
    const about = { job: job.name, payload: job.payload, err: error };
    ctx.log.error(about, 'job failed for the last time and was set aside');
  } else if (!stopping) {
    ctx.log.warn({ job: job.name, attempt: job.attempt, err: error }, 'job failed and will be tried again');
  }
  const longest = failed ? LONGEST_WAIT_SECONDS.failing : LONGEST_WAIT_SECONDS.passing;
  const delaySeconds = stopping ? 0 : Math.min(2 ** (job.attempt - 1), longest);
  const settle = () =>
    last ? buryJob(ctx.db, job, message) : releaseJob(ctx.db, job, { delaySeconds, error: message, failed });
  for (let seconds = 0; ; seconds++) {
    try {
      return await settle();
    } catch (settling) {
      // The database is away. Once the lease has run out by itself, the job is taken again without us.
      if (seconds === LEASE_SECONDS) {
        return ctx.log.error({ job: job.name, err: settling }, 'a failed job could not be given back');
      }
      await after(1000);
    }
  }
}

async function handOver(ctx: Context, job: ClaimedJob): Promise<void> {
  try {
    await releaseJob(ctx.db, job, { delaySeconds: 0, error: 'The worker stopped.', failed: false });
  } catch (error) {
    ctx.log.warn({ job: job.name, err: error }, 'a running job could not be given back; its lease will run out');
  }
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
