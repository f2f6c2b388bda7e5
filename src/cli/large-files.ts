import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { createThreadPool, type ThreadPool } from '../compute/thread-pool.ts';
import type { LargeFileReply, LargeFileRequest } from './large-file-thread.ts';

/** A file that is being written. */
export type LargeFile = {
  /** Bytes that it has, those included that are not on the disk yet. */
  readonly size: number;
  /** Takes a chunk, whose memory is the caller's again. Null, or what has to be awaited before more is added. */
  readonly add: (chunk: Uint8Array) => Promise<void> | null;
  /** Ends the file. @returns its MD5 once all of it is written. */
  readonly digest: () => Promise<string>;
  /** Ends a file that was not ended, with what of it has come; never throws. */
  readonly close: () => Promise<void>;
};

/** Writes files on threads, where each block is digested as it goes by. */
export type LargeFiles = {
  /** Opens a file and keeps its first bytes. */
  readonly open: (path: string, kept: number) => Promise<LargeFile>;
};

const BLOCK_BYTES = 512 * 1024;
/** A thread digests more than a quarter of what a machine with so many processors brings. */
const PROCESSORS_A_THREAD = 4;
/** Blocks of one file that are being written while another is filled. */
const BLOCKS_AHEAD = 3;

type Thread = ThreadPool<LargeFileRequest, LargeFileReply>;
type Block = Uint8Array<SharedArrayBuffer>;

export function createLargeFiles(): LargeFiles {
  const entry = new URL(`./large-file-thread${extname(import.meta.url)}`, import.meta.url);
  // A file keeps to its thread, which has its digest. Few of them: files are digested fastest beside others.
  const count = Math.ceil(availableParallelism() / PROCESSORS_A_THREAD);
  const threads: Thread[] = Array.from({ length: count }, () => createThreadPool(entry, 1));
  const free: Block[] = [];
  let opened = 0;
  return {
    open: async (path, kept) => {
      const id = opened++;
      const thread = threads[id % threads.length];
      if (thread === undefined) throw new Error('a machine without processors');
      await thread.ask({ kind: 'begin', id, path, kept });
      return new WritingFile({ id, thread, free, kept });
    },
  };
}

class WritingFile implements LargeFile {
  readonly #id: number;
  readonly #thread: Thread;
  /** Blocks for all files: fresh memory has to be cleared by the system page by page. */
  readonly #free: Block[];
  #size: number;
  #block: Block | null = null;
  #filled = 0;
  #ended = false;
  /** In order; each resolves when its block is on its way to the disk and digested. */
  readonly #writing: Promise<void>[] = [];

  constructor({ id, thread, free, kept }: { id: number; thread: Thread; free: Block[]; kept: number }) {
    this.#id = id;
    this.#thread = thread;
    this.#free = free;
    this.#size = kept;
  }

  get size(): number {
    return this.#size;
  }

  add(chunk: Uint8Array): Promise<void> | null {
    this.#size += chunk.byteLength;
    for (let at = 0; at < chunk.byteLength; ) {
      this.#block ??= this.#free.pop() ?? new Uint8Array(new SharedArrayBuffer(BLOCK_BYTES));
      const part = chunk.subarray(at, at + BLOCK_BYTES - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.byteLength;
      at += part.byteLength;
      if (this.#filled === BLOCK_BYTES) this.#send(this.#block);
    }
    return this.#writing.length > BLOCKS_AHEAD ? this.#oldest() : null;
  }

  async digest(): Promise<string> {
    await this.#flush();
    this.#ended = true;
    const md5 = await this.#thread.ask({ kind: 'end', id: this.#id });
    if (md5 === null) throw new Error('the thread that writes files answered out of order');
    return md5;
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    await this.#flush().catch(() => {});
    await this.#thread.ask({ kind: 'end', id: this.#id }).catch(() => {});
  }

  async #flush(): Promise<void> {
    if (this.#block !== null && this.#filled > 0) this.#send(this.#block);
    while (this.#writing.length > 0) await this.#oldest();
  }

  async #oldest(): Promise<void> {
    await this.#writing[0];
    void this.#writing.shift();
  }

  #send(block: Block): void {
    const bytes = block.subarray(0, this.#filled);
    this.#block = null;
    this.#filled = 0;
    const written = this.#thread.ask({ kind: 'append', id: this.#id, bytes }).then(() => {
      this.#free.push(block);
    });
    // A failure is seen when it is awaited; until then it must not count as unhandled.
    written.catch(() => {});
    this.#writing.push(written);
  }
}
