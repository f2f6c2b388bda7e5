import type { Context } from '../../context.ts';
import type { SaidReading } from '../../formats/table-file.ts';
import { lockNamedDataset } from '../../store/dataset/dataset-trash.ts';
import { isUniqueViolation, transact } from '../../store/postgres/db.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { changeReading, NOTHING_REREAD, type Reread } from './change-reading.ts';
import { type DatasetDetails, readDataset } from './read.ts';
import { rename, taken } from './rename.ts';
import { resolveDataset } from './resolve.ts';

export type DatasetChange = {
  /** What it is called from now on, which takes the scope `admin`. */
  readonly name?: string | undefined;
  /** How its tables are read from now on. */
  readonly reading?: SaidReading | undefined;
};

/**
 * Calls a dataset otherwise, says how it is read, or both at once.
 * @throws TidemarkError `not-found`, `gone`, `conflict` for a name that another dataset has; nothing is changed then.
 */
export async function changeDataset(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  { dataset, name, reading }: DatasetChange & { readonly dataset: string },
): Promise<DatasetDetails & Reread> {
  requireScope(actor, 'data:write');
  if (name !== undefined) requireScope(actor, 'admin');
  const { projectId } = actor;
  try {
    const changed = await transact(ctx.db, async (tx) => {
      await lockNamedDataset(tx, projectId, dataset);
      const found = await resolveDataset(tx, projectId, dataset);
      const called = name === undefined ? found : await rename(tx, actor, { dataset: found, name });
      const reread =
        reading === undefined ? NOTHING_REREAD : await changeReading(tx, actor, { dataset: called, reading });
      return { ...reread, name: called.name };
    });
    const { reread, kept } = changed;
    return { ...(await readDataset(ctx, actor, changed.name)), reread, kept };
  } catch (error) {
    // Somebody else was called so in the same moment.
    throw name !== undefined && isUniqueViolation(error) ? taken(name) : error;
  }
}
