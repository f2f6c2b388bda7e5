import type { Context } from '../../context.ts';
import {
  createDigester,
  createLegacyDigester,
  isDirectoryOid,
  type LegacyDigests,
  md5OfOid,
  type Oid,
  oidOfMd5,
} from '../../dvc/hash.ts';
import type { Layout } from '../../dvc/path.ts';
import { parseTree, TREE_LIMITS, type TreeEntry } from '../../dvc/tree.ts';
import { isTidemarkError } from '../../errors.ts';
import { findLegacyName, findSickLegacyNames } from '../../store/inventory/legacy-names.ts';
import type { Ownership } from '../../store/inventory/object-owners.ts';
import { findHealthyObjects } from '../../store/inventory/objects.ts';
import { createBlockSummer, type SummedDigests } from '../../store/objects/block-sums.ts';
import type { Db } from '../../store/postgres/db.ts';
import type { ListedObject } from '../../store/remotes/remote.ts';
import type { Finding } from '../../store/storage/storage-runs.ts';
import { byRun } from '../access/audit.ts';
import { bindObject, type Storable } from '../object/bind-object.ts';
import { bindLegacyName } from '../object/legacy-objects.ts';
import { quarantineHeld } from '../object/quarantine.ts';
import { bindManifest } from '../object/store-manifest.ts';
import { judgeObject } from './read-bytes.ts';

/** What became of one object that lies in the remote; `apply` is written with the step. */
export type Adoption = {
  /** `known`, `registered`, `healed`, `passed` (in the trash, or of another project), or what is wrong with it. */
  readonly outcome: string;
  /** Bytes that were read for it. */
  readonly read: number;
  readonly finding?: Finding;
  /** Becomes the project's, together with the others of the step. */
  readonly stored?: Storable;
  readonly apply?: (tx: Db) => Promise<void>;
};

type Adopting = Pick<Context, 'db' | 'remote' | 'log'>;
type Found = { readonly listed: ListedObject; readonly layout: Layout; readonly owners: readonly Ownership[] };

/**
 * Looks at an object that lies in the remote. Whoever has it already keeps it; what nobody has is read whole, and if
 * its bytes bear out its name it becomes an object of the project, where it lies. A store's own ETag would prove an
 * MD5 at most, and only of what was once uploaded, so it is never taken for a reading.
 */
export async function adopt(ctx: Adopting, projectId: number, found: Found): Promise<Adoption> {
  const own = found.owners.find((owner) => owner.projectId === projectId);
  if (own?.state === 'held' && found.layout === 'files-md5') return lookAgain(ctx, projectId, found.listed, own);
  if (own?.state === 'trashed' || own?.state === 'removing') return PASSED;
  // What another project holds is its own, though its bytes lie in the same place.
  if (found.owners.some((owner) => owner.projectId !== projectId && owner.state !== 'removed')) return PASSED;
  return found.layout === 'legacy' ? adoptLegacy(ctx, projectId, found) : adoptNamed(ctx, projectId, found, own);
}

const PASSED: Adoption = { outcome: 'passed', read: 0 };
const KNOWN: Adoption = { outcome: 'known', read: 0 };

async function lookAgain(ctx: Adopting, projectId: number, listed: ListedObject, own: Ownership): Promise<Adoption> {
  if (!own.quarantined && own.size === listed.size) return KNOWN;
  const summer = createBlockSummer();
  const health = await judgeObject(ctx, own, summer);
  if (health === 'good') {
    const { oid, sha256, size } = own;
    const stored = { oid, sha256, size, blockSums: summer.sums(), by: byRun({ projectId }, 'scan') };
    const apply = async (tx: Db) => void (await bindObject(tx, ctx, projectId, stored));
    return { outcome: own.quarantined ? 'healed' : 'known', read: own.size, apply };
  }
  // Good bytes may have come while these were read.
  const read = own.verifiedAt === null ? { oid: own.oid } : { oid: own.oid, seen: own.verifiedAt };
  const apply = (tx: Db): Promise<void> => quarantineHeld(tx, ctx, byRun({ projectId }, 'scan'), read);
  return { ...wrong(own.oid, health, 'the stored bytes are not those that were accepted'), read: listed.size, apply };
}

async function adoptNamed(
  ctx: Adopting,
  projectId: number,
  { listed }: Found,
  own: Ownership | undefined,
): Promise<Adoption> {
  const bytes = await readListed(ctx, listed, 'files-md5');
  if (bytes === null) return { outcome: 'gone', read: 0 };
  const { md5, sha256, size, blockSums } = bytes.digests;
  if (md5 !== md5OfOid(listed.oid)) {
    return { ...wrong(listed.oid, 'corrupt', `the MD5 of the stored bytes is ${md5}`), read: size };
  }
  if (own !== undefined && own.sha256 !== sha256) {
    return { ...wrong(listed.oid, 'conflict', 'the name is bound to other bytes in this project'), read: size };
  }
  return register(ctx, projectId, { oid: listed.oid, sha256, size, blockSums, tree: bytes.tree });
}

async function adoptLegacy(ctx: Adopting, projectId: number, { listed }: Found): Promise<Adoption> {
  const known = await findLegacyName(ctx.db, projectId, listed.oid);
  if (known !== null && known.object.quarantinedAt === null) return KNOWN;
  const bytes = await readListed(ctx, listed, 'legacy');
  if (bytes === null) return { outcome: 'gone', read: 0 };
  const { md5, size } = bytes.digests;
  if (bytes.legacy?.md5 !== md5OfOid(listed.oid)) {
    const detail = `the md5-dos2unix of the stored bytes is ${bytes.legacy?.md5}`;
    return { ...wrong(listed.oid, 'corrupt', detail), read: size };
  }
  const members = bytes.tree === null ? null : namesIn(bytes.tree);
  // A folder of DVC 2 whose files have other names today is no folder of DVC 3: it is kept as the file that it is.
  const folder = members !== null && (await heldAsNamed(ctx, projectId, members));
  if (members !== null && !folder) {
    const [sick] = await findSickLegacyNames(ctx.db, projectId, members, 1);
    if (sick !== undefined || members.length === 0) return { ...unusable(listed.oid, sick), read: size };
  }
  const oid = oidOfMd5(md5, folder);
  const name = { projectId, name: listed.oid, oid, unixSha256: bytes.legacy.sha256, members };
  return nameAdopted(ctx, projectId, { ...bytes.digests, oid, name, tree: folder ? bytes.tree : null });
}

function unusable(oid: Oid, sick: Oid | undefined) {
  if (sick === undefined) return wrong(oid, 'invalid-manifest', 'it is no directory manifest with entries');
  return wrong(oid, 'incomplete', `not all of its files are there and good, first ${sick}`);
}

async function heldAsNamed(ctx: Adopting, projectId: number, names: readonly Oid[]): Promise<boolean> {
  return (await findHealthyObjects(ctx.db, projectId, names)).size === names.length && names.length > 0;
}

type Named = Registering & { readonly name: Parameters<typeof bindLegacyName>[1] };

/** Gives what lies under a legacy name its own, and has the legacy one stand for it. */
async function nameAdopted(ctx: Adopting, projectId: number, object: Named): Promise<Adoption> {
  const { oid, sha256, size, name } = object;
  const bindName = async (tx: Db) => void (await bindLegacyName(tx, name));
  const held = (await findHealthyObjects(ctx.db, projectId, [oid])).get(oid);
  if (held !== undefined) {
    if (held.sha256 === sha256) return { ...KNOWN, read: size, apply: bindName };
    const detail = `the name ${oid} is bound to other bytes in this project`;
    return { ...wrong(name.name, 'conflict', detail), read: size };
  }
  const before = await ctx.remote.stat(oid);
  if (before === null) await ctx.remote.adoptLegacy(name.name, oid);
  else if (before.size !== size || (await judgeObject(ctx, { oid, sha256, size })) !== 'good') {
    return { ...wrong(name.name, 'corrupt', `what lies at ${oid} is not a copy of it`), read: size };
  }
  const { apply, stored, ...adoption } = await register(ctx, projectId, object);
  if (apply === undefined && stored === undefined) return adoption;
  return {
    ...adoption,
    apply: async (tx) => {
      await apply?.(tx);
      if (stored !== undefined) await bindObject(tx, ctx, projectId, stored);
      await bindName(tx);
    },
  };
}

type Registering = Pick<SummedDigests, 'sha256' | 'size' | 'blockSums'> & { oid: Oid; tree: Uint8Array | null };

async function register(ctx: Adopting, projectId: number, object: Registering): Promise<Adoption> {
  const { oid, sha256, size, blockSums, tree } = object;
  const stored = { oid, sha256, size, blockSums, origin: 'scanned' as const };
  if (tree === null) return { outcome: 'registered', read: size, stored };
  const entries = entriesOf(tree);
  if (typeof entries === 'string') return { ...wrong(oid, 'invalid-manifest', entries), read: size };
  const names = [...new Set(entries.map((entry) => entry.md5))];
  const held = await findHealthyObjects(ctx.db, projectId, names);
  const missing = names.filter((md5) => !held.has(md5));
  if (missing.length > 0) {
    const detail = `${missing.length} of its ${names.length} files are not there or corrupt, first ${missing[0]}`;
    return { ...wrong(oid, 'incomplete', detail), read: size };
  }
  const apply = async (tx: Db) => void (await bindManifest(tx, ctx, { projectId, stored, entries }));
  return { outcome: 'registered', read: size, apply };
}

/** The names in a manifest; none when it is no manifest, which its registration will say. */
function namesIn(tree: Uint8Array): Oid[] {
  const entries = entriesOf(tree);
  return typeof entries === 'string' ? [] : [...new Set(entries.map((entry) => entry.md5))];
}

/** The entries, or what is wrong with the manifest. */
function entriesOf(bytes: Uint8Array): TreeEntry[] | string {
  try {
    return parseTree(bytes);
  } catch (error) {
    if (isTidemarkError(error)) return error.message;
    throw error;
  }
}

const wrong = (oid: Oid, code: string, detail: string) => ({ outcome: code, finding: { code, oid, detail } });

type ReadListed = {
  readonly digests: SummedDigests;
  readonly legacy: LegacyDigests | null;
  /** The bytes of a manifest. */
  readonly tree: Uint8Array | null;
};

/** Reads an object whole; null when it went away meanwhile. */
async function readListed(ctx: Adopting, { oid, size }: ListedObject, layout: Layout): Promise<ReadListed | null> {
  const digester = createDigester();
  const summer = createBlockSummer();
  const legacy = layout === 'legacy' ? createLegacyDigester() : null;
  // A manifest beyond the limit is judged by its digest and refused by its size.
  const parts: Uint8Array[] | null = isDirectoryOid(oid) && size <= TREE_LIMITS.maxBytes ? [] : null;
  try {
    const source = layout === 'legacy' ? await ctx.remote.readLegacy(oid) : await ctx.remote.read(oid);
    for await (const chunk of source) {
      digester.update(chunk);
      summer.update(chunk);
      legacy?.update(chunk);
      parts?.push(chunk);
    }
  } catch (error) {
    if (isTidemarkError(error, 'not-found')) return null;
    throw error;
  }
  const tree = isDirectoryOid(oid) ? Buffer.concat(parts ?? []) : null;
  return { digests: { ...digester.digest(), blockSums: summer.sums() }, legacy: legacy?.digest() ?? null, tree };
}
