import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
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
const SPOOL_NAME = /^spool-[0-9a-f-]{36}(\.spill)?$/;

/** Bytes after which the disk is set to work. */
const WRITE_BACK = 8 * 1024 ** 2;

/** Stored objects never change, and read-only is how DVC keeps them. */
const READ_ONLY = 0o444;

/** A path in the folder that nobody else uses and `sweepSpools` knows for its own. */
export function newSpoolPath(folder: string): string {
  return join(folder, `spool-${randomUUID()}`);
}

/**
 * Opens a new spool file in the folder, which is made when missing. With `durable` its bytes are on the disk
 * when `finish` resolves; what only passes through need not be.
 */
export async function openSpool(folder: string, options: { readonly durable: boolean }): Promise<Spool> {
  const path = newSpoolPath(folder);
  const handle = await openNew(path, folder);
  const writeBack = options.durable ? createWriteBack(handle) : null;
  let open = true;
  const close = async () => {
    if (!open) return;
    open = false;
    await handle.close();
  };
  return {
    path,
    async write(block) {
      await writeAll(handle, block);
      writeBack?.wrote(block.byteLength);
    },
    async finish() {
      await writeBack?.finish();
      await close();
    },
    async discard() {
      await close().catch(() => {});
      await rm(path, { force: true }).catch(() => {});
    },
  };
}

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

async function writeAll(handle: FileHandle, block: Uint8Array): Promise<void> {
  for (let at = 0; at < block.byteLength; ) {
    const { bytesWritten } = await handle.write(block, at, block.byteLength - at);
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
