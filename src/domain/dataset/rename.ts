import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { isNameTaken, renameDataset } from '../../store/dataset/dataset-names.ts';
import { lockNamedDataset } from '../../store/dataset/dataset-trash.ts';
import { isUniqueViolation, transact } from '../../store/postgres/db.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { note } from '../access/audit.ts';
import { resolveDataset } from './resolve.ts';

/**
 * Calls a dataset otherwise. Everything that it has stays, and what asks for it by its former name, as the address of a
 * `dvc remote` or a model's policy does, goes on finding it, until another dataset is called so.
 * @throws TidemarkError `not-found`, `gone`, `conflict` for a name that another dataset has.
 */
export async function callDataset(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { readonly dataset: string; readonly name: string },
): Promise<void> {
  requireScope(actor, 'admin');
  const { projectId } = actor;
  const { name } = given;
  try {
    await transact(ctx.db, async (tx) => {
      await lockNamedDataset(tx, projectId, given.dataset);
      const dataset = await resolveDataset(tx, projectId, given.dataset);
      if (dataset.name === name) return;
      if (await isNameTaken(tx, projectId, name)) throw taken(name);
      await renameDataset(tx, dataset, name);
      await note(tx, actor, { action: 'dataset.renamed', subject: name, details: { from: dataset.name } });
    });
  } catch (error) {
    // Somebody else was called so in the same moment.
    throw isUniqueViolation(error) ? taken(name) : error;
  }
}

const taken = (name: string): TidemarkError =>
  new TidemarkError('conflict', `There is a dataset "${name}" already; rename that one first, or take another name.`);
