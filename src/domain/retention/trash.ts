import type { Context } from '../../context.ts';
import { parseOid } from '../../dvc/hash.ts';
import { TidemarkError } from '../../errors.ts';
import { findDataset, findVersionByNumber, restoreVersion } from '../../store/dataset/datasets.ts';
import { listTrashedObjects, type TrashedObject } from '../../store/inventory/object-tombstones.ts';
import { findObject, type ObjectRow } from '../../store/inventory/objects.ts';
import { transact } from '../../store/postgres/db.ts';
import { listTrashedVersions, type TrashedVersion } from '../../store/storage/version-trash.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { note } from '../access/audit.ts';
import { describeVersion, type VersionDetails } from '../dataset/read.ts';
import { parseRef } from '../dataset/ref.ts';
import { resolveDataset } from '../dataset/resolve.ts';
import { recoverObjects, requireHeld } from '../object/recover-objects.ts';

/** Versions that can be restored, the newest first. */
export async function readTrash(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  page: { before: number; limit: number },
): Promise<TrashedVersion[]> {
  requireScope(actor, 'data:read');
  return listTrashedVersions(ctx.db, actor.projectId, page);
}

/** Objects of no version that can be restored. */
export async function readTrashedObjects(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  page: { readonly after: string; readonly limit: number },
): Promise<TrashedObject[]> {
  requireScope(actor, 'data:read');
  return listTrashedObjects(ctx.db, actor.projectId, page);
}

/**
 * Takes an object out of the trash. Its time begins anew: with nothing that needs it, it may be collected again after
 * that. Restoring one that is held changes nothing.
 * @throws TidemarkError `bad-path`; `not-found`, also when its bytes are gone or going.
 */
export async function restoreTrashedObject(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  name: string,
): Promise<{ readonly object: ObjectRow; readonly created: boolean }> {
  requireScope(actor, 'data:write');
  const oid = parseOid(name);
  const created = await transact(ctx.db, async (tx) => {
    const back = (await recoverObjects(tx, actor.projectId, [oid])).length === 1;
    if (back) await note(tx, actor, { action: 'object.restored', subject: oid });
    return back;
  });
  const object = await findObject(ctx.db, actor.projectId, oid);
  if (object !== null) return { object, created };
  throw new TidemarkError('not-found', `The object ${oid} is neither held nor in the trash; send it again.`);
}

/**
 * Takes a version out of the trash. Restoring one that is not in it changes nothing.
 * @throws TidemarkError `not-found`; `gone` when its time in the trash is over; `bad-request` for a ref that is no
 * number, since tags and names may have moved on.
 */
export async function restoreTrashed(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { dataset: string; ref: string },
): Promise<VersionDetails> {
  requireScope(actor, 'data:write');
  const ref = parseRef(given.ref);
  if (ref.kind !== 'number') {
    throw new TidemarkError('bad-request', 'Name the version to restore by its number, like "v3".');
  }
  // Of a deleted dataset too, which is there again with its version.
  const dataset =
    (await findDataset(ctx.db, actor.projectId, given.dataset)) ??
    (await resolveDataset(ctx.db, actor.projectId, given.dataset));
  const version = await transact(ctx.db, async (tx) => {
    const found = await findVersionByNumber(tx, dataset.id, ref.number);
    if (found === null) throw new TidemarkError('not-found', `The dataset "${dataset.name}" has no v${ref.number}.`);
    if (found.purgedAt !== null) {
      throw new TidemarkError('gone', `The time in which v${ref.number} could be restored is over; push it again.`);
    }
    await requireHeld(tx, actor.projectId, found.oid);
    if (found.trashedAt !== null) {
      await restoreVersion(tx, found);
      await note(tx, actor, { action: 'version.restored', subject: `${dataset.name}@v${found.number}` });
    }
    return { ...found, trashedAt: null };
  });
  return describeVersion(ctx, version);
}
