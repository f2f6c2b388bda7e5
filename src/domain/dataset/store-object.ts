import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { TidemarkError } from '../../errors.ts';
import { listVersionsOfObject } from '../../store/datasets.ts';
import { enqueue } from '../../store/jobs.ts';
import { dropTombstone, type TombstoneRow } from '../../store/object-tombstones.ts';
import { digestConflict } from '../../store/objects/object-failure.ts';
import { holdObject, holdObjects, type ObjectRow } from '../../store/objects.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import type { Expectation, StoredObject } from '../../store/remotes/remote.ts';

/** What else is to be written when an object has become one of the project, in the same transaction. */
export type Alongside = (tx: Db, held: HeldObject) => Promise<void>;

export type StoreObjectOptions = {
  readonly expect?: Expectation | undefined;
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
  readonly alongside?: Alongside | undefined;
};

export type HeldObject = {
  readonly oid: Oid;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** The project held it, healthy, before. */
  readonly existed: boolean;
};

/**
 * Takes bytes in one pass and makes them an object of the project: bytes durable first, then the row.
 * Good bytes under a quarantined name heal it.
 * @throws TidemarkError what `ObjectRemote.put` throws; `digest-conflict` when the project has bound the name
 * to other bytes.
 */
export async function storeObject(
  ctx: Pick<Context, 'db' | 'remote'>,
  projectId: number,
  source: AsyncIterable<Uint8Array>,
  options: StoreObjectOptions,
): Promise<HeldObject> {
  const stored = await ctx.remote.put(source, options);
  return transact(ctx.db, async (tx) => {
    const held = await bindObject(tx, ctx, projectId, stored);
    await options.alongside?.(tx, held);
    return held;
  });
}

/**
 * Makes stored bytes an object of the project, in the caller's transaction.
 * @throws TidemarkError `digest-conflict`; `store-unavailable` when the bytes are being removed at this moment.
 */
export async function bindObject(
  tx: Db,
  ctx: Pick<Context, 'remote'>,
  projectId: number,
  stored: Pick<StoredObject, 'oid' | 'sha256' | 'size'> & { readonly origin?: ObjectRow['origin'] },
): Promise<HeldObject> {
  const { oid, sha256, size, origin = 'received' } = stored;
  const held = await holdObject(tx, { projectId, oid, sha256, size, origin });
  if (held === null) throw digestConflict(oid);
  if (held.tombstones.length > 0) await outlive(tx, ctx, { projectId, oid, size, tombstones: held.tombstones });
  // What could not be read while the bytes were bad can be read now.
  if (held.healed) await profileVersionsOf(tx, projectId, oid);
  return { oid, sha256, size, existed: held.existed };
}

/**
 * Makes stored objects the project's, in the caller's transaction.
 * @returns how many of them it did not hold before.
 * @throws TidemarkError as `bindObject`.
 */
export async function bindObjects(
  tx: Db,
  ctx: Pick<Context, 'remote'>,
  projectId: number,
  stored: readonly Pick<StoredObject, 'oid' | 'sha256' | 'size'>[],
): Promise<number> {
  const { created, healed, conflicts, tombstones } = await holdObjects(tx, projectId, stored);
  if (conflicts[0] !== undefined) throw digestConflict(conflicts[0]);
  for (const { oid, size } of stored) {
    const buried = tombstones.get(oid);
    if (buried !== undefined) await outlive(tx, ctx, { projectId, oid, size, tombstones: buried });
  }
  for (const oid of healed) await profileVersionsOf(tx, projectId, oid);
  return created.size;
}

type Buried = { projectId: number; oid: Oid; size: number; tombstones: readonly TombstoneRow[] };

/**
 * An object that somebody gave up is held again. Its bytes may have been judged there just before they were removed,
 * so that they are looked for once more; none can be removed from here to the end of the transaction.
 */
async function outlive(tx: Db, ctx: Pick<Context, 'remote'>, { projectId, oid, size, tombstones }: Buried) {
  if (tombstones.some(({ state }) => state === 'removing')) throw goingAway(oid);
  const removed = tombstones.some(({ state }) => state === 'removed');
  if (removed && (await ctx.remote.stat(oid))?.size !== size) throw goingAway(oid);
  await dropTombstone(tx, projectId, oid);
}

function goingAway(oid: Oid): TidemarkError {
  return new TidemarkError('store-unavailable', `The old bytes of ${oid} are just being removed. Send it again.`, {
    retryAfter: 1,
  });
}

/** Has the versions that the object is part of read again. */
export async function profileVersionsOf(tx: Db, projectId: number, oid: Oid): Promise<void> {
  for (const versionId of await listVersionsOfObject(tx, projectId, oid)) {
    await enqueue(tx, { name: 'profile-version', key: `version:${versionId}`, payload: { versionId } });
  }
}
