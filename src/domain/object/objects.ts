import type { Context } from '../../context.ts';
import { isDirectoryOid, md5OfOid, type Oid, parseOid } from '../../dvc/hash.ts';
import { TidemarkError } from '../../errors.ts';
import {
  findHealthyObjects,
  findObject,
  findSickMember,
  type HealthyObject,
  type HeldFile,
  listMembers,
  type ObjectRow,
} from '../../store/inventory/objects.ts';
import type { Expectation } from '../../store/remotes/put-options.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import type { Doer } from '../access/audit.ts';
import type { Alongside, HeldObject, Storable } from './bind-object.ts';
import { gzipManifest, isKept, LARGEST_KEPT, readManifest } from './manifest-cache.ts';
import { type ByteRange, openObject, requireHealthy } from './open-object.ts';
import { proveObject } from './prove-object.ts';
import { readWhole, WHOLE_BYTES } from './read-whole.ts';
import { storeManifest } from './store-manifest.ts';
import { storeObject } from './store-object.ts';

/**
 * Takes the bytes of an object under its name, which they have to bear out. A manifest is read and judged, and
 * taken only when all its members are held.
 * @throws TidemarkError `bad-path` for a malformed name, `digest-mismatch`, `invalid-manifest`,
 * `missing-children`, and what `storeObject` throws.
 */
export async function putObject(
  ctx: Pick<Context, 'config' | 'db' | 'remote'>,
  actor: Actor,
  given: {
    oid: string;
    source: AsyncIterable<Uint8Array>;
    expect: Expectation;
    alongside?: Alongside | undefined;
    origin?: Storable['origin'];
  },
): Promise<HeldObject> {
  requireScope(actor, 'data:write');
  const oid = parseOid(given.oid);
  const expect = { ...given.expect, md5: md5OfOid(oid) };
  if (given.expect.md5 !== undefined && given.expect.md5 !== expect.md5) {
    throw new TidemarkError('digest-mismatch', `The announced MD5 is not that of the name ${oid}; nothing was stored.`);
  }
  const { source, alongside, origin } = given;
  if (isDirectoryOid(oid)) return storeManifest(ctx, actor, { source, expect, alongside, origin });
  const maxBytes = ctx.config.limits.objectBytes;
  return storeObject(ctx, actor, source, { expect, maxBytes, alongside, origin });
}

/** An object that may be opened, whole or in part. */
export type OpenableObject = {
  readonly row: ObjectRow;
  readonly open: (range?: ByteRange) => Promise<AsyncIterable<Uint8Array>>;
  /** All of its bytes, verified before the first is given; null when they are too many for that. */
  readonly whole: (() => Promise<Uint8Array<ArrayBuffer>>) | null;
  /** Finds out whether all of its bytes are good, for whoever must not be given the beginning of what is not. */
  readonly prove: (now: Date) => Promise<unknown>;
  /** To read it needs no network. */
  readonly near: boolean;
  /** All of its bytes, compressed, verified before that; null for what is better sent as it is. */
  readonly gzip: (() => Promise<Uint8Array<ArrayBuffer>>) | null;
};

/** @throws TidemarkError `bad-path`, `not-found`, `object-corrupt`. */
export async function readObject(
  ctx: Pick<Context, 'db' | 'remote' | 'log'>,
  actor: Actor,
  name: string,
): Promise<OpenableObject> {
  requireScope(actor, 'data:read');
  const oid = parseOid(name);
  return openable(ctx, actor, oid, await findObject(ctx.db, actor.projectId, oid));
}

/**
 * An object as the project knows it, to be opened; `asManifest`: as one that is read often and compresses well, which a
 * folder's list of DVC 2 is, though its object is called as a file's.
 * @throws TidemarkError `not-found` when it knows none (null), `object-corrupt`.
 */
export async function openable(
  ctx: Pick<Context, 'db' | 'remote' | 'log'>,
  reader: Doer,
  oid: Oid,
  row: ObjectRow | null,
  asManifest = isDirectoryOid(oid),
): Promise<OpenableObject> {
  if (row === null) throw new TidemarkError('not-found', `This project holds no object ${oid}.`);
  await requireHealthy(ctx, row);
  if (asManifest && row.size <= LARGEST_KEPT) return openableManifest(ctx, reader, row);
  return {
    row,
    open: (range) => openObject(ctx, { projectId: row.projectId, object: row, range, reader }),
    whole: row.size <= WHOLE_BYTES ? () => readWhole(ctx, row, reader) : null,
    prove: (now) => proveObject(ctx, reader, { object: row, now }),
    near: ctx.remote.near,
    gzip: null,
  };
}

/** Less than that leaves in one packet anyway. */
const WORTH_COMPRESSING = 1024;

/** A manifest is read whole whatever is asked of it, so that a part of it is as good as all. */
function openableManifest(ctx: Pick<Context, 'db' | 'remote' | 'log'>, reader: Doer, row: ObjectRow): OpenableObject {
  const read = () => readManifest(ctx, row, reader);
  return {
    row,
    open: async (range) => asPieces((await read()).subarray(range?.start, range?.end)),
    whole: row.size <= WHOLE_BYTES ? read : null,
    prove: read,
    near: ctx.remote.near || isKept(ctx, row),
    gzip: row.size > WORTH_COMPRESSING ? () => gzipManifest(ctx, row, reader) : null,
  };
}

const PIECE_BYTES = 256 * 1024;

/** In pieces that a slow client takes one by one; each a copy, since whoever sends it does away with it. */
async function* asPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES) yield bytes.slice(at, at + PIECE_BYTES);
}

/** Which of these objects the project holds, healthy; a quarantined one counts as missing, so that it is sent again. */
export async function surveyObjects(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  oids: readonly Oid[],
): Promise<ReadonlyMap<Oid, HealthyObject>> {
  requireScope(actor, 'data:read');
  const held = await findHealthyObjects(ctx.db, actor.projectId, [...new Set(oids)]);
  for (const oid of held.keys()) {
    if (isDirectoryOid(oid) && (await findSickMember(ctx.db, actor.projectId, oid)) !== null) held.delete(oid);
  }
  return held;
}

/**
 * The files that a manifest lists, in its own order.
 * @throws TidemarkError `bad-path` for what is no manifest's name, `not-found`.
 */
export async function readMembers(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { oid: string; after: number; limit: number },
): Promise<HeldFile[]> {
  requireScope(actor, 'data:read');
  const oid = parseOid(given.oid);
  if (!isDirectoryOid(oid)) throw new TidemarkError('bad-path', `${oid} is no directory: its name has no ".dir".`);
  const row = await findObject(ctx.db, actor.projectId, oid);
  if (row === null) throw new TidemarkError('not-found', `This project holds no object ${oid}.`);
  return listMembers(ctx.db, row, given);
}
