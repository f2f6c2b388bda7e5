import type { Context } from '../../context.ts';
import { isTidemarkError } from '../../errors.ts';
import { findProjectById } from '../../store/access/access.ts';
import { trashOrphans } from '../../store/inventory/object-tombstones.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import type { Storable } from './bind-object.ts';

type Stored = {
  readonly projectId: number;
  readonly stored: readonly Storable[];
  /** Does away with what else was stored for the project. */
  readonly giveUp?: (tx: Db) => Promise<void>;
};

/**
 * Runs what makes stored bytes objects of a project, in a transaction of its own. Where that has been erased since they began to come,
 * or what they belong to has and the rest is about to be, they would lie in the remote for ever with nobody to give them up:
 * they go into the trash of the service's own project.
 * @throws what `bind` throws.
 */
export async function bindStored<T>(
  ctx: Pick<Context, 'db'>,
  { projectId, stored, giveUp }: Stored,
  bind: () => Promise<T>,
): Promise<T> {
  try {
    return await bind();
  } catch (error) {
    if (!isTidemarkError(error) && (await isErased(ctx, projectId))) {
      await transact(ctx.db, async (tx) => {
        await trashOrphans(tx, stored);
        await giveUp?.(tx);
      });
    }
    throw error;
  }
}

/** From the first step of the erasure on. */
async function isErased(ctx: Pick<Context, 'db'>, projectId: number): Promise<boolean> {
  const project = await findProjectById(ctx.db, projectId);
  return project === null || project.erasingAt !== null;
}
