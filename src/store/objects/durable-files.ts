import { copyFile, link, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { storeFailure, systemCode } from './object-failure.ts';

/** Files and their names that outlive a loss of power, once these functions have resolved. */

/** File systems without hard links answer with one of these. */
export const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** False when the name is taken, or when the file system knows no second names. */
export async function linkUnlessTaken(stored: string, path: string): Promise<boolean> {
  try {
    await link(stored, path);
    return true;
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (code === 'EEXIST' || NO_LINKS.has(code)) return false;
    throw error;
  }
}

/** Takes a file's name away, which may be gone already. @throws TidemarkError as `storeFailure`. */
export async function unlinkFile(path: string, doing: string): Promise<void> {
  try {
    await unlink(path);
    await syncFolder(dirname(path));
  } catch (error) {
    if (!isMissing(error)) throw storeFailure(error, doing);
  }
}

/** Copies a file; its bytes, not yet its name, are on the disk when this resolves. */
export async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await syncFile(to);
}

/** True when there is no such file, or no such folder on the way to it. */
export function isMissing(error: unknown): boolean {
  return systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR';
}

/** Makes the names in a folder durable; a file's own fsync does not cover them. */
export const syncFolder = (folder: string): Promise<void> => syncFile(folder);

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
