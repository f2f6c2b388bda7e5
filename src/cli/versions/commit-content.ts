import { md5Of, oidOfMd5 } from '../../dvc/hash.ts';
import { serialiseTree } from '../../dvc/tree.ts';
import { isExecutable } from '../dvc/pointer-file.ts';
import type { LocalFile, LocalTree } from '../transfer/local-files.ts';
import type { KnownTree } from './digest-index.ts';

/** A file or folder whose files are all digested. */
export type DigestedTree = {
  readonly tree: LocalTree;
  readonly md5s: ReadonlyMap<LocalFile, string>;
};

/** What a folder's manifest is called. */
export function oidOfFolder({ tree, md5s }: DigestedTree): string {
  const entries = tree.files.map((file) => ({ relpath: file.path, md5: md5s.get(file) ?? '' }));
  return oidOfMd5(md5Of(serialiseTree(entries)), true);
}

/** A file by its one name, a folder by those of its files. */
export function wholeContent({ tree, md5s }: DigestedTree): object {
  const files = tree.files.map((file) => ({ path: file.path, md5: md5s.get(file) ?? '' }));
  return tree.isFolder ? { files } : { oid: files[0]?.md5, executable: isExecutable(tree.root) };
}

/**
 * A folder by as little as says it all to a service that holds what was there before: by its one name where it was
 * pushed before, by what differs from a tree that was; else by its files.
 * @param given.oid the folder's.
 * @param given.unread nothing of it had to be read, so that it may have been pushed as it is.
 */
export function briefContent(
  digested: DigestedTree,
  given: { readonly oid: string; readonly base: KnownTree | null; readonly unread: boolean },
): object {
  const { oid, base, unread } = given;
  if (base === null ? unread : base.oid === oid) return { oid };
  const changes = base === null ? null : changesOf(digested, base);
  return changes === null ? wholeContent(digested) : { changes: { ...changes, to: oid } };
}

/** Null where so much has changed that the files themselves say it as well. */
function changesOf({ tree, md5s }: DigestedTree, { oid: from, files: before }: KnownTree) {
  const put: { path: string; md5: string }[] = [];
  let stayed = 0;
  for (const file of tree.files) {
    const md5 = md5s.get(file) ?? '';
    const known = before.get(file.path);
    if (known !== undefined) stayed++;
    if (known?.md5 !== md5) put.push({ path: file.path, md5 });
  }
  const removed = before.size - stayed;
  if (put.length + removed > tree.files.length / 2) return null;
  const now = new Set(removed === 0 ? [] : tree.files.map(({ path }) => path));
  return { from, put, remove: removed === 0 ? [] : [...before.keys()].filter((path) => !now.has(path)) };
}
