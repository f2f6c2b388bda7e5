import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { TidemarkError } from '../../errors.ts';
import { listVersionsOfObject } from '../../store/dataset/datasets.ts';
import { keepBlockSums } from '../../store/inventory/block-sums.ts';
import { dropTombstone, type TombstoneRow } from '../../store/inventory/object-tombstones.ts';
import { holdObject, holdObjects, type ObjectRow } from '../../store/inventory/objects.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { digestConflict } from '../../store/objects/object-failure.ts';
import type { Db } from '../../store/postgres/db.ts';
import type { StoredObject } from '../../store/remotes/remote.ts';
import { byItself, type Doer, note } from '../access/audit.ts';

export type HeldObject = {
  readonly oid: Oid;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** The project held it, healthy, before. */
  readonly existed: boolean;
};

/** Stored bytes, and who brought them: `received` where nothing is said. */
export type Storable = Pick<StoredObject, 'oid' | 'sha256' | 'size'> &
  Partial<Pick<StoredObject, 'blockSums'>> & {
    readonly origin?: ObjectRow['origin'];
    /** Whose bytes they are, for the audit; the service's own when absent. */
    readonly by?: Doer;
  };

/** What else is to be written when objects have become the project's, in the same transaction. */
export type Alongside = {
  /** Where it is the same, `write` of any one does for the objects of all. */
  readonly key: string;
  readonly write: (tx: Db, held: readonly HeldObject[]) => Promise<void>;
};

/**
 * Makes stored bytes an object of the project, in the caller's transaction.
 * @throws TidemarkError `digest-conflict`; `store-unavailable` when the bytes are being removed at this moment.
 */
export async function bindObject(
  tx: Db,
  ctx: Pick<Context, 'remote'>,
  projectId: number,
  stored: Storable,
): Promise<HeldObject> {
  const { oid, sha256, size, origin = 'received', by = byItself(projectId) } = stored;
  const held = await holdObject(tx, { projectId, oid, sha256, size, origin });
  if (held === null) throw digestConflict(oid);
  if (held.tombstones.length > 0) await outlive(tx, ctx, { projectId, oid, size, tombstones: held.tombstones });
  await keepBlockSums(tx, projectId, [stored]);
  // What could not be read while the bytes were bad can be read now.
  if (held.healed) await noteHealed(tx, by, oid);
  return { oid, sha256, size, existed: held.existed };
}

/**
 * Makes stored objects the project's, in the caller's transaction.
 * @returns them in their order, and how many of them it did not hold before.
 * @throws TidemarkError as `bindObject`.
 */
export async function bindObjects(
  tx: Db,
  ctx: Pick<Context, 'remote'>,
  projectId: number,
  stored: readonly Storable[],
): Promise<{ held: HeldObject[]; created: number }> {
  const { created, healed, conflicts, tombstones } = await holdObjects(tx, projectId, stored);
  if (conflicts[0] !== undefined) throw digestConflict(conflicts[0]);
  for (const { oid, size } of stored) {
    const buried = tombstones.get(oid);
    if (buried !== undefined) await outlive(tx, ctx, { projectId, oid, size, tombstones: buried });
  }
  await keepBlockSums(tx, projectId, stored);
  for (const oid of healed)
    await noteHealed(tx, stored.find((each) => each.oid === oid)?.by ?? byItself(projectId), oid);
  // Of the same object twice, the first one is the new one.
  const fresh = new Set([...created, ...healed]);
  const held = stored.map(({ oid, sha256, size }) => ({ oid, sha256, size, existed: !fresh.delete(oid) }));
  return { held, created: created.size };
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

/** The bytes of an object are good again: it is noted, and the versions that it is part of are read again. `by`: whose bytes they are, or who found them. */
export async function noteHealed(tx: Db, by: Doer, oid: Oid): Promise<void> {
  await note(tx, by, { action: 'object.healed', subject: oid });
  for (const versionId of await listVersionsOfObject(tx, by.projectId, oid)) {
    await enqueue(tx, { name: 'profile-version', key: `version:${versionId}`, payload: { versionId } });
  }
}
