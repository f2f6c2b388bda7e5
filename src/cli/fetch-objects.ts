import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { constants, copyFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createThreadPool, type ThreadPool } from '../compute/thread-pool.ts';
import { isTidemarkError, TidemarkError } from '../errors.ts';
import { readPack } from '../formats/object-pack.ts';
import { BATCH_BYTES, batchesOf } from './batches.ts';
import type { Client } from './client.ts';
import type { Hashing } from './hash-files.ts';
import { PART_SUFFIX, stampAt } from './local-files.ts';
import { inParallel } from './parallel.ts';
import { prepareFile } from './safe-folder.ts';
import type { TargetFile } from './target.ts';
import type { Reply } from './transport.ts';
import type { PlacedFile, WriteReply, WriteRequest } from './write-thread.ts';

/** How many batches are on their way at once: while some are written, others come. */
const PARALLEL = 6;

export type Fetching = {
  readonly client: Client;
  readonly hashing: Hashing;
  /** Everything is written below it; a file's path is relative to it. */
  readonly base: string;
  readonly onBytes: (count: number) => void;
  /** Told of each file that stands under its name, with the stamp it had then. */
  readonly onFile: (file: TargetFile, stamp: string) => void;
};

/**
 * Fetches files and writes each under its path once its bytes agree with its MD5. Equal files come once and are
 * copied, without taking room where the file system can share it.
 * @throws TidemarkError `digest-mismatch` for bytes that were passed off, `upload-aborted` when the service broke off.
 */
export async function fetchFiles(fetching: Fetching, files: readonly TargetFile[]): Promise<void> {
  const twins = new Map<string, TargetFile[]>();
  const firsts: TargetFile[] = [];
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
  await inParallel(batches, PARALLEL, async (batch, signal) => {
    if (batch.kind === 'large') await fetchLarge(fetching, batch.file, signal);
    else await fetchPack(fetching, { writers, memories }, { files: batch.files, signal });
    const done = batch.kind === 'large' ? [batch.file] : batch.files;
    for (const file of done) await copyTwins(fetching, file, twins.get(file.md5) ?? []);
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
  given: { files: readonly TargetFile[]; signal: AbortSignal },
): Promise<void> {
  const { base, client } = fetching;
  let total = 0;
  const placed: PlacedFile[] = given.files.map(({ path, md5, size }) => {
    const start = total;
    total += size;
    return { path, md5, start, size };
  });
  const memory = memories.take(total);
  await client.repeat(() => unpackInto(fetching, { placed, memory, signal: given.signal }), given.signal);
  const stamps = await asked(writers.ask({ base, memory, files: placed }));
  memories.giveBack(memory);
  for (const [i, file] of given.files.entries()) {
    const stamp = stamps[i] ?? null;
    if (stamp === null) throw passedOff(file.path);
    fetching.onFile(file, stamp);
  }
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

async function fetchLarge(fetching: Fetching, file: TargetFile, signal: AbortSignal): Promise<void> {
  const { base, hashing } = fetching;
  const target = prepareFile(base, file.path, new Set());
  const aside = asideOf(target);
  try {
    await download(fetching, { file, aside, signal });
    const { size } = await stat(aside);
    const local = { path: file.path, file: aside, size, stamp: '', settled: false };
    if (size !== file.size || (await hashing.digest(local)) !== file.md5) throw passedOff(file.path);
    await rename(aside, target);
    fetching.onFile(file, stampAt(target) ?? '');
  } catch (error) {
    await rm(aside, { force: true });
    throw failureOf(error);
  }
}

/** A body that breaks off is asked for again from where it ended; the digest of the whole file judges the pieces. */
async function download(fetching: Fetching, given: { file: TargetFile; aside: string; signal: AbortSignal }) {
  const { file, aside, signal } = given;
  const { client, onBytes } = fetching;
  await writeFile(aside, '', { flag: 'wx' });
  await client.repeat(async () => {
    const { size: start } = await stat(aside);
    if (start >= file.size && file.size > 0) return;
    const headers = start === 0 ? {} : { range: `bytes=${start}-` };
    const reply = await client.open('GET', `/v1/objects/${file.md5}`, { headers, signal });
    // What stands between may know no ranges.
    const place = reply.status === 206 ? { flags: 'r+', start } : { flags: 'w' };
    await pipeline(counted(bodyOf(reply), onBytes), createWriteStream(aside, place));
  }, signal);
}

async function copyTwins(fetching: Fetching, file: TargetFile, twins: readonly TargetFile[]): Promise<void> {
  const source = join(fetching.base, file.path);
  for (const twin of twins) {
    const target = prepareFile(fetching.base, twin.path, new Set());
    const aside = asideOf(target);
    try {
      await copyFile(source, aside, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
      await rename(aside, target);
      fetching.onFile(twin, stampAt(target) ?? '');
    } catch (error) {
      await rm(aside, { force: true });
      throw failureOf(error);
    }
    fetching.onBytes(twin.size);
  }
}

const asideOf = (target: string): string => join(dirname(target), `.${randomBytes(6).toString('hex')}${PART_SUFFIX}`);

/** The body; one that breaks off is told as such. */
async function* bodyOf(reply: Reply): AsyncGenerator<Uint8Array> {
  try {
    yield* reply.body;
  } catch (cause) {
    throw new TidemarkError(
      'upload-aborted',
      'The service broke off before the last byte; what is whole is kept, pull again for the rest.',
      { cause },
    );
  }
}

async function* counted(source: AsyncIterable<Uint8Array>, onBytes: (count: number) => void) {
  for await (const chunk of source) {
    onBytes(chunk.byteLength);
    yield chunk;
  }
}

async function asked(reply: Promise<WriteReply>): Promise<WriteReply> {
  try {
    return await reply;
  } catch (error) {
    throw failureOf(error);
  }
}

/** What befell a file here, in words for whoever pulls. */
function failureOf(error: unknown): unknown {
  if (isTidemarkError(error) || !(error instanceof Error)) return error;
  const full = 'code' in error && error.code === 'ENOSPC';
  return new TidemarkError(full ? 'storage-full' : 'bad-path', `A file cannot be written: ${error.message}`, {
    cause: error,
  });
}

function passedOff(path: string): TidemarkError {
  return new TidemarkError('digest-mismatch', `${path} arrived with other bytes than its version names.`);
}
