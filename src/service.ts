import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { JOB_HANDLERS } from '../workers/jobs.ts';
import { startWorkerLoop } from '../workers/loop.ts';
import { startSchedule } from '../workers/schedule.ts';
import type { Config } from './config.ts';
import { openContext } from './context.ts';
import { createApp } from './http/app.ts';
import { listen } from './http/server.ts';
import type { Log } from './log.ts';
import { lockDataDirectory } from './store/data-lock.ts';

export type ServiceRoles = { readonly http: boolean; readonly workers: boolean };

export type Service = {
  /** The port that was bound; 0 for a worker without HTTP. */
  readonly port: number;
  /** True when this start made the data directory. */
  readonly fresh: boolean;
  /** Drains and stops everything, the embedded database last. Safe to call twice. */
  readonly stop: () => Promise<void>;
};

/** Requests and jobs in flight may take this long after a signal to stop. */
const GRACE_MILLISECONDS = 30_000;

/**
 * Starts the parts of the service in order and stops them in the reverse one.
 * @throws TidemarkError `already-running` for a data directory or port in use, and what the parts throw.
 */
export async function startService(config: Config, log: Log, roles: ServiceRoles): Promise<Service> {
  const closers: (() => Promise<void>)[] = [];
  const data = resolve(config.data);
  mkdirSync(data, { recursive: true });
  const fresh = !existsSync(join(data, 'secret.key'));
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
    const { context, close } = await openContext(config, log);
    closers.push(close);
    let port = 0;
    if (roles.workers) {
      const loop = await startWorkerLoop(context, JOB_HANDLERS, { concurrency: 4 });
      const schedule = startSchedule(context);
      closers.push(async () => {
        schedule.stop();
        await loop.stop(GRACE_MILLISECONDS);
      });
    }
    if (roles.http) {
      const app = createApp(context, () => stopping !== undefined);
      const server = await listen(app, { host: config.host, port: config.port });
      port = server.port;
      closers.push(() => server.close(GRACE_MILLISECONDS));
    }
    return { port, fresh, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  for (const close of closers.reverse()) await close();
}
