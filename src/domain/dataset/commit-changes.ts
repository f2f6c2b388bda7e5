import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { buildTree, checkTree, readTree, type Tree, type TreeEntry, treeOf } from '../../dvc/tree.ts';
import { type ChangedTree, changeTree, type TreeChanges } from '../../dvc/tree-changes.ts';
import { TidemarkError } from '../../errors.ts';
import { findHealthyObjects } from '../../store/inventory/objects.ts';
import { contentRoot } from '../object/content-root.ts';
import { heldObject } from '../object/held-object.ts';
import { readManifest } from '../object/manifest-cache.ts';
import { changedDigests, keepMemberDigests, memberDigests, SHA256_DIGITS } from '../object/member-digests.ts';
import { bindManifest, type Members, putManifest, requireMembers } from '../object/store-manifest.ts';
import type { Prepared } from './prepared.ts';

/** A folder as another one that the project holds, and what differs. */
export type FolderChanges = TreeChanges & {
  /** The manifest of the other one. */
  readonly from: Oid;
  /** What the folder's own manifest has to be called. */
  readonly to: Oid;
};

type Given = { readonly path: string; readonly changes: FolderChanges };

/**
 * Prepares a folder by its changes. What comes of it is what all of its files together would have made; of these only
 * the changed ones are looked up.
 * @throws TidemarkError `not-found` and `object-corrupt` of the other folder, `invalid-body`, `invalid-manifest`,
 * `missing-children`, and `digest-mismatch` when the changes lead to another name than was given.
 */
export async function prepareChanges(
  ctx: Pick<Context, 'db' | 'remote' | 'log'>,
  projectId: number,
  { path, changes }: Given,
): Promise<Prepared> {
  const base = await heldObject(ctx, projectId, changes.from);
  const before = readTree(await readManifest(ctx, base));
  const changed = changeTree(before, changes);
  const tree = judged(changed, changes);
  const gone = changed.gone.flatMap((position) => before[position] ?? []);
  const [known, put, lost] = await Promise.all([
    memberDigests(ctx, base),
    requireMembers(ctx.db, projectId, changes.put),
    findHealthyObjects(ctx.db, projectId, [...new Set(gone.map(({ md5 }) => md5))]),
  ]);
  if (known.sha256s.length !== before.length * SHA256_DIGITS) throw new Error(`members of ${base.oid} vanished`);
  const stored = await putManifest(ctx, tree.bytes);
  const { entries } = changed;
  const sha256s = changedDigests(known, changed, put);
  const bytes = known.bytes - sizeOf(gone, lost) + sizeOf(changes.put, put);
  keepMemberDigests(ctx, { projectId, sha256: tree.sha256 }, { sha256s: sha256s.join(''), bytes });
  const sha256Root = contentRoot(entries.map(({ relpath }, i) => ({ path: relpath, sha256: sha256s[i] ?? '' })));
  return {
    contents: { oid: tree.oid, path, files: entries.length, bytes, sha256Root, provenance: { kind: 'commit' } },
    bind: async (tx) => {
      await bindManifest(tx, ctx, { projectId, stored, entries });
    },
  };
}

/** A base was judged when it was accepted: new bytes under its paths, or fewer of them, change nothing in that. */
function judged(changed: ChangedTree, { put, to }: FolderChanges): Tree {
  if (changed.added === 0) checkTree(put);
  const tree = changed.added === 0 ? treeOf(changed.entries) : buildTree(changed.entries);
  if (tree.oid === to) return tree;
  throw new TidemarkError(
    'digest-mismatch',
    `The changed folder is ${tree.oid}, announced was ${to}; nothing was stored.`,
    { details: { expected: { oid: to }, actual: { oid: tree.oid } } },
  );
}

const sizeOf = (entries: readonly TreeEntry[], members: Members): number =>
  entries.reduce((sum, { md5 }) => sum + (members.get(md5)?.size ?? 0), 0);
