import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { TidemarkError } from '../../errors.ts';
import { findObject, type ObjectRow } from '../../store/inventory/objects.ts';
import { requireHealthy } from './open-object.ts';
import { recoverObjects } from './recover-objects.ts';

/**
 * An object that the project holds, taken out of the trash where it lies there.
 * @throws TidemarkError `not-found`, `object-corrupt`.
 */
export async function heldObject(ctx: Pick<Context, 'db'>, projectId: number, oid: Oid): Promise<ObjectRow> {
  let row = await findObject(ctx.db, projectId, oid);
  if (row === null && (await recoverObjects(ctx.db, projectId, [oid])).length === 1) {
    row = await findObject(ctx.db, projectId, oid);
  }
  if (row === null) {
    throw new TidemarkError('not-found', `This project holds no object ${oid}; send it with PUT /v1/objects/${oid}.`);
  }
  await requireHealthy(ctx, row);
  return row;
}
