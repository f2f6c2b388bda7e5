import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { JOB_CLASS_OF, JOB_CLASSES, JOB_HANDLERS, JOB_NAMES, type JobClass } from '../workers/jobs.ts';
import { startWorkerLoop } from '../workers/loop.ts';
import { startSchedule } from '../workers/schedule.ts';
import type { Config } from './config.ts';
import { type Context, openContext } from './context.ts';
import { type Entry, isUntouched, prepareEntry } from './domain/access/entry.ts';
import { takeAbandonedWork } from './domain/operations/abandoned-work.ts';
import { findMismatches } from './domain/operations/mismatches.ts';
import { RequestMetrics } from './domain/operations/request-metrics.ts';
import { sweepLeftovers } from './domain/operations/sweep.ts';
import { createApp } from './http/app.ts';
import { basePathOf } from './http/base-path.ts';
import { listen } from './http/server.ts';
import { smallBatches } from './http/small-batches.ts';
import type { Log } from './log.ts';
import { lockDataDirectory } from './store/postgres/data-lock.ts';

export type ServiceRoles = { readonly http: boolean; readonly workers: boolean };

export type Service = {
  /** The port that was bound; 0 for a worker without HTTP. */
  readonly port: number;
  /** True when nothing was there before: neither this data directory nor a project beside the first one. */
  readonly fresh: boolean;
  /** Who is let in. */
  readonly entry: Entry;
  /** Tries whether the remote can be written; it throws what is in the way. */
  readonly probe: () => Promise<void>;
  /** What of the remote and the secret key does not belong to the database. */
  readonly mismatches: () => Promise<string[]>;
  /** Drains and stops everything, the embedded database last. Safe to call twice. */
  readonly stop: () => Promise<void>;
};

/** Workers alone let nobody in. */
const CLOSED: Entry = { open: false, key: null };

/** Requests and jobs in flight may take this long after a signal to stop: Kubernetes kills after 30 s. */
const GRACE_MILLISECONDS = 20_000;

/**
 * Starts the service's ground and parts in order, and stops them in the reverse one.
 * @throws TidemarkError `already-running` for a data directory or port in use, and what the parts throw.
 */
export async function startService(config: Config, log: Log, roles: ServiceRoles): Promise<Service> {
  const closers: (() => Promise<void>)[] = [];
  const data = resolve(config.data);
  mkdirSync(data, { recursive: true });
  const unused = !existsSync(join(data, 'secret.key'));
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= closeAll(closers);
    return stopping;
  };
  try {
    // With a database of its own, many processes may share one data directory for their temporary files.
    if (config.databaseUrl === undefined) {
      const lock = await lockDataDirectory(data);
      closers.push(() => lock.release());
    }
    const { context, patiently, close } = await openContext(config, log);
    closers.push(close);
    await sweepLeftovers(context, { alone: config.databaseUrl === undefined });
    if (config.databaseUrl === undefined) await patiently(() => takeAbandonedWork(context));
    const fresh = unused && (await patiently(() => isUntouched(context)));
    const entry = roles.http ? await prepareEntry(context, patiently) : CLOSED;
    let port = 0;
    // Side by side, so that no job is claimed while requests drain.
    const parts: (() => Promise<void>)[] = [];
    closers.push(async () => void (await Promise.all(parts.map((end) => end()))));
    if (roles.workers) parts.push(await startWorkers(context));
    if (roles.http) {
      const requests = new RequestMetrics();
      const app = createApp(context, () => stopping !== undefined, requests);
      const address = { host: config.host, port: config.port, basePath: basePathOf(context.publicUrl()) };
      const server = await listen(app, address, smallBatches(context, requests));
      port = server.port;
      parts.push(() => server.close(GRACE_MILLISECONDS));
    }
    const probe = (): Promise<void> => context.remote.probe();
    return { port, fresh, entry, stop, probe, mismatches: () => findMismatches(context) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Each class of jobs has runners of its own. Deliveries wait for strangers' servers, and do little else. */
const RUNNERS: Readonly<Record<JobClass, number>> = { short: 4, long: 8, delivery: 128 };

/** Thousands of windows to be judged, or receivers that hang, hold nothing up that is done in a moment. */
async function startWorkers(context: Context): Promise<() => Promise<void>> {
  const loops = await Promise.all(
    JOB_CLASSES.map((kind) => {
      const names = JOB_NAMES.filter((name) => JOB_CLASS_OF[name] === kind);
      return startWorkerLoop(context, JOB_HANDLERS, { names, concurrency: RUNNERS[kind] });
    }),
  );
  const schedule = startSchedule(context);
  return async () => {
    await Promise.all([schedule.stop(), ...loops.map((loop) => loop.stop(GRACE_MILLISECONDS))]);
  };
}

async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  for (const close of closers.reverse()) await close();
}
