import type { Context } from '../../context.ts';
import {
  createLegacyDigester,
  isDirectoryOid,
  type LegacyDigests,
  md5OfOid,
  type Oid,
  parseOid,
} from '../../dvc/hash.ts';
import { parseTree } from '../../dvc/tree.ts';
import { TidemarkError } from '../../errors.ts';
import {
  findLegacyName,
  findSickLegacyNames,
  insertLegacyName,
  listProjectsNaming,
  lockLegacyName,
  lockLegacyNames,
  mapLegacyNames,
  moveLegacyName,
  type NewLegacyName,
} from '../../store/inventory/legacy-names.ts';
import { digestConflict } from '../../store/objects/object-failure.ts';
import { verified } from '../../store/objects/object-verify.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import type { Expectation } from '../../store/remotes/put-options.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { type Alongside, bindObject, type HeldObject, type Storable } from './bind-object.ts';
import { bindStored } from './bind-stored.ts';
import { type OpenableObject, openable } from './objects.ts';
import { withinQuota } from './quota.ts';
import { collectManifest, missingMembers } from './store-manifest.ts';

type Storing = Pick<Context, 'config' | 'db' | 'remote'>;

export type LegacyUpload = {
  /** `md5-dos2unix` of the bytes, with `.dir` for a manifest. */
  readonly name: string;
  readonly source: AsyncIterable<Uint8Array>;
  /** Of the bytes as they are. */
  readonly expect?: Expectation | undefined;
  readonly alongside?: Alongside | undefined;
  readonly origin?: Storable['origin'];
};

/**
 * Takes bytes under the name that DVC 2 gives them. They become an object under their own MD5 as any others, so that
 * they are verified, healed and profiled alike; the legacy name is one more name for it, in the remote too. Bytes that
 * differ from those held only in what `md5-dos2unix` does not count are the same to DVC: the first ones stay.
 * @throws TidemarkError `bad-path`, `digest-mismatch`, `digest-conflict`, `invalid-manifest`, `missing-children`, and
 * what `ObjectRemote.put` throws.
 */
export async function putLegacyObject(ctx: Storing, actor: Actor, upload: LegacyUpload): Promise<HeldObject> {
  requireScope(actor, 'data:write');
  const name = parseOid(upload.name);
  const { projectId } = actor;
  const members = isDirectoryOid(name) ? await manifestOf(ctx, projectId, upload.source) : null;
  const counted = countLegacy(members === null ? upload.source : once(members.bytes), name);
  const { expect } = upload;
  const coming = { size: expect?.size, maxBytes: ctx.config.limits.objectBytes };
  const stored = await withinQuota(ctx, projectId, coming, (maxBytes) =>
    ctx.remote.put(counted.source, { expect, maxBytes }),
  );
  const before = await listProjectsNaming(ctx.db, name);
  await ctx.remote.nameLegacy(stored.oid, name);
  const row = {
    projectId,
    name,
    oid: stored.oid,
    unixSha256: counted.digests().sha256,
    members: members?.names ?? null,
  };
  const giveUp = (tx: Db): Promise<void> => removeUnusedName(tx, ctx, name);
  return bindStored(ctx, { projectId, stored: [stored], giveUp }, () =>
    transact(ctx.db, async (tx) => {
      const { origin } = upload;
      const bound = await bindObject(tx, ctx, projectId, {
        ...stored,
        by: actor,
        ...(origin === undefined ? {} : { origin }),
      });
      const held = { ...bound, existed: await bindLegacyName(tx, row) };
      await requireNaming(tx, name, before);
      await upload.alongside?.write(tx, [held]);
      return held;
    }),
  );
}

type Manifest = { readonly bytes: Uint8Array; readonly names: Oid[] };

async function manifestOf(ctx: Storing, projectId: number, source: AsyncIterable<Uint8Array>): Promise<Manifest> {
  const bytes = await collectManifest(source);
  const entries = parseTree(bytes);
  const names = [...new Set(entries.map((entry) => entry.md5))];
  const missing = await findSickLegacyNames(ctx.db, projectId, names, names.length);
  if (missing.length > 0) throw missingMembers(entries, missing);
  return { bytes, names };
}

/** Takes away what bears a name in the remote that no project has. */
async function removeUnusedName(tx: Db, ctx: Pick<Context, 'remote'>, name: Oid): Promise<void> {
  await lockLegacyNames(tx, [name]);
  if ((await listProjectsNaming(tx, name)).length === 0) await ctx.remote.removeLegacy(name);
}

/**
 * Whoever had the name before has it still: an erased project took away what bears it, perhaps after that was looked at.
 * @throws TidemarkError `store-unavailable`.
 */
async function requireNaming(tx: Db, name: Oid, before: readonly number[]): Promise<void> {
  const now = new Set(await listProjectsNaming(tx, name));
  if (before.every((id) => now.has(id))) return;
  throw new TidemarkError('store-unavailable', `What bore the name ${name} has just been removed. Send it again.`, {
    retryAfter: 1,
  });
}

/** The source, which breaks off instead of ending when its bytes do not have the name. */
function countLegacy(source: AsyncIterable<Uint8Array>, name: Oid) {
  let counted: LegacyDigests | null = null;
  async function* counting(): AsyncGenerator<Uint8Array> {
    const digester = createLegacyDigester();
    for await (const chunk of source) {
      // Before it is handed on: whoever takes it may do away with it.
      digester.update(chunk);
      yield chunk;
    }
    counted = digester.digest();
    if (counted.md5 === md5OfOid(name)) return;
    throw new TidemarkError(
      'digest-mismatch',
      `The md5-dos2unix of what arrived is ${counted.md5}, the name says ${md5OfOid(name)}; nothing was stored.`,
      { details: { expected: { md5: md5OfOid(name) }, actual: { md5: counted.md5 } } },
    );
  }
  const digests = (): LegacyDigests => {
    if (counted === null) throw new Error('the bytes were not read to their end');
    return counted;
  };
  return { source: counting(), digests };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The object that a legacy name stands for. @throws TidemarkError `not-found`. */
export async function modernOid(ctx: Pick<Context, 'db'>, projectId: number, name: Oid): Promise<Oid> {
  return (await requireName(ctx.db, projectId, name)).object.oid;
}

async function requireName(db: Db, projectId: number, name: Oid) {
  const found = await findLegacyName(db, projectId, name);
  if (found !== null) return found;
  throw new TidemarkError('not-found', `This project holds no object ${name} of DVC 2; send it with "dvc push".`);
}

/**
 * The files of a legacy folder under their own MD5, as DVC 3 would list them.
 * @throws TidemarkError `not-found`, and `missing-children` when one of them is not held any more.
 */
export async function modernFiles(
  ctx: Pick<Context, 'db' | 'remote'>,
  projectId: number,
  name: Oid,
): Promise<{ path: string; md5: string }[]> {
  const { object } = await requireName(ctx.db, projectId, name);
  const entries = parseTree(await collectManifest(verified(await ctx.remote.read(object.oid), object)));
  const oids = await mapLegacyNames(ctx.db, projectId, [...new Set(entries.map((entry) => entry.md5))]);
  const missing = [...new Set(entries.map((entry) => entry.md5))].filter((md5) => !oids.has(md5));
  if (missing.length > 0) throw missingMembers(entries, missing);
  return entries.map(({ relpath, md5 }) => ({ path: relpath, md5: oids.get(md5) ?? md5 }));
}

/**
 * Lets a legacy name stand for an object of the project, in the caller's transaction.
 * @returns whether it did so before, for healthy bytes.
 * @throws TidemarkError `digest-conflict` when it stands for other bytes.
 */
export async function bindLegacyName(tx: Db, row: NewLegacyName): Promise<boolean> {
  await lockLegacyNames(tx, [row.name]);
  if (await insertLegacyName(tx, row)) return false;
  const found = await lockLegacyName(tx, row.projectId, row.name);
  if (found === null || found.legacy.unixSha256 !== row.unixSha256) throw digestConflict(row.name);
  if (found.healthy) return true;
  await moveLegacyName(tx, row, row.oid);
  return false;
}

/**
 * An object by its legacy name.
 * @throws TidemarkError `bad-path`, `not-found`, `object-corrupt` (for a folder also when one of its members is).
 */
export async function readLegacyObject(
  ctx: Pick<Context, 'db' | 'remote' | 'log'>,
  actor: Actor,
  name: string,
): Promise<OpenableObject> {
  requireScope(actor, 'data:read');
  const { projectId } = actor;
  const { legacy, object } = await requireName(ctx.db, projectId, parseOid(name));
  const found = await openable(ctx, actor, object.oid, object, isDirectoryOid(name));
  const [sick] = await findSickLegacyNames(ctx.db, projectId, legacy.members ?? [], 1);
  if (sick !== undefined) {
    throw new TidemarkError(
      'object-corrupt',
      `The object ${name} is quarantined: the stored bytes of its member ${sick} are wrong or lost. Push them again.`,
    );
  }
  return found;
}
