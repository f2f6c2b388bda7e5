import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SummedDigests } from './block-sums.ts';
import type { DigestReply, DigestRequest } from './digest-thread.ts';

/**
 * Hashes one stream of bytes on a thread of its own: two digests take longer than everything else that a large
 * upload needs. All sessions of the process share the thread, which is started with the first of them.
 */
export type DigestSession = {
  /** Resolves when the bytes may be overwritten. They have to lie in shared memory. */
  readonly update: (bytes: Uint8Array<SharedArrayBuffer>) => Promise<void>;
  readonly finish: () => Promise<SummedDigests>;
  /** Forgets the session; needed when it is not finished. */
  readonly forget: () => void;
};

type Waiting = { readonly resolve: (digests: SummedDigests | null) => void; readonly reject: (error: unknown) => void };

class DigestThread {
  readonly #worker: Worker;
  /** By session, in the order in which the thread answers. */
  readonly #waiting = new Map<number, Waiting[]>();

  constructor(onEnd: () => void) {
    const entry = new URL(`./digest-thread${extname(import.meta.url)}`, import.meta.url);
    this.#worker = new Worker(entry);
    // It must not keep a process alive that has nothing else to do.
    this.#worker.unref();
    this.#worker.on('message', ({ session, digests }: DigestReply) => {
      this.#waiting.get(session)?.shift()?.resolve(digests);
    });
    const fail = (error: unknown): void => {
      onEnd();
      for (const queue of this.#waiting.values()) for (const { reject } of queue.splice(0)) reject(error);
    };
    this.#worker.once('error', fail);
    this.#worker.once('exit', () => fail(new Error('the thread that computes digests has ended')));
  }

  open(session: number): void {
    if (this.#waiting.size === 0) this.#worker.ref();
    this.#waiting.set(session, []);
  }

  ask(request: DigestRequest): Promise<SummedDigests | null> {
    return new Promise((resolve, reject) => {
      this.#waiting.get(request.session)?.push({ resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  close(session: number): void {
    this.#waiting.delete(session);
    if (this.#waiting.size === 0) this.#worker.unref();
    this.#worker.postMessage({ session, kind: 'forget' } satisfies DigestRequest);
  }
}

let thread: DigestThread | null = null;
let sequence = 0;

export function openDigestSession(): DigestSession {
  thread ??= new DigestThread(() => {
    thread = null;
  });
  const mine = thread;
  const session = sequence++;
  mine.open(session);
  return {
    update: async (bytes) => {
      await mine.ask({ session, kind: 'update', bytes });
    },
    finish: async () => {
      const digests = await mine.ask({ session, kind: 'finish' });
      if (digests === null) throw new Error('the thread that computes digests answered out of order');
      return digests;
    },
    forget: () => mine.close(session),
  };
}
