import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { keepTarget, openDvcCache, takeCached } from '../dvc/dvc-cached.ts';
import { makeExecutable } from '../dvc/pointer-file.ts';
import { type Terminal, watch } from '../terminal/terminal.ts';
import { fetchFiles } from '../transfer/fetch-objects.ts';
import type { WantedFile } from '../transfer/fetching.ts';
import { digestFiles, type Hashing } from '../transfer/hash-files.ts';
import { fileFinder, findFiles, isChanged, type LocalFile } from '../transfer/local-files.ts';
import { sweepParts } from '../transfer/part-file.ts';
import { prepareFolder } from '../transfer/safe-folder.ts';
import { surveyMissing } from '../transfer/send-objects.ts';
import { changedWhilePulled } from '../transfer/take-place.ts';
import { type DigestIndex, type IndexedFile, openDigestIndex } from './digest-index.ts';
import type { Target, TargetFile } from './target.ts';

export type PullOptions = {
  /** The folder that the file or folder is put into; beside a `.dvc` file when absent. */
  readonly to?: string | undefined;
  /** Also over files whose bytes nobody else has. */
  readonly force: boolean;
  /** Takes away what the version has not: the folder is the version then, and nothing besides. */
  readonly exact: boolean;
  /** Where digests are kept between two runs. */
  readonly cache: string | undefined;
};

export type Pulling = { readonly client: Client; readonly terminal: Terminal; readonly hashing: Hashing };

export type PulledTarget = {
  /** Files that the service sent, and their bytes. */
  readonly fetched: number;
  readonly fetchedBytes: number;
  /** Files that the cache of DVC had. */
  readonly cached: number;
  readonly removed: number;
  readonly folder: string;
};

/**
 * Pulls a version into a folder, under its own name as `dvc pull` would lay it. What lies there and is what it
 * should be stays, so that a pull that was cut short goes on where it ended. In a repository of DVC its cache is looked
 * into first, and what a `.dvc` file tracks is kept there.
 * @throws TidemarkError `conflict` when it would write over bytes that the project does not hold.
 */
export async function pullTarget(
  { client, terminal, hashing }: Pulling,
  target: Target,
  options: PullOptions,
): Promise<PulledTarget> {
  const base = resolve(options.to ?? (target.pointer === undefined ? '.' : dirname(target.pointer)));
  const root = target.isFolder ? join(base, target.path) : base;
  const place = join(base, target.path);
  const index = openDigestIndex(options.cache, place);
  const local = await findLocal(target.files, { root, index, hashing });
  const absent = target.files.flatMap((file): WantedFile[] => {
    const found = local.get(file);
    if (found?.md5 === file.md5) return [];
    // What was not looked at must not go: by force alone what others do meanwhile is theirs to lose.
    return [found === undefined || options.force ? file : { ...file, over: found.local.stamp }];
  });
  const folders = foldersOf(root, target);
  const extra = options.exact && target.isFolder ? await findExtra(root, { target, hashing, folders }) : [];
  const replaced = [...local].flatMap(([file, found]) => (found.md5 === file.md5 ? [] : [found]));
  if (!options.force) await refuseLoss(client, [...replaced, ...extra]);
  for (const { local: file } of extra) removeFile(root, file, options.force);
  const standing: Standing[] = target.files.flatMap((file) => {
    const kept = local.get(file);
    return kept?.md5 === file.md5 ? [{ ...kept.local, md5: file.md5 }] : [];
  });
  const onFile = ({ path, size, md5 }: TargetFile, stamp: string): void => {
    standing.push({ path, file: join(root, path), size, stamp, md5, settled: true });
  };
  // Below the base, for the version's own name is foreign too.
  const prefix = target.isFolder ? `${target.path}/` : '';
  const cache = openDvcCache(base);
  const cached =
    cache === null ? new Set<WantedFile>() : await takeCached(cache, absent, { hashing, base, prefix, onFile });
  const missing = absent.filter((file) => !cached.has(file));
  const wanted = new Set(missing.map((file) => file.md5));
  const parts = sweepParts(folders, { wanted, everything: options.exact, now: Date.now() });
  const total = sizeOf(missing);
  const onBelow = (file: TargetFile, stamp: string): void =>
    onFile({ ...file, path: file.path.slice(prefix.length) }, stamp);
  try {
    const below = missing.map((file) => ({ ...file, path: prefix + file.path }));
    const onBytes = watch(terminal, 'pulling', total);
    await fetchFiles({ client, base, parts, onBytes, onFile: onBelow }, below);
  } finally {
    if (absent.length > 0) index.save(standing.filter((file) => file.settled));
  }
  // There is no file that would bring it along.
  if (target.isFolder && target.files.length === 0) prepareFolder(base, target.path);
  if (target.isExecutable === true && !target.isFolder) makeExecutable(place);
  // What DVC 2 named lies in another part of the cache, under another name.
  const isTracked = target.pointer !== undefined ? target.isLegacy !== true : existsSync(`${place}.dvc`);
  if (cache !== null && isTracked) {
    await keepTarget({ client, terminal }, cache, { target, standing });
  }
  const counts = { fetched: missing.length, fetchedBytes: total, cached: cached.size, removed: extra.length };
  return { ...counts, folder: root };
}

type Standing = IndexedFile & Pick<LocalFile, 'file' | 'settled'>;

/** The folders that the files lie in. */
function foldersOf(root: string, { files }: Target): Set<string> {
  const names = new Set(files.map(({ path }) => path.slice(0, Math.max(path.lastIndexOf('/'), 0))));
  return new Set([...names].map((name) => join(root, name)));
}

type Found = { readonly local: LocalFile; readonly md5: string };

/** What lies under the names of the files, with its digests. */
async function findLocal(
  files: readonly TargetFile[],
  given: { root: string; index: DigestIndex; hashing: Hashing },
): Promise<Map<TargetFile, Found>> {
  const found = new Map<TargetFile, Found>();
  const unknown = new Map<LocalFile, TargetFile>();
  // Where there is no folder yet, its files need not be looked for one by one.
  if (!existsSync(given.root)) return found;
  const find = fileFinder(given.root, Date.now());
  for (const file of files) {
    const local = find(file.path);
    if (local === null) continue;
    const md5 = given.index.find(local);
    if (md5 === undefined) unknown.set(local, file);
    else found.set(file, { local, md5 });
  }
  await digestFiles(given.hashing, [...unknown.keys()], (local, md5) => {
    const file = unknown.get(local);
    if (file !== undefined) found.set(file, { local, md5 });
  });
  return found;
}

/** Files below the folder that the version has not, with their digests. Folders with parts of files are added. */
async function findExtra(
  root: string,
  given: { target: Target; hashing: Hashing; folders: Set<string> },
): Promise<Found[]> {
  const { target, hashing, folders } = given;
  const wanted = new Set(target.files.map((file) => file.path));
  const here = findFiles(root, Date.now(), (folder) => folders.add(folder));
  const extra = here.filter((file) => !wanted.has(file.path));
  const found: Found[] = [];
  await digestFiles(hashing, extra, (local, md5) => {
    found.push({ local, md5 });
  });
  return found;
}

/** Takes a file away, and the folders that have nothing left in them. */
function removeFile(root: string, { file, stamp }: LocalFile, force: boolean): void {
  if (!force && isChanged(file, stamp)) throw changedWhilePulled(file);
  rmSync(file, { force: true });
  for (let folder = dirname(file); folder.length > root.length; folder = dirname(folder)) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
  }
}

async function refuseLoss(client: Client, replaced: readonly Found[]): Promise<void> {
  const lost = await surveyMissing(
    client,
    replaced.map(({ local: { size }, md5 }) => ({ oid: md5, size })),
  );
  const first = replaced.find(({ md5 }) => lost.has(md5));
  if (first === undefined) return;
  const others = replaced.filter(({ md5 }) => lost.has(md5)).length - 1;
  throw new TidemarkError(
    'conflict',
    `${first.local.file}${others > 0 ? ` and ${others} more` : ''} would be lost: the project does not hold these bytes. Push them first, or repeat this with --force.`,
  );
}

const sizeOf = (files: readonly TargetFile[]): number => files.reduce((sum, file) => sum + file.size, 0);
