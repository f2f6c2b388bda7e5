import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { createThreadPool, type ThreadPool } from '../../compute/thread-pool.ts';
import type { Outgoing, Reply } from '../client/transport.ts';
import type { LargeFileReply, LargeFileRequest, Received } from './large-file-thread.ts';

/** A file that is being written. */
export type LargeFile = {
  /** Bytes that it has. */
  readonly size: () => number;
  /**
   * Sends a request for the bytes that follow those it has, and takes them. Of an answer of all bytes it takes all.
   * @returns the answer, whose bytes are taken by then.
   * @throws TidemarkError `store-unavailable`, and `upload-aborted` when it broke off: what has come is kept.
   */
  readonly receive: (outgoing: Outgoing) => Promise<Reply>;
  /** Whether any of the bytes that were received came past the service, so that nobody has verified them. */
  readonly cameDirectly: () => boolean;
  /** Ends the file. @returns its MD5 once all of it is written. */
  readonly digest: () => Promise<string>;
  /** Ends a file that was not ended, with what of it has come; never throws. */
  readonly close: () => Promise<void>;
};

type LargeFileOptions = {
  /** Its first bytes that are kept. */
  readonly kept: number;
  /** As many bytes as it may have in the end. */
  readonly most: number;
  /** Whether they may come past the service, where it sends us on to an object store. */
  readonly direct: boolean;
  /** Told of those that come, and with a negative number of those that are given up. */
  readonly onBytes: (count: number) => void;
};

/** Writes files on threads of their own, which receive and digest them besides. */
export type LargeFiles = {
  /** Opens a file that is there. */
  readonly open: (path: string, options: LargeFileOptions) => Promise<LargeFile>;
};

/** A thread brings more than a quarter of what a machine with so many processors does. */
const PROCESSORS_A_THREAD = 4;
const TELL_MILLISECONDS = 100;

type Thread = ThreadPool<LargeFileRequest, LargeFileReply>;

export function createLargeFiles(): LargeFiles {
  const entry = new URL(`./large-file-thread${extname(import.meta.url)}`, import.meta.url);
  // A file keeps to its thread, which has its digest. Few of them: files are digested fastest beside others.
  const count = Math.ceil(availableParallelism() / PROCESSORS_A_THREAD);
  const threads: Thread[] = Array.from({ length: count }, () => createThreadPool(entry, 1));
  let opened = 0;
  return {
    open: async (path, { kept, most, direct, onBytes }) => {
      const id = opened++;
      const thread = threads[id % threads.length];
      if (thread === undefined) throw new Error('a machine without processors');
      const size = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
      await thread.ask({ kind: 'begin', id, path, kept, most, direct, size });
      return writingFile({ id, thread, size, onBytes });
    },
  };
}

type Writing = Pick<LargeFileOptions, 'onBytes'> & {
  readonly id: number;
  readonly thread: Thread;
  readonly size: Float64Array<SharedArrayBuffer>;
};

function writingFile({ id, thread, size, onBytes }: Writing): LargeFile {
  const sizeNow = (): number => size[0] ?? 0;
  let told = sizeNow();
  let ended = false;
  let direct = false;
  const tell = (): void => {
    const count = sizeNow() - told;
    told += count;
    if (count !== 0) onBytes(count);
  };
  return {
    size: sizeNow,
    receive: async ({ target, headers, signal }) => {
      const stop = (): void => void thread.ask({ kind: 'stop', id }).catch(() => {});
      signal?.addEventListener('abort', stop, { once: true });
      const timer = setInterval(tell, TELL_MILLISECONDS);
      try {
        const received = receivedOf(await thread.ask({ kind: 'receive', id, target, headers }));
        direct ||= received.direct;
        return replyOf(received);
      } finally {
        clearInterval(timer);
        signal?.removeEventListener('abort', stop);
        tell();
      }
    },
    cameDirectly: () => direct,
    digest: async () => {
      ended = true;
      const md5 = await thread.ask({ kind: 'end', id });
      if (typeof md5 !== 'string') throw outOfOrder();
      return md5;
    },
    close: async () => {
      if (!ended) await thread.ask({ kind: 'end', id }).catch(() => {});
    },
  };
}

function receivedOf(reply: LargeFileReply): Received {
  if (reply === null || typeof reply === 'string') throw outOfOrder();
  return reply;
}

function replyOf({ status, headers, problem }: Received): Reply {
  const bytes = Buffer.from(problem);
  return {
    status,
    header: (name) => headers[name],
    body: (async function* () {
      yield bytes;
    })(),
    pour: async (take) => {
      await take(bytes);
    },
    bytes: async () => bytes,
  };
}

const outOfOrder = (): Error => new Error('the thread that writes files answered out of order');
