import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { beginThreadsWith, collectByShare } from '../../compute/garbage.ts';
import { TidemarkError } from '../../errors.ts';
import type { OnRows } from './kept-columns.ts';
import { buffersOf, type Part, type PartRequest } from './profile-part.ts';
import type { ThreadReply } from './profile-thread.ts';

/**
 * The threads of a compute child that profile ranges of a file at once. They are started when first needed and
 * kept warm; they die with their process, which is what ends a file that hangs or devours memory.
 */
let shared: Threads | null = null;

/** Of more columns so many arrays are alive that a share of them, as much again unused, would be hundreds of megabytes. */
const MOST_COLUMNS = 512;

/**
 * Runs parts of a table with so many columns in at most `count` threads, which all callers of the process share.
 * @throws TidemarkError what the part threw; `unreadable-data` when a thread ran out of memory.
 */
export function profileThreads(
  count: number,
  { columns }: { readonly columns: number },
): (request: PartRequest, onRows?: OnRows) => Promise<Part> {
  shared ??= new Threads();
  const threads = shared;
  threads.allow(count, columns);
  return (request, onRows) => threads.run(request, onRows);
}

type Waiting = {
  readonly request: PartRequest;
  readonly onRows: OnRows | undefined;
  readonly resolve: (part: Part) => void;
  readonly reject: (error: unknown) => void;
};

class Threads {
  readonly #idle: Worker[] = [];
  readonly #queue: Waiting[] = [];
  #allowed = 0;
  #busy = 0;
  #byShare = false;

  allow(count: number, columns: number): void {
    this.#allowed = Math.max(this.#allowed, count);
    this.#byShare = columns <= MOST_COLUMNS;
  }

  run(request: PartRequest, onRows?: OnRows): Promise<Part> {
    return new Promise((resolve, reject) => {
      const waiting = { request, onRows, resolve, reject };
      // Merging frees what ranges fill, so it never waits behind them.
      if (request.kind === 'merge') this.#queue.unshift(waiting);
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

  #assign(worker: Worker, { request, onRows, resolve, reject }: Waiting): void {
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
      // It holds for the process, which may have other things to do than profiles.
      if (this.#busy === 0) collectByShare(false);
    };
    const answered = (reply: ThreadReply): void => {
      if ('rows' in reply) {
        onRows?.(reply.rows);
        return;
      }
      settle(true);
      if ('part' in reply) resolve(reply.part);
      else
        reject(new TidemarkError(reply.failure.code, reply.failure.message, { details: { ...reply.failure.details } }));
    };
    const died = (error: unknown): void => {
      settle(false);
      reject(isOutOfMemory(error) ? outOfMemory(error) : error);
    };
    const exited = (code: number): void => died(new Error(`a profiling thread ended with ${code}`));
    worker.on('message', answered);
    worker.on('error', died);
    worker.on('exit', exited);
    const moved = request.kind === 'merge' ? request.columns.flatMap(({ states }) => buffersOf(states)) : [];
    worker.postMessage(request, moved);
  }
}

/** What dies at once needs no more room than that to be gathered in. */
const YOUNG_MEGABYTES = 24;

/** From less V8 would look through a thread some ten times before it has all that it needs. */
const OLD_MEGABYTES = 64;

function startThread(): Worker {
  beginThreadsWith(OLD_MEGABYTES);
  return new Worker(new URL(`./profile-thread${extname(import.meta.url)}`, import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  });
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

const outOfMemory = (cause: unknown): TidemarkError =>
  new TidemarkError('unreadable-data', 'The data could not be read: its reader ran out of memory.', { cause });
