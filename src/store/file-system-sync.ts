import { spawn } from 'node:child_process';

/**
 * Makes all that was written to the file system of a folder before the call durable, contents and names, in one
 * step: thousands of small files cost hardly more than one. Resolves with false where that is not possible; each
 * file and folder has to be synced by itself then.
 */
export type FileSystemSync = () => Promise<boolean>;

/** Node has no `syncfs`; coreutils' and busybox's `sync -f` is it, and says by its exit code when bytes were lost. */
export function createFileSystemSync(folder: string): FileSystemSync {
  let running: Promise<boolean> | null = null;
  let next: Promise<boolean> | null = null;
  const start = (): Promise<boolean> => {
    running = runSync(folder).finally(() => {
      running = null;
    });
    return running;
  };
  return () => {
    if (running === null) return start();
    // What is running may have passed over what was written since it began: those who come meanwhile share the next.
    next ??= running.then(() => {
      next = null;
      return start();
    });
    return next;
  };
}

function runSync(folder: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('sync', ['-f', folder], { stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
