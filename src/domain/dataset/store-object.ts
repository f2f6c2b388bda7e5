import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { listVersionsOfObject } from '../../store/datasets.ts';
import { type Db, transact } from '../../store/db.ts';
import { enqueue } from '../../store/jobs.ts';
import { digestConflict } from '../../store/object-failure.ts';
import { holdObject, holdObjects } from '../../store/objects.ts';
import type { Expectation, StoredObject } from '../../store/remote.ts';

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
    const held = await bindObject(tx, projectId, stored);
    await options.alongside?.(tx, held);
    return held;
  });
}

/** Makes stored bytes an object of the project, in the caller's transaction. */
export async function bindObject(
  tx: Db,
  projectId: number,
  stored: Pick<StoredObject, 'oid' | 'sha256' | 'size'>,
): Promise<HeldObject> {
  const { oid, sha256, size } = stored;
  const held = await holdObject(tx, { projectId, oid, sha256, size });
  if (held === null) throw digestConflict(oid);
  // What could not be read while the bytes were bad can be read now.
  if (held.healed) await profileAgain(tx, await listVersionsOfObject(tx, projectId, oid));
  return { oid, sha256, size, existed: held.existed };
}

/**
 * Makes stored objects the project's, in the caller's transaction.
 * @returns how many of them it did not hold before.
 * @throws TidemarkError `digest-conflict`, as `bindObject`.
 */
export async function bindObjects(
  tx: Db,
  projectId: number,
  stored: readonly Pick<StoredObject, 'oid' | 'sha256' | 'size'>[],
): Promise<number> {
  const { created, healed, conflicts } = await holdObjects(tx, projectId, stored);
  if (conflicts[0] !== undefined) throw digestConflict(conflicts[0]);
  for (const oid of healed) await profileAgain(tx, await listVersionsOfObject(tx, projectId, oid));
  return created.size;
}

async function profileAgain(tx: Db, versionIds: readonly number[]): Promise<void> {
  for (const versionId of versionIds) {
    await enqueue(tx, { name: 'profile-version', key: `version:${versionId}`, payload: { versionId } });
  }
}
