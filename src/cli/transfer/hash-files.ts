import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { createThreadPool, type ThreadPool } from '../../compute/thread-pool.ts';
import { TidemarkError } from '../../errors.ts';
import { packEnd, packLineBytes } from '../../formats/object-pack.ts';
import { failureOf } from '../terminal/failure.ts';
import { BATCH_BYTES, BATCH_FILES, batchesOf, widthOf } from './batches.ts';
import type { HashReply, HashRequest } from './hash-thread.ts';
import type { LocalFile } from './local-files.ts';
import { inParallel } from './parallel.ts';
import { type PlaceInPack, readIntoPack } from './read-into-pack.ts';

/** A batch as a pack: its bytes, and a line for each file and for the end. */
const PACK_BYTES = BATCH_BYTES + (BATCH_FILES + 1) * 48;

/** To start a thread takes longer than to read what is less than this. */
const AT_ONCE_BYTES = 1024 ** 2;
const AT_ONCE_FILES = 64;

/** The files of a batch in memory, with their digests, in the batch's order. */
export type ReadFile = { readonly file: LocalFile; readonly md5: string; readonly bytes: Uint8Array };

export type Hashing = {
  /** Has the threads begin, where it is known that there will be much to read. */
  readonly start: () => void;
  /**
   * Reads small files into a pack; its memory is used again once `use` is done with it.
   * @throws TidemarkError `conflict` when one has changed since it was found.
   */
  readonly read: <T>(
    files: readonly LocalFile[],
    use: (read: ReadFile[], pack: Uint8Array) => T | Promise<T>,
  ) => Promise<T>;
  readonly digest: (file: LocalFile, algorithm?: 'md5' | 'sha256') => Promise<string>;
};

/** Reads and digests files on threads, as many as the machine has processors; a few small ones at once. */
export function createHashing(): Hashing {
  const entry = new URL(`./hash-thread${extname(import.meta.url)}`, import.meta.url);
  const threads: ThreadPool<HashRequest, HashReply> = createThreadPool(entry, availableParallelism());
  const free: Uint8Array<SharedArrayBuffer>[] = [];
  return {
    start: threads.start,
    read: async (files, use) => {
      let total = 0;
      const places = files.map(({ file, size }) => {
        const start = total + packLineBytes(size);
        total = start + size;
        return { file, start, size };
      });
      const end = packEnd(files.length);
      // What is not used again is only given back when V8 looks for it, and it looks late.
      const memory = free.pop() ?? new Uint8Array(new SharedArrayBuffer(Math.max(total + end.byteLength, PACK_BYTES)));
      const digests = await asked(
        total <= AT_ONCE_BYTES && files.length <= AT_ONCE_FILES
          ? readHere(memory, places)
          : threads.ask({ kind: 'read', memory, files: places }),
      );
      memory.set(end, total);
      const read = files.map((file, i) => {
        const start = places[i]?.start ?? 0;
        return { file, md5: sure(digests[i], file), bytes: memory.subarray(start, start + file.size) };
      });
      const used = await use(read, memory.subarray(0, total + end.byteLength));
      if (memory.byteLength === PACK_BYTES) free.push(memory);
      return used;
    },
    digest: async (file, algorithm = 'md5') => {
      const [digest] = await asked(threads.ask({ kind: 'digest', file: file.file, size: file.size, algorithm }));
      return sure(digest, file);
    },
  };
}

async function readHere(memory: Uint8Array, places: readonly PlaceInPack[]): Promise<HashReply> {
  return readIntoPack(memory, places);
}

async function asked(reply: Promise<HashReply>): Promise<HashReply> {
  try {
    return await reply;
  } catch (cause) {
    throw failureOf(cause, 'A file cannot be read');
  }
}

function sure(digest: string | null | undefined, file: LocalFile): string {
  if (digest !== null && digest !== undefined) return digest;
  throw new TidemarkError('conflict', `${file.file} was changed while it was read; try again when it is at rest.`);
}

/** The MD5 of every file, with no more than a few batches in memory. */
export async function digestFiles(
  hashing: Hashing,
  files: readonly LocalFile[],
  onFile: (file: LocalFile, md5: string) => void,
): Promise<void> {
  const batches = batchesOf(files);
  await inParallel(batches, widthOf(batches), async (batch) => {
    if (batch.kind === 'large') onFile(batch.file, await hashing.digest(batch.file));
    else {
      await hashing.read(batch.files, (read) => {
        for (const { file, md5 } of read) onFile(file, md5);
      });
    }
  });
}
