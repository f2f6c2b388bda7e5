import { isUtf8 } from 'node:buffer';
import { type BigIntStats, type Dirent, lstatSync, readdirSync, realpathSync, renameSync, statSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { TidemarkError } from '../../errors.ts';
import { type DvcRepository, findRepository, isInside, isRepository } from '../dvc/dvc-repository.ts';
import { below, isFileLeftOut, isOwnFolder, leavesOut, type Scope, scopeOf, withRulesOf } from '../dvc/left-out.ts';
import { PART_SUFFIX } from './part-file.ts';

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

/** Clocks of file systems go in steps, most of them of a few milliseconds. */
const STEP_MILLISECONDS = 20;
/** Some keep whole seconds, one every second of them. */
const COARSE_STEP_MILLISECONDS = 2000;

/**
 * What lies at a path, but for what DVC would leave out. Empty folders are not recorded, as in DVC.
 * @param follows links are followed wherever they lead, to folders too.
 * @throws TidemarkError `bad-path` when there is nothing, and for what is no file or leads elsewhere: left out
 * silently it would be missed by whoever pulls, followed it might lead out of the folder.
 */
export function findTree(path: string, now: number, follows = false): LocalTree {
  const root = resolve(path);
  const found = follows ? statOf(root) : lstatOf(root);
  if (found === null) throw new TidemarkError('bad-path', `There is nothing at ${path}.`);
  const name = basename(root);
  const repository = findRepository(root);
  if (!found.isDirectory()) {
    if (isFileLeftOut(root, repository)) throw leftOut(path, repository);
    const stats = statsOfFile(root, found, { root: null, repository });
    return { root, name, isFolder: false, files: [localFile(name, root, { found: stats, now })] };
  }
  if (scopeOf(root, repository) === null) throw leftOut(path, repository);
  return { root, name, isFolder: true, files: walkFiles(root, now, { onPart: () => {}, follows }) };
}

/**
 * Every file below a folder that DVC would see; none when there is no such folder.
 * @param onPart told of each folder with files that were being written when something broke off.
 */
export function findFiles(root: string, now: number, onPart: (folder: string) => void = () => {}): LocalFile[] {
  return walkFiles(root, now, { onPart, follows: false });
}

type Walking = { readonly onPart: (folder: string) => void; readonly follows: boolean };

function walkFiles(root: string, now: number, { onPart, follows }: Walking): LocalFile[] {
  const files: LocalFile[] = [];
  const repository = findRepository(root);
  /** Where the folders that are being looked through lie in truth, where links are followed. */
  const within: string[] = [];
  const walk = (folder: string, prefix: string, outer: Scope): void => {
    const entries = entriesOf(folder, folder === root);
    const holds = (name: string): boolean => outer.inRepository && entries.some((entry) => entry.name === name);
    // A repository in another is none of its business.
    if (holds('.dvc') && folder !== repository?.root && isRepository(folder)) return;
    const scope = holds('.dvcignore') ? withRulesOf(outer, folder) : outer;
    if (follows) enter(within, folder);
    for (const entry of entries) {
      const isFolder =
        entry.isDirectory() || (follows && entry.isSymbolicLink() && isFolderAt([folder, entry.name].join(sep)));
      if (leavesOut(scope, entry.name, isFolder)) continue;
      if (entry.name.includes('\ufffd')) refuseUndecodable(folder, entry.name);
      // Not `join` of paths: it takes each apart. That of texts leaves one piece, where `+` would keep all that it is of.
      const file = [folder, entry.name].join(sep);
      if (isFolder) walk(file, `${prefix}${entry.name}/`, below(scope, entry.name));
      else if (entry.name.endsWith(PART_SUFFIX)) onPart(folder);
      else {
        const found = lstatOf(file);
        // It went away meanwhile.
        if (found === null) continue;
        const led = follows && found.isSymbolicLink() ? statOf(file) : null;
        const stats = statsOfFile(file, led ?? found, { root, repository });
        files.push(localFile([prefix, entry.name].join(''), file, { found: stats, now }));
      }
    }
    within.pop();
  };
  const scope = scopeOf(root, repository);
  if (scope !== null && lstatOf(root) !== null) walk(root, '', scope);
  return files;
}

/** @throws TidemarkError `bad-path` for a link to a folder that it lies in, and to what Git or DVC keep for themselves. */
function enter(within: string[], folder: string): void {
  const real = realpathSync(folder);
  const round = within.includes(real);
  if (round || real.split(sep).some((name) => isOwnFolder(name, true))) {
    const where = round ? 'which it lies in' : 'which belongs to git, hg or dvc';
    throw new TidemarkError('bad-path', `${folder} is a link to ${real}, ${where}; take it away.`);
  }
  within.push(real);
}

/** What lies in a folder; nothing in one that went away since it was listed, as another command may have emptied it. */
function entriesOf(folder: string, isRoot: boolean): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (!isRoot && error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Finds files by their paths below a folder. Null for a path where there is none, or something else, or a link that
 * leads elsewhere.
 */
export function fileFinder(root: string, now: number): (path: string) => LocalFile | null {
  const repository = findRepository(root);
  return (path) => {
    const file = join(root, path);
    const found = lstatOf(file);
    const stats = found?.isSymbolicLink() === true ? followLink(file, { root, repository }) : found;
    return stats?.isFile() === true ? localFile(path, file, { found: stats, now }) : null;
  };
}

/** The file at a path, or null when there is none. */
export function localFileAt(file: string, now: number): LocalFile | null {
  const found = lstatOf(file);
  return found?.isFile() === true ? localFile(basename(file), file, { found, now }) : null;
}

type Around = { readonly root: string | null; readonly repository: DvcRepository | null };

/** @throws TidemarkError `bad-path` for a device, and for a link that must not be followed. */
function statsOfFile(file: string, found: BigIntStats, around: Around): BigIntStats {
  if (found.isFile()) return found;
  const stats = found.isSymbolicLink() ? followLink(file, around) : null;
  if (stats !== null) return stats;
  throw found.isSymbolicLink() ? linkRefused(file) : noFile(file, found);
}

function linkRefused(link: string): TidemarkError {
  const followed =
    'Only links to files of the same folder, and into the cache of dvc, are followed; with --follow-links, push, status, diff and verify follow all.';
  const target = realpathOrNull(link);
  const what = target === null ? 'that leads to no file' : `to ${target}`;
  return new TidemarkError('bad-path', `${link} is a link ${what}; put there what it should lead to. ${followed}`);
}

function noFile(path: string, found: BigIntStats): TidemarkError {
  const kind = found.isSocket() ? 'a socket' : found.isFIFO() ? 'a pipe' : 'a device';
  return new TidemarkError('bad-path', `${path} is ${kind} and no file; move it away.`);
}

/** What a link leads to, if that is a file below the same folder or in the cache of the repository. */
function followLink(link: string, { root, repository }: Around): BigIntStats | null {
  try {
    const target = realpathSync(link);
    const stats = statSync(target, { bigint: true });
    if (!stats.isFile()) return null;
    if (repository?.cache != null && isInside(target, realpathOf(repository.cache))) return stats;
    if (root === null) return null;
    const names = relative(realpathSync(root), target).split(sep);
    return names[0] === '..' || names.some((name) => isOwnFolder(name, true)) ? null : stats;
  } catch {
    // It leads nowhere, or round in a circle.
    return null;
  }
}

const realpathOf = (path: string): string => realpathOrNull(path) ?? path;

function realpathOrNull(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/** @throws TidemarkError `bad-path` for a name that was decoded into something else: the file would not be found by it. */
function refuseUndecodable(folder: string, name: string): void {
  const odd = readdirSync(folder, { encoding: 'buffer' }).find((raw) => !isUtf8(raw) && raw.toString() === name);
  if (odd === undefined) return;
  const shown = odd
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
  throw new TidemarkError('bad-path', `The name of ${folder}${sep}${shown} is not UTF-8; rename it.`);
}

function leftOut(path: string, repository: DvcRepository | null): TidemarkError {
  return new TidemarkError(
    'bad-path',
    `${path} is left out by a .dvcignore of ${repository?.root ?? 'its repository'}, or belongs to git, hg or dvc.`,
  );
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

/**
 * Moves a file to another name.
 * @returns the stamp that it has there; nothing where another one stands there by then.
 */
export function moveFile(file: string, target: string): string {
  const own = lstatOf(file);
  renameSync(file, target);
  const found = lstatOf(target);
  return found !== null && found.ino === own?.ino ? stampOf(found) : '';
}

/**
 * Whether a file, or what a link there leads to, has other bytes than when it had this stamp, or is another one. The time
 * of its change tells too much for that: it is also that of the last link that came or went.
 */
export function isChanged(file: string, stamp: string): boolean {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  const [mtimeNs, , ino] = stamp.split('/');
  return found !== undefined && (`${found.mtimeNs}` !== mtimeNs || `${found.ino}` !== ino);
}

/** The change time besides: it shows also what has set the other one back. In one piece, as many are kept. */
function stampOf(found: BigIntStats): string {
  return [found.mtimeNs, found.ctimeNs, found.ino].join('/');
}

/** What a link leads to. */
function statOf(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true });
  } catch {
    // Nowhere, or round in a circle: it is a link and nothing else.
    return lstatOf(path);
  }
}

const isFolderAt = (path: string): boolean => statOf(path)?.isDirectory() === true;

function lstatOf(path: string): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch (error) {
    // A file stands where the path has a folder.
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return null;
    throw error;
  }
}
