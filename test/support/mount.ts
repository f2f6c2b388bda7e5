import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small file system of its own in memory, which a test fills up or makes read-only. */
export type SmallDisk = {
  readonly folder: string;
  /** Takes all the space that is left. */
  readonly fill: () => void;
  readonly free: () => void;
  readonly writable: (yes: boolean) => void;
  readonly remove: () => void;
};

const run = (command: string, ...args: readonly string[]): string | null => {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  return done.status === 0 ? null : `${command} ${args.join(' ')}: ${done.stderr ?? done.error?.message}`;
};

/** Null where one may not mount anything, which only root may. */
export function mountSmallDisk(megabytes: number): SmallDisk | null {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-disk-'));
  if (run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder) !== null) {
    rmSync(folder, { recursive: true });
    return null;
  }
  const filler = join(folder, 'filler');
  return {
    folder,
    fill: () => {
      try {
        writeFileSync(filler, new Uint8Array(megabytes * 1024 ** 2));
      } catch {
        // As far as it went: it is full now.
      }
    },
    free: () => rmSync(filler, { force: true }),
    writable: (yes) => {
      const trouble = run('mount', '-o', `remount,${yes ? 'rw' : 'ro'}`, folder);
      if (trouble !== null) throw new Error(trouble);
    },
    remove: () => {
      // Lazily: what still has a file open there must not keep the test from its end.
      run('umount', '-l', folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
