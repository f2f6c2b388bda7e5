import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { quarantineObject } from '../../store/inventory/objects.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { type Doer, note } from '../access/audit.ts';

/**
 * Sets an object aside whose bytes are wrong or lost: it is not served again until good bytes come. Where they came
 * while the wrong ones were read, nothing is done.
 * @param met who met them, for the audit.
 * @param read the object as it was known when it was read; without `verifiedAt` whatever came since.
 */
export async function quarantine(
  ctx: Pick<Context, 'db' | 'log'>,
  met: Doer,
  { oid, verifiedAt: seen }: { readonly oid: Oid; readonly verifiedAt?: Date },
): Promise<void> {
  await transact(ctx.db, (tx) => quarantineHeld(tx, ctx, met, seen === undefined ? { oid } : { oid, seen }));
}

/**
 * As `quarantine`, in the caller's transaction; the receivers of the project are told once. With `seen`, nothing is
 * done when good bytes came since the object was verified at that time.
 */
export async function quarantineHeld(
  tx: Db,
  ctx: Pick<Context, 'log'>,
  met: Doer,
  object: { readonly oid: Oid; readonly seen?: Date },
): Promise<void> {
  const { oid, seen } = object;
  const { projectId } = met;
  if (!(await quarantineObject(tx, projectId, oid, seen))) return;
  await note(tx, met, { action: 'object.quarantined', subject: oid });
  ctx.log.error({ project: projectId, oid }, 'object is corrupt or lost and was quarantined');
  await enqueue(tx, { name: 'announce-quarantine', key: `object:${projectId}:${oid}`, payload: { projectId, oid } });
}
