import type { Context } from '../../context.ts';
import type { ChangedTree } from '../../dvc/tree-changes.ts';
import { type MemberDigests, type ObjectRow, readMemberDigests } from '../../store/inventory/objects.ts';
import type { ObjectRemote } from '../../store/remotes/remote.ts';
import { ByteCache } from './manifest-cache.ts';
import type { Members } from './store-manifest.ts';

export const SHA256_DIGITS = 64;

/** What all that is kept may take: some 250,000 members. */
const KEPT_BYTES = 16 * 1024 ** 2;

type Kept = MemberDigests & { readonly byteLength: number };

const caches = new WeakMap<ObjectRemote, ByteCache<Kept>>();

function cacheOf({ remote }: Pick<Context, 'remote'>): ByteCache<Kept> {
  const cache = caches.get(remote) ?? new ByteCache<Kept>(KEPT_BYTES);
  caches.set(remote, cache);
  return cache;
}

const kept = (digests: MemberDigests): Kept => ({ ...digests, byteLength: digests.sha256s.length });

/** The names of objects are bound to their digests for ever, in each project to its own. */
const nameOf = (projectId: number, manifestSha256: string): string => `${projectId} ${manifestSha256}`;

/** What proves the members of a manifest, in its order. */
export function memberDigests(
  ctx: Pick<Context, 'db' | 'remote'>,
  manifest: Pick<ObjectRow, 'projectId' | 'oid' | 'sha256'>,
): Promise<MemberDigests> {
  const name = nameOf(manifest.projectId, manifest.sha256);
  return cacheOf(ctx).get(name, async () => kept(await readMemberDigests(ctx.db, manifest)));
}

/** Keeps them of a manifest that was just made, for what will be made of it. */
export function keepMemberDigests(
  ctx: Pick<Context, 'remote'>,
  manifest: Pick<ObjectRow, 'projectId' | 'sha256'>,
  digests: MemberDigests,
): void {
  const name = nameOf(manifest.projectId, manifest.sha256);
  void cacheOf(ctx).get(name, async () => kept(digests));
}

/** The SHA-256 of each entry of a changed tree: the base's where nothing has changed, that of its new object elsewhere. */
export function changedDigests(base: MemberDigests, tree: ChangedTree, put: Members): string[] {
  return tree.entries.map(({ md5 }, i) => {
    const origin = tree.origins[i] ?? -1;
    if (origin >= 0) return base.sha256s.slice(origin * SHA256_DIGITS, (origin + 1) * SHA256_DIGITS);
    const row = put.get(md5);
    if (row === undefined) throw new Error(`member ${md5} vanished`);
    return row.sha256;
  });
}
