import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { type TransferListItem, Worker } from 'node:worker_threads';
import { type ErrorCode, TidemarkError } from '../errors.ts';
import { beginThreadsWith, collectByShare, compileAlone, inlineLate, scavengeAlone } from './garbage.ts';

/** What a thread is asked to do: `module` has a function `work`, which is given the request. */
export type Work = {
  readonly module: URL;
  readonly request: unknown;
  /** What of the request moves to the thread instead of being copied. */
  readonly moved?: readonly TransferListItem[];
  /** Goes before what waits already. */
  readonly urgent?: boolean;
  readonly onProgress?: ((progress: unknown) => void) | undefined;
};

/** What `work` answers, and what of that moves to the asker. */
export type Worked = { readonly answer: unknown; readonly moved?: readonly TransferListItem[] };

/** To a thread. */
export type AskedWork = { readonly module: string; readonly request: unknown };

/** Back from it; progress comes before the last one. */
export type WorkReply =
  | { readonly answer: unknown }
  | { readonly progress: unknown }
  | { readonly failure: { readonly code: ErrorCode; readonly message: string; readonly details: object } };

/**
 * The threads of a process that read, profile and compare parts of tables. They are started when first needed and kept
 * warm, whatever they did before; they die with their process, which is what ends a file that hangs or devours memory.
 */
let shared: Threads | null = null;

type Allowed = {
  readonly threads: number;
  /** Whether as much as a share of what is alive may be unused (see `collectByShare`). */
  readonly byShare: boolean;
};

/**
 * Does work in at most so many threads, which all callers of the process share.
 * @throws TidemarkError what the work threw; `unreadable-data` when a thread ran out of memory.
 */
export function workThreads(allowed: Allowed): (work: Work) => Promise<unknown> {
  shared ??= new Threads();
  const threads = shared;
  threads.allow(allowed);
  return (work) => threads.run(work);
}

type Waiting = {
  readonly work: Work;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
};

class Threads {
  readonly #idle: Worker[] = [];
  readonly #queue: Waiting[] = [];
  #allowed = 0;
  #busy = 0;
  #byShare = false;

  allow({ threads, byShare }: Allowed): void {
    this.#allowed = Math.max(this.#allowed, threads);
    this.#byShare = byShare;
    inlineLate();
    if (this.#allowed < availableParallelism()) return;
    scavengeAlone();
    compileAlone();
  }

  run(work: Work): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const waiting = { work, resolve, reject };
      if (work.urgent === true) this.#queue.unshift(waiting);
      else this.#queue.push(waiting);
      this.#next();
    });
  }

  #next(): void {
    while (this.#busy < this.#allowed) {
      const waiting = this.#queue.shift();
      if (waiting === undefined) return;
      this.#assign(this.#idle.pop() ?? startThread(), waiting);
    }
  }

  #assign(worker: Worker, { work, resolve, reject }: Waiting): void {
    this.#busy++;
    collectByShare(this.#byShare);
    worker.ref();
    const settle = (reusable: boolean): void => {
      worker.off('message', answered);
      worker.off('error', died);
      worker.off('exit', exited);
      this.#busy--;
      if (reusable) {
        // It must not keep a process alive that has nothing else to do.
        worker.unref();
        this.#idle.push(worker);
      }
      this.#next();
      // It holds for the process, which may have other things to do.
      if (this.#busy === 0) collectByShare(false);
    };
    const answered = (reply: WorkReply): void => {
      if ('progress' in reply) {
        work.onProgress?.(reply.progress);
        return;
      }
      settle(true);
      if ('answer' in reply) resolve(reply.answer);
      else
        reject(new TidemarkError(reply.failure.code, reply.failure.message, { details: { ...reply.failure.details } }));
    };
    const died = (error: unknown): void => {
      settle(false);
      reject(isOutOfMemory(error) ? outOfMemory(error) : error);
    };
    const exited = (code: number): void => died(new Error(`a thread ended with ${code} before it answered`));
    worker.on('message', answered);
    worker.on('error', died);
    worker.on('exit', exited);
    const { module, request, moved = [] } = work;
    worker.postMessage({ module: module.href, request } satisfies AskedWork, [...moved]);
  }
}

/** What dies at once needs no more room than that to be gathered in. */
const YOUNG_MEGABYTES = 24;

/** From less V8 would look through a thread some ten times before it has all that it needs. */
const OLD_MEGABYTES = 64;

function startThread(): Worker {
  beginThreadsWith(OLD_MEGABYTES);
  return new Worker(new URL(`./work-thread${extname(import.meta.url)}`, import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  });
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

const outOfMemory = (cause: unknown): TidemarkError =>
  new TidemarkError('unreadable-data', 'The data could not be read: its reader ran out of memory.', {
    cause,
    details: { limit: 'memory' },
  });
