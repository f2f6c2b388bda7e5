import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

type Log = {
  info(detail: object, message: string): void;
  error(detail: object, message: string): void;
};

export type KeptServer = {
  /** Ends it, also while it is being started again. May be called twice. */
  stop(): Promise<void>;
};

export type KeepOptions = {
  /** Starts it anew at the same address. @throws when it does not come up. */
  readonly start: () => Promise<ChildProcess>;
  readonly end: (child: ChildProcess) => Promise<void>;
  readonly log: Log;
  /** Milliseconds to wait before the first and, doubled each time, up to the last attempts. */
  readonly waits?: { readonly first: number; readonly last: number };
};

const WAITS = { first: 500, last: 15_000 };

/**
 * Starts the database's server again whenever it has ended by itself. It ends when it cannot write its log (a full
 * disk) and again when it cannot recover there; once there is space it comes back, and nobody has to restart the
 * service for that.
 */
export function keepRunning(first: ChildProcess, options: KeepOptions): KeptServer {
  const { start, end, log, waits = WAITS } = options;
  const stopped = new AbortController();
  let child: ChildProcess | null = first;
  let reviving: Promise<void> = Promise.resolve();
  let stopping: Promise<void> | undefined;

  function watch(server: ChildProcess): void {
    server.once('exit', (code, signal) => {
      if (stopped.signal.aborted) return;
      child = null;
      log.error({ code, signal }, 'the embedded database has ended unexpectedly and will be started again');
      reviving = revive();
    });
  }

  async function revive(): Promise<void> {
    for (let wait = waits.first; !stopped.signal.aborted; wait = Math.min(2 * wait, waits.last)) {
      await delay(wait, undefined, { signal: stopped.signal, ref: false }).catch(() => {});
      if (stopped.signal.aborted) return;
      try {
        child = await start();
        watch(child);
        log.info({}, 'the embedded database runs again');
        return;
      } catch (error) {
        log.error({ err: error }, 'the embedded database could not be started again');
      }
    }
  }

  watch(first);
  return {
    stop: () => {
      stopping ??= (async () => {
        stopped.abort();
        await reviving;
        if (child !== null) await end(child);
      })();
      return stopping;
    },
  };
}
