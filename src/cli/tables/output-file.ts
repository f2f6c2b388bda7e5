import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { failureOf } from '../terminal/failure.ts';

const DOING = 'The file cannot be written';

/**
 * Finds out whether a file can be written, before anything is read for it: what took minutes would else be lost.
 * @throws TidemarkError `bad-path`.
 */
export async function checkOutput(file: string): Promise<void> {
  try {
    // Made anew where there is none, and then it is gone again.
    const made = await open(file, 'wx').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return null;
      throw error;
    });
    await (made ?? (await open(file, 'r+'))).close();
    if (made !== null) await rm(file);
  } catch (error) {
    throw failureOf(error, DOING);
  }
}

/**
 * Writes a file whole or not at all: whoever kills the command in the middle, or fills the disk, finds what was there
 * before.
 * @throws TidemarkError `bad-path`, `storage-full`.
 */
export async function writeOutput(file: string, content: string | Buffer): Promise<void> {
  try {
    const old = await stat(file).catch(() => null);
    // A pipe or a device has no place beside it that would become it.
    if (old !== null && !old.isFile()) return await writeFile(file, content);
    // Behind a link it is the file that is written, and not the link that is replaced.
    const target = old === null ? file : await realpath(file);
    if (!(await replaceWhole(target, content, old?.mode))) await writeFile(target, content);
  } catch (error) {
    throw failureOf(error, DOING);
  }
}

/** False where nothing can be put beside the file, though it may be written itself. */
async function replaceWhole(target: string, content: string | Buffer, mode = 0o666): Promise<boolean> {
  const aside = `${target}.${randomBytes(4).toString('hex')}.part`;
  const handle = await open(aside, 'wx', mode & 0o777).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'EROFS') return null;
    throw error;
  });
  if (handle === null) return false;
  try {
    try {
      await handle.writeFile(content);
      // Else a crash of the machine could leave the new name with nothing in it.
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(aside, target);
    return true;
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}
