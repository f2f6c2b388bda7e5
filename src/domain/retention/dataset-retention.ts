import type { Context } from '../../context.ts';
import {
  type DatasetRetentionRow,
  type DatasetRule,
  dropDatasetRetention,
  findDatasetRetention,
  saveDatasetRetention,
} from '../../store/dataset/dataset-retention.ts';
import { transact } from '../../store/postgres/db.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { note } from '../access/audit.ts';
import { resolveDataset } from '../dataset/resolve.ts';

/** A dataset, by its present name, and its rule; null: nothing is deleted by itself. */
export type DatasetRetention = { readonly dataset: string; readonly rule: DatasetRetentionRow | null };

/** The standing rule of a dataset. @throws TidemarkError `not-found`. */
export async function readDatasetRetention(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  name: string,
): Promise<DatasetRetention> {
  requireScope(actor, 'data:read');
  const dataset = await resolveDataset(ctx.db, actor.projectId, name);
  return { dataset: dataset.name, rule: await findDatasetRetention(ctx.db, dataset.id) };
}

/**
 * Sets what of a dataset is kept from now on; carried out about once an hour. Null takes the rule away.
 * @throws TidemarkError `not-found`.
 */
export async function setDatasetRetention(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { readonly dataset: string; readonly rule: DatasetRule | null },
): Promise<DatasetRetention> {
  requireScope(actor, 'admin');
  const { id: datasetId, name } = await resolveDataset(ctx.db, actor.projectId, given.dataset);
  const { author } = actor;
  await transact(ctx.db, async (tx) => {
    if (given.rule === null) await dropDatasetRetention(tx, datasetId);
    else await saveDatasetRetention(tx, { ...given.rule, datasetId, author });
    const details = { rule: given.rule };
    await note(tx, actor, { action: 'dataset.retention-set', subject: name, details });
  });
  return { dataset: name, rule: await findDatasetRetention(ctx.db, datasetId) };
}
