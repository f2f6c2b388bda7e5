import type { Context } from '../../context.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { lockCondemned, type SizedObject } from '../../store/storage/collection.ts';

/** Bytes are removed so many objects at a time, inside of one transaction. */
export const REMOVALS = 200;

type Condemned = { readonly projectId: number; readonly limit?: number };

/**
 * Removes the bytes of condemned objects while their tombstones are locked, and has `note` write that in the same
 * transaction. Ends when no removal is under way any more, also where it fails, or its connection is lost and the
 * locks with it: one that came late would take what a client, or another project, has stored anew.
 */
export async function removeCondemned<T>(
  ctx: Pick<Context, 'db' | 'remote'>,
  { projectId, limit = REMOVALS }: Condemned,
  note: (tx: Db, removed: readonly SizedObject[]) => Promise<T>,
): Promise<T> {
  const removals: Promise<void>[] = [];
  try {
    return await transact(ctx.db, async (tx) => {
      const removed = await lockCondemned(tx, projectId, limit);
      const removing = removed.map(({ oid }) => ctx.remote.remove(oid));
      removals.push(...removing);
      await Promise.allSettled(removing);
      await Promise.all(removing);
      return note(tx, removed);
    });
  } finally {
    await Promise.allSettled(removals);
  }
}
