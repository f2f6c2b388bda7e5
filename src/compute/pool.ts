import { type ChildProcess, fork } from 'node:child_process';
import { type ErrorCode, TidemarkError } from '../errors.ts';
import { giveWay } from './priority.ts';

/**
 * Foreign bytes are parsed, and kernels run, in child processes that may be killed: a file that crashes,
 * hangs or devours memory ends its child and its task, never the service.
 */
export type ComputePool = {
  /** Tasks that nobody waits for run so many at a time. */
  readonly children: number;
  /**
   * Runs a task by name in a child, and once more in another where that was killed from outside. Input and output cross
   * as structured clones.
   * @throws TidemarkError what the task threw; `unreadable-data` with a `limit` among its details when it ran out of
   * time or memory, which with more of them may end otherwise.
   */
  readonly run: (task: string, input: unknown, options?: RunOptions) => Promise<unknown>;
  readonly close: () => Promise<void>;
};

type RunOptions = {
  readonly timeoutMilliseconds?: number;
  /** Somebody waits for its end. Default false. */
  readonly waitedFor?: boolean;
  /** Told what the task says of how far it is. */
  readonly onProgress?: (progress: unknown) => void;
};

export type ComputePoolOptions = {
  /** The file each child runs: reads `Request` messages, answers with `Reply` messages. */
  readonly entry: string;
  readonly children: number;
  readonly timeoutMilliseconds: number;
  readonly megabytes: number;
  /** The children give way to other processes. Default false. */
  readonly background?: boolean;
};

export type ComputeRequest = { readonly id: number; readonly task: string; readonly input: unknown };
export type ComputeReply =
  | { readonly id: number; readonly progress: unknown }
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly failure: Failure };

type Failure = { readonly code: ErrorCode; readonly message: string; readonly details: Record<string, unknown> };

type Waiting = {
  readonly request: ComputeRequest;
  /** Its child was killed before. */
  readonly again: boolean;
  readonly timeoutMilliseconds: number;
  readonly onProgress: (progress: unknown) => void;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: unknown) => void;
};

/** Opens a pool; children are started when first needed and kept warm until one has to be killed. */
export function createComputePool(options: ComputePoolOptions): ComputePool {
  const idle: ChildProcess[] = [];
  const busy = new Set<ChildProcess>();
  const queue: Waiting[] = [];
  let sequence = 0;
  let closed = false;

  const start = (): ChildProcess => {
    const child = fork(options.entry, [], {
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${options.megabytes}`, '--enable-source-maps'],
      // A group of its own: Ctrl-C reaches the service alone, which drains before it ends its children.
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    if (options.background === true && child.pid !== undefined) giveWay(child.pid);
    // One that dies while it waits, killed by the system for its memory, must not be given the next task.
    child.on('exit', () => forget(child));
    // Whatever fails between tasks (a kill, a closed channel) ends with the exit; unheard it would end the service.
    child.on('error', () => forget(child));
    return child;
  };

  const forget = (child: ChildProcess): void => {
    const at = idle.indexOf(child);
    if (at !== -1) idle.splice(at, 1);
  };

  const next = (): void => {
    while (!closed && queue.length > 0 && busy.size < options.children) {
      const waiting = queue.shift();
      if (waiting !== undefined) assign(idle.pop() ?? start(), waiting);
    }
  };

  const assign = (child: ChildProcess, waiting: Waiting): void => {
    busy.add(child);
    const settle = (reusable: boolean): void => {
      clearTimeout(timer);
      child.off('message', answered);
      child.off('exit', exited);
      child.off('error', died);
      busy.delete(child);
      if (reusable && !closed) idle.push(child);
      else child.kill('SIGKILL');
      next();
    };
    const timer = setTimeout(() => {
      settle(false);
      waiting.reject(
        new TidemarkError('unreadable-data', tooLong(waiting.timeoutMilliseconds / 1000), {
          details: { limit: 'time', limit_seconds: waiting.timeoutMilliseconds / 1000 },
        }),
      );
    }, waiting.timeoutMilliseconds);
    const answered = (reply: ComputeReply): void => {
      if ('progress' in reply) {
        waiting.onProgress(reply.progress);
        return;
      }
      settle(true);
      if ('output' in reply) waiting.resolve(reply.output);
      else waiting.reject(failureOf(reply.failure));
    };
    const died = (cause: unknown): void => {
      settle(false);
      // The data is not to blame when it was the pool that ended its reader.
      waiting.reject(closed ? stopping() : unreadable(cause));
    };
    const exited = (code: number | null, signal: NodeJS.Signals | null): void => {
      const struck = signal !== null && FROM_OUTSIDE.has(signal);
      if (closed || waiting.again || !struck) {
        died({ code, signal });
        return;
      }
      queue.unshift({ ...waiting, again: true });
      settle(false);
    };
    child.on('message', answered);
    child.on('exit', exited);
    child.on('error', died);
    try {
      child.send(waiting.request);
    } catch (error) {
      // An input that cannot be cloned is the caller's fault and no child's.
      settle(true);
      waiting.reject(error);
    }
  };

  return {
    children: options.children,
    run: (task, input, given) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(stopping());
        const timeoutMilliseconds = given?.timeoutMilliseconds ?? options.timeoutMilliseconds;
        const onProgress = given?.onProgress ?? (() => {});
        const request = { id: sequence++, task, input };
        queue.push({ request, again: false, timeoutMilliseconds, onProgress, resolve, reject });
        next();
      }),
    close: async () => {
      closed = true;
      for (const waiting of queue.splice(0)) waiting.reject(stopping());
      const children = [...idle.splice(0), ...busy];
      await Promise.all(children.map(ended));
    },
  };
}

/**
 * What ends a child of somebody else's will: an operator, or a system that is short of memory, whoever took it. The data
 * is to blame only where it happens twice; a crash of its own (SIGSEGV, SIGABRT) is the data's at once.
 */
const FROM_OUTSIDE: ReadonlySet<NodeJS.Signals> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP']);

const tooLong = (seconds: number): string =>
  `Reading the data took longer than the ${seconds} seconds that it may (TIDEMARK_COMPUTE_SECONDS) and was stopped.`;

const failureOf = ({ code, message, details }: Failure): TidemarkError => new TidemarkError(code, message, { details });

const stopping = (): TidemarkError => new TidemarkError('not-ready', 'The service is stopping.', { retryAfter: 5 });

const unreadable = (cause: unknown): TidemarkError =>
  new TidemarkError(
    'unreadable-data',
    'The data could not be read: its reader ended, most likely out of memory; TIDEMARK_COMPUTE_MEGABYTES gives it more.',
    { cause, details: { limit: 'memory' } },
  );

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
