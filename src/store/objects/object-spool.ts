import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from './object-failure.ts';
import type { Sink } from './object-intake.ts';

/** A file that is being written and has no name yet that anybody looks for. */
export type Spool = Sink & {
  readonly path: string;
  /** Ends writing. */
  finish(): Promise<void>;
  /** Closes and removes it, if it is still there. Never throws. */
  discard(): Promise<void>;
};

/** A spool file, or the folder beside one that its writer spills to. */
const SPOOL_NAME = /^spool-[0-9a-f-]{36}(-\d+|\.spill)?$/;

/** Bytes after which the disk is set to work. */
const WRITE_BACK = 8 * 1024 ** 2;

/** Stored objects never change, and read-only is how DVC keeps them. */
const READ_ONLY = 0o444;
const WRITABLE = 0o644;

/** A path in the folder that nobody else uses and `sweepSpools` knows for its own. */
export function newSpoolPath(folder: string): string {
  return join(folder, `spool-${randomUUID()}`);
}

/**
 * Opens a new spool file in the folder, which is made when missing. With `durable` its bytes are on the disk
 * when `finish` resolves, and large blocks go there past the page cache; what only passes through need not be.
 */
export async function openSpool(folder: string, options: { readonly durable: boolean }): Promise<Spool> {
  const path = newSpoolPath(folder);
  const handle = await openNew(path, folder);
  const writeBack = options.durable ? createWriteBack(handle) : null;
  const direct = options.durable ? createDirectWriter(path, handle) : null;
  let position = 0;
  let open = true;
  /** The latest one. Whoever gives up may do so while it runs, and it opens files of its own. */
  let writing: Promise<void> = Promise.resolve();
  const close = async () => {
    if (!open) return;
    open = false;
    await writing.catch(() => {});
    await Promise.all([handle.close(), direct?.close()]);
  };
  const append = async (block: Uint8Array) => {
    const past = (await direct?.write(block, position)) ?? 0;
    if (past < block.byteLength) {
      await writeAll(handle, block.subarray(past), position + past);
      writeBack?.wrote(block.byteLength - past);
    }
    position += block.byteLength;
  };
  return {
    path,
    write(block) {
      writing = append(block);
      return writing;
    },
    async finish() {
      // Of the file, whichever handle wrote to it.
      await writeBack?.finish();
      await close();
    },
    async discard() {
      await close().catch(() => {});
      await unlink(path).catch(() => {});
    },
  };
}

/** What a disk takes at once lies at a multiple of this in the file and in memory, and is a multiple of it long. */
const SECTOR = 4096;

/** What is smaller is soon asked for, and worth its place in the cache. */
const PAST_CACHE_BYTES = 128 * 1024;

/** Not on every system; where it is missing or the file system refuses it, the page cache does the work. */
const { O_DIRECT, O_WRONLY } = constants as Partial<typeof constants>;

/**
 * Writes blocks to the disk past the page cache. A large upload is read again late if ever, and a copy of it in
 * the cache costs as much processor time as its digests and drives out what is needed.
 */
function createDirectWriter(path: string, made: FileHandle) {
  let handle: FileHandle | null = null;
  let usable = O_DIRECT !== undefined && O_WRONLY !== undefined;
  const openDirect = async (): Promise<FileHandle> => {
    // Not even its owner could open it for writing a second time.
    await made.chmod(WRITABLE);
    try {
      return await open(path, (O_WRONLY ?? 0) | (O_DIRECT ?? 0));
    } finally {
      await made.chmod(READ_ONLY);
    }
  };
  return {
    /** Bytes from the block's beginning that were written; the caller writes the others. */
    async write(block: Uint8Array, position: number): Promise<number> {
      if (!usable || block.byteLength < PAST_CACHE_BYTES) return 0;
      if (position % SECTOR !== 0 || block.byteLength % SECTOR !== 0) return 0;
      try {
        handle ??= await openDirect();
        return (await handle.write(block, 0, block.byteLength, position)).bytesWritten;
      } catch (error) {
        // The file system cannot do it, or not from where this block lies in memory.
        if (!REFUSALS.has(systemCode(error) ?? '')) throw error;
        usable = false;
        return 0;
      }
    },
    async close(): Promise<void> {
      await handle?.close();
    },
  };
}

const REFUSALS = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP']);

/**
 * Lets the disk work while bytes still arrive, so that the fsync at the end of a large object finds little to
 * do. The kernel reports a failed write-back once: it is kept and thrown at the end, and an fsync that failed
 * is never tried again, for the dirty pages may be gone.
 */
function createWriteBack(handle: FileHandle) {
  let pending = 0;
  let running = false;
  let last: Promise<void> = Promise.resolve();
  return {
    wrote(bytes: number) {
      pending += bytes;
      if (running || pending < WRITE_BACK) return;
      pending = 0;
      running = true;
      last = last
        .then(() => handle.datasync())
        .then(() => {
          running = false;
        });
      last.catch(() => {});
    },
    async finish() {
      await last;
      await handle.sync();
    },
  };
}

async function openNew(path: string, folder: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', READ_ONLY);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    await mkdir(folder, { recursive: true });
    return await open(path, 'wx', READ_ONLY);
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.byteLength - at, position + at);
    at += bytesWritten;
  }
}

/** Removes spool files that nobody has written to since `before` (epoch ms) and counts them. */
export async function sweepSpools(folder: string, before: number): Promise<number> {
  let removed = 0;
  for (const name of await namesIn(folder)) {
    if (!SPOOL_NAME.test(name)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found === null || found.mtimeMs >= before) continue;
    await rm(path, { recursive: true, force: true });
    removed++;
  }
  return removed;
}

/** Names in a folder in ascending order, none when there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}
