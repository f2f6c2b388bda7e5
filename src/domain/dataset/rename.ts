import { TidemarkError } from '../../errors.ts';
import { isNameTaken, renameDataset } from '../../store/dataset/dataset-names.ts';
import type { DatasetRow } from '../../store/dataset/datasets.ts';
import type { Db } from '../../store/postgres/db.ts';
import type { Actor } from '../access/actor.ts';
import { note } from '../access/audit.ts';

/**
 * Calls a dataset, which the caller holds, otherwise. Everything that it has stays, and what asks for it by its former
 * name, as the address of a `dvc remote` or a model's policy does, goes on finding it, until another dataset is called so.
 * @returns the dataset as it is called now.
 * @throws TidemarkError `conflict` for a name that another dataset has.
 */
export async function rename(
  tx: Db,
  actor: Actor,
  { dataset, name }: { readonly dataset: DatasetRow; readonly name: string },
): Promise<DatasetRow> {
  if (dataset.name === name) return dataset;
  if (await isNameTaken(tx, dataset.projectId, name)) throw taken(name);
  await renameDataset(tx, dataset, name);
  await note(tx, actor, { action: 'dataset.renamed', subject: name, details: { from: dataset.name } });
  return { ...dataset, name };
}

export const taken = (name: string): TidemarkError =>
  new TidemarkError('conflict', `There is a dataset "${name}" already; rename that one first, or take another name.`);
