import { TidemarkError } from '../../errors.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { watch } from '../terminal/terminal.ts';
import { createHashing, digestFiles } from '../transfer/hash-files.ts';
import { findTree, type LocalFile } from '../transfer/local-files.ts';
import { type IndexedFile, openDigestIndex } from './digest-index.ts';
import type { Target, TargetFile } from './target.ts';

/** What a file or folder on this machine differs by from a version. Paths in the order of the version, then others. */
export type Difference = {
  readonly added: readonly LocalEntry[];
  readonly changed: readonly LocalEntry[];
  readonly removed: readonly TargetFile[];
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  readonly same: number;
};

export type LocalEntry = { readonly path: string; readonly md5: string; readonly size: number };

/** Compares what lies at a path with a version. @throws TidemarkError `bad-path` for a file against a folder. */
export async function compareLocal(
  terminal: Terminal,
  path: string,
  given: { target: Target; cache: string | undefined; followLinks?: boolean | undefined },
): Promise<{ entries: LocalEntry[]; difference: Difference }> {
  const entries = await digestLocal(terminal, path, given);
  return { entries, difference: differenceOf(entries, given.target) };
}

/** Every file at a path with its MD5, under the paths that the version would give them. */
async function digestLocal(
  terminal: Terminal,
  path: string,
  given: { target: Target; cache: string | undefined; followLinks?: boolean | undefined },
): Promise<LocalEntry[]> {
  const { target, cache } = given;
  const tree = findTree(path, Date.now(), given.followLinks);
  if (tree.isFolder !== target.isFolder) {
    const kind = (isFolder: boolean): string => (isFolder ? 'a folder' : 'a file');
    throw new TidemarkError('bad-path', `${path} is ${kind(tree.isFolder)}, ${target.name} ${kind(target.isFolder)}.`);
  }
  const index = openDigestIndex(cache, tree.root);
  const md5s = new Map<LocalFile, string>();
  for (const file of tree.files) {
    const md5 = index.find(file);
    if (md5 !== undefined) md5s.set(file, md5);
  }
  const unknown = tree.files.filter((file) => !md5s.has(file));
  const total = unknown.reduce((sum, file) => sum + file.size, 0);
  const onBytes = watch(terminal, 'reading', total);
  await digestFiles(createHashing(), unknown, (file, md5) => {
    md5s.set(file, md5);
    onBytes(file.size);
  });
  if (unknown.length > 0) index.save(settledFiles(md5s));
  // A file's own name is its owner's business, as it is where a version is pulled to.
  const nameOf = (file: LocalFile): string => (tree.isFolder ? file.path : target.path);
  return tree.files.map((file) => ({ path: nameOf(file), md5: md5s.get(file) ?? '', size: file.size }));
}

/** What an index may keep: files whose stamps will tell of any later change. */
export function settledFiles(md5s: ReadonlyMap<LocalFile, string>): IndexedFile[] {
  return [...md5s].flatMap(([file, md5]) => (file.settled ? [{ ...file, md5 }] : []));
}

function differenceOf(entries: readonly LocalEntry[], target: Target): Difference {
  const local = new Map(entries.map((entry) => [entry.path, entry]));
  const wanted = new Set(target.files.map((file) => file.path));
  const changed: LocalEntry[] = [];
  const removed: TargetFile[] = [];
  for (const file of target.files) {
    const entry = local.get(file.path);
    if (entry === undefined) removed.push(file);
    else if (entry.md5 !== file.md5) changed.push(entry);
  }
  const added = entries.filter((entry) => !wanted.has(entry.path));
  const renamed = renamesOf(added, removed);
  const from = new Set(renamed.map((rename) => rename.from));
  const to = new Set(renamed.map((rename) => rename.to));
  return {
    added: added.filter((entry) => !to.has(entry.path)),
    changed,
    removed: removed.filter((file) => !from.has(file.path)),
    renamed,
    same: target.files.length - changed.length - removed.length,
  };
}

/** What is gone under one name and has come under another with the same bytes. */
function renamesOf(added: readonly LocalEntry[], removed: readonly TargetFile[]): { from: string; to: string }[] {
  const gone = new Map<string, string[]>();
  for (const file of removed) gone.set(file.md5, [...(gone.get(file.md5) ?? []), file.path]);
  return added.flatMap((entry) => {
    const from = gone.get(entry.md5)?.shift();
    return from === undefined ? [] : [{ from, to: entry.path }];
  });
}

/** True when nothing differs. */
export function isSame({ added, changed, removed, renamed }: Difference): boolean {
  return added.length + changed.length + removed.length + renamed.length === 0;
}
