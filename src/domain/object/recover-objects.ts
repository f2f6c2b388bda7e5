import type { Oid } from '../../dvc/hash.ts';
import { TidemarkError } from '../../errors.ts';
import { lockForHolding, takeBack } from '../../store/inventory/object-tombstones.ts';
import { findHealthyObjects, findObject, type HealthyObject } from '../../store/inventory/objects.ts';
import { type Db, transact } from '../../store/postgres/db.ts';

/** Takes those of the objects that are in the trash out of it. @returns them; an oid that was not there is left out. */
export async function recoverObjects(db: Db, projectId: number, oids: readonly Oid[]): Promise<HealthyObject[]> {
  if (oids.length === 0) return [];
  return transact(db, async (tx) => {
    await lockForHolding(tx);
    const back = await takeBack(tx, projectId, oids);
    return [...(await findHealthyObjects(tx, projectId, back)).values()];
  });
}

/**
 * Sees to it that the object is held when the caller's transaction names it, whatever was given up since it was looked
 * up; nobody can give it up from here to the end of the transaction.
 * @throws TidemarkError `store-unavailable` when its bytes are gone or going.
 */
export async function requireHeld(tx: Db, projectId: number, oid: Oid): Promise<void> {
  await lockForHolding(tx);
  if ((await findObject(tx, projectId, oid)) !== null) return;
  if ((await takeBack(tx, projectId, [oid])).length === 1) return;
  throw new TidemarkError('store-unavailable', `The object ${oid} was removed a moment ago. Send it again.`, {
    retryAfter: 1,
  });
}
