import { type BigIntStats, lstatSync, readdirSync } from 'node:fs';
import { basename, join, resolve, sep } from 'node:path';
import { TidemarkError } from '../errors.ts';

/** A file as it lies on this machine. */
export type LocalFile = {
  /** Relative to the folder it was found in, divided by `/`. */
  readonly path: string;
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  /** Times, inode: while it is the same, so are the bytes. */
  readonly stamp: string;
  /** The stamp is old enough that a later change would show in it. */
  readonly settled: boolean;
};

/** A file or folder with a name of its own. */
export type LocalTree = {
  readonly root: string;
  readonly name: string;
  readonly isFolder: boolean;
  readonly files: readonly LocalFile[];
};

/** What a pull that was cut short leaves beside the file it was writing. */
export const PART_SUFFIX = '.tidemark-part';

/** Clocks of file systems go in steps, most of them of a few milliseconds. */
const STEP_MILLISECONDS = 20;
/** Some keep whole seconds, one every second of them. */
const COARSE_STEP_MILLISECONDS = 2000;

/**
 * What lies at a path. Empty folders are not recorded, as in DVC.
 * @throws TidemarkError `bad-path` when there is nothing, and for a link or a device below a folder: left out
 * silently it would be missed by whoever pulls, followed it might lead out of the folder.
 */
export function findTree(path: string, now: number): LocalTree {
  const root = resolve(path);
  const found = lstatOf(root);
  if (found === null) throw new TidemarkError('bad-path', `There is nothing at ${path}.`);
  const name = basename(root);
  if (!found.isDirectory()) {
    if (!found.isFile()) throw notAFile(root);
    return { root, name, isFolder: false, files: [localFile(name, root, { found, now })] };
  }
  return { root, name, isFolder: true, files: findFiles(root, now) };
}

/** Every file below a folder; none when there is no such folder. */
export function findFiles(root: string, now: number): LocalFile[] {
  const files: LocalFile[] = [];
  const walk = (folder: string, prefix: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      // Not `join`: it takes the whole path apart for each file.
      const file = `${folder}${sep}${entry.name}`;
      if (entry.isDirectory()) walk(file, `${prefix}${entry.name}/`);
      else if (!entry.isFile()) throw notAFile(file);
      else if (!entry.name.endsWith(PART_SUFFIX)) {
        const found = lstatOf(file);
        if (found !== null) files.push(localFile(prefix + entry.name, file, { found, now }));
      }
    }
  };
  if (lstatOf(root) !== null) walk(root, '');
  return files;
}

/** The file at a path below a folder, or null when there is none, or something else. */
export function findFile(root: string, path: string, now: number): LocalFile | null {
  const file = join(root, path);
  const found = lstatOf(file);
  return found?.isFile() === true ? localFile(path, file, { found, now }) : null;
}

function localFile(path: string, file: string, at: { found: BigIntStats; now: number }): LocalFile {
  const { found, now } = at;
  const coarse = found.mtimeNs % 1_000_000_000n === 0n;
  const age = now - Number(found.mtimeNs / 1_000_000n);
  return {
    path,
    file,
    size: Number(found.size),
    stamp: stampOf(found),
    settled: age >= (coarse ? COARSE_STEP_MILLISECONDS : STEP_MILLISECONDS),
  };
}

/** The stamp of a file that was written a moment ago, or null when it is gone already. */
export function stampAt(file: string): string | null {
  const found = lstatOf(file);
  return found === null ? null : stampOf(found);
}

/** The change time besides: it shows also what has set the other one back. */
function stampOf(found: BigIntStats): string {
  return `${found.mtimeNs}/${found.ctimeNs}/${found.ino}`;
}

function lstatOf(path: string): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch (error) {
    // A file stands where the path has a folder.
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return null;
    throw error;
  }
}

function notAFile(path: string): TidemarkError {
  return new TidemarkError('bad-path', `${path} is a link or no file; put the file itself there.`);
}
