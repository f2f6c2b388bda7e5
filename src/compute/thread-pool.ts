import { parentPort, type TransferListItem, Worker } from 'node:worker_threads';
import { ERROR_CODES, TidemarkError } from '../errors.ts';

/** Threads of one kind that answer requests, each thread one after another. */
export type ThreadPool<Q, A> = {
  /** Hands the request to the thread with the least to do; starts one while all are busy and there may be more. */
  readonly ask: (request: Q, transfer?: readonly TransferListItem[]) => Promise<A>;
  /** Starts all threads before they are needed; each takes a tenth of a second to begin. */
  readonly start: () => void;
  /** Ends all threads; who still waits for one hears that it has ended. */
  readonly close: () => Promise<void>;
};

/** To a thread, and back from it. An error keeps its message and its code, of the system or of ours. */
type Asked<Q> = { readonly id: number; readonly request: Q };
type Answered<A> = { readonly id: number } & ({ readonly answer: A } | { readonly error: Failure });
type Failure = { readonly message: string; readonly code?: string | undefined };

type Waiting<A> = { readonly resolve: (answer: A) => void; readonly reject: (error: unknown) => void };
type Thread<A> = { readonly worker: Worker; readonly waiting: Map<number, Waiting<A>> };

/** What dies at once needs no room to gather in; by itself each thread would take some fifty. */
const YOUNG_MEGABYTES = 8;

/**
 * Up to `size` threads that run `entry`, whose module calls `answerRequests`. They start when they are needed and
 * keep no process alive that waits for none of them.
 */
export function createThreadPool<Q, A>(entry: URL, size: number): ThreadPool<Q, A> {
  const threads: Thread<A>[] = [];
  let sequence = 0;
  const start = (): Thread<A> => {
    const worker = new Worker(entry, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES } });
    const thread: Thread<A> = { worker, waiting: new Map() };
    thread.worker.on('message', (reply: Answered<A>) => settle(thread, reply));
    const fail = (error: unknown): void => {
      // Whoever asks next gets a new one.
      const at = threads.indexOf(thread);
      if (at >= 0) threads.splice(at, 1);
      for (const { reject } of thread.waiting.values()) reject(error);
      thread.waiting.clear();
    };
    thread.worker.once('error', fail);
    thread.worker.once('exit', () => fail(new Error('a thread has ended before it answered')));
    thread.worker.unref();
    threads.push(thread);
    return thread;
  };
  const choose = (): Thread<A> => {
    const least = threads.toSorted((a, b) => a.waiting.size - b.waiting.size)[0];
    if (least === undefined || (least.waiting.size > 0 && threads.length < size)) return start();
    return least;
  };
  return {
    ask: (request, transfer = []) =>
      new Promise<A>((resolve, reject) => {
        const thread = choose();
        const id = sequence++;
        if (thread.waiting.size === 0) thread.worker.ref();
        thread.waiting.set(id, { resolve, reject });
        thread.worker.postMessage({ id, request } satisfies Asked<Q>, [...transfer]);
      }),
    start: () => {
      while (threads.length < size) start();
    },
    close: async () => {
      await Promise.all(threads.splice(0).map(({ worker }) => worker.terminate()));
    },
  };
}

function settle<A>(thread: Thread<A>, reply: Answered<A>): void {
  const waiting = thread.waiting.get(reply.id);
  thread.waiting.delete(reply.id);
  if (thread.waiting.size === 0) thread.worker.unref();
  if ('answer' in reply) waiting?.resolve(reply.answer);
  else waiting?.reject(errorOf(reply.error));
}

/** An error of ours is one again: whoever asks tells it from others by its class. */
function errorOf({ message, code }: Failure): Error {
  const own = ERROR_CODES.find((known) => known === code);
  return own === undefined ? Object.assign(new Error(message), { code }) : new TidemarkError(own, message);
}

/**
 * In the thread: answers each request by `work`; what it throws is the asker's.
 * @param work may answer later; meanwhile it is given other requests.
 * @param moved what of an answer moves to the asker instead of being copied.
 */
export function answerRequests<Q, A>(
  work: (request: Q) => A | Promise<A>,
  moved: (answer: A) => readonly TransferListItem[] = () => [],
): void {
  const answer = (id: number, made: A): void => {
    parentPort?.postMessage({ id, answer: made } satisfies Answered<A>, [...moved(made)]);
  };
  const refuse = (id: number, error: unknown): void => {
    parentPort?.postMessage({ id, error: failureOf(error) } satisfies Answered<A>);
  };
  parentPort?.on('message', ({ id, request }: Asked<Q>) => {
    try {
      const made = work(request);
      if (!(made instanceof Promise)) answer(id, made);
      else {
        made.then((later) => answer(id, later)).catch((error: unknown) => refuse(id, error));
      }
    } catch (error) {
      refuse(id, error);
    }
  });
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error) };
  return { message: error.message, code: 'code' in error && typeof error.code === 'string' ? error.code : undefined };
}
