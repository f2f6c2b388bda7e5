import { constants, copyFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { createThreadPool, type ThreadPool } from '../../compute/thread-pool.ts';
import { readPack } from '../../formats/object-pack.ts';
import { unwritten } from '../terminal/failure.ts';
import { BATCH_BYTES, batchesOf, widthOf } from './batches.ts';
import { fetchLarge } from './fetch-large.ts';
import { bodyOf, type Fetching, passedOff, type WantedFile } from './fetching.ts';
import { createLargeFiles } from './large-files.ts';
import { stampAt } from './local-files.ts';
import { inParallel } from './parallel.ts';
import { partBeside } from './part-file.ts';
import { prepareFile } from './safe-folder.ts';
import { changedWhilePulled, takePlace } from './take-place.ts';
import type { PlacedFile, WriteReply, WriteRequest } from './write-thread.ts';

/**
 * Fetches files and writes each under its path once its bytes agree with its MD5. Equal files come once and are
 * copied, without taking room where the file system can share it.
 * @throws TidemarkError `digest-mismatch` for bytes that were passed off, `upload-aborted` when the service broke off,
 * `conflict` when somebody has changed what was to be replaced.
 */
export async function fetchFiles(fetching: Fetching, files: readonly WantedFile[]): Promise<void> {
  const twins = new Map<string, WantedFile[]>();
  const firsts: WantedFile[] = [];
  for (const file of files) {
    const known = twins.get(file.md5);
    if (known === undefined) {
      twins.set(file.md5, []);
      firsts.push(file);
    } else known.push(file);
  }
  const entry = new URL(`./write-thread${extname(import.meta.url)}`, import.meta.url);
  const writers: ThreadPool<WriteRequest, WriteReply> = createThreadPool(entry, availableParallelism());
  const batches = batchesOf(firsts);
  // They begin while the first bytes are on their way.
  if (batches.some(({ kind }) => kind === 'small')) writers.start();
  const memories = new Memories();
  const largeFiles = createLargeFiles();
  await inParallel(batches, widthOf(batches), async (batch, signal) => {
    const done = batch.kind === 'large' ? [batch.file] : batch.files;
    const stamps =
      batch.kind === 'large'
        ? [await fetchLarge(fetching, largeFiles, { file: batch.file, signal })]
        : await fetchPack(fetching, { writers, memories }, { files: batch.files, signal });
    for (const [i, file] of done.entries()) {
      await copyTwins(fetching, { file, stamp: stamps[i] ?? '' }, twins.get(file.md5) ?? []);
    }
  });
}

/** Memory for batches. Fresh memory has to be cleared by the system page by page, so it is used again. */
class Memories {
  readonly #free: Uint8Array<SharedArrayBuffer>[] = [];

  take(bytes: number): Uint8Array<SharedArrayBuffer> {
    return this.#free.pop() ?? new Uint8Array(new SharedArrayBuffer(Math.max(bytes, BATCH_BYTES)));
  }

  giveBack(memory: Uint8Array<SharedArrayBuffer>): void {
    this.#free.push(memory);
  }
}

async function fetchPack(
  fetching: Fetching,
  { writers, memories }: { writers: ThreadPool<WriteRequest, WriteReply>; memories: Memories },
  given: { files: readonly WantedFile[]; signal: AbortSignal },
): Promise<string[]> {
  const { base, client } = fetching;
  let total = 0;
  const placed: PlacedFile[] = given.files.map(({ path, md5, size, over }) => {
    const start = total;
    total += size;
    return { path, md5, start, size, over };
  });
  const memory = memories.take(total);
  await client.repeat(() => unpackInto(fetching, { placed, memory, signal: given.signal }), given.signal);
  const stamps = await asked(base, writers.ask({ base, memory, files: placed }));
  memories.giveBack(memory);
  return given.files.map((file, i) => {
    const stamp = stamps[i] ?? null;
    if (stamp === null) throw passedOff(file.path);
    fetching.onFile(file, stamp);
    return stamp;
  });
}

async function unpackInto(
  fetching: Fetching,
  given: { placed: readonly PlacedFile[]; memory: Uint8Array; signal: AbortSignal },
): Promise<void> {
  const { placed, memory, signal } = given;
  const oids = placed.map((file) => file.md5);
  let counted = 0;
  try {
    const reply = await fetching.client.open('POST', '/v1/objects/unpack', { json: { oids }, signal });
    let at = 0;
    for await (const piece of readPack(bodyOf(reply))) {
      const file = placed[at];
      if (file === undefined || piece.md5 !== file.md5 || piece.size !== file.size)
        throw passedOff(file?.path ?? piece.md5);
      memory.set(piece.bytes, file.start + piece.start);
      counted += piece.bytes.byteLength;
      fetching.onBytes(piece.bytes.byteLength);
      if (piece.start + piece.bytes.byteLength === piece.size) at++;
    }
    const missed = placed[at];
    if (missed !== undefined) throw passedOff(missed.path);
  } catch (error) {
    fetching.onBytes(-counted);
    throw error;
  }
}

async function copyTwins(
  fetching: Fetching,
  { file, stamp }: { readonly file: WantedFile; readonly stamp: string },
  twins: readonly WantedFile[],
): Promise<void> {
  const source = join(fetching.base, file.path);
  for (const twin of twins) {
    let aside: string | null = null;
    try {
      const target = prepareFile(fetching.base, twin.path, new Set());
      aside = partBeside(target);
      await copyFile(source, aside, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
      // It stands in the open, where others may write to it.
      if (stampAt(source) !== stamp) throw changedWhilePulled(source);
      fetching.onFile(twin, takePlace(aside, target, twin));
    } catch (error) {
      if (aside !== null) await rm(aside, { force: true });
      throw unwritten(error, fetching.base);
    }
    fetching.onBytes(twin.size);
  }
}

async function asked(base: string, reply: Promise<WriteReply>): Promise<WriteReply> {
  try {
    return await reply;
  } catch (error) {
    throw unwritten(error, base);
  }
}
