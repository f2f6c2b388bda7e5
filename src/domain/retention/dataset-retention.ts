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

/** The standing rule of a dataset; null: nothing is deleted by itself. @throws TidemarkError `not-found`. */
export async function readDatasetRetention(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  name: string,
): Promise<DatasetRetentionRow | null> {
  requireScope(actor, 'data:read');
  const { id } = await resolveDataset(ctx.db, actor.projectId, name);
  return findDatasetRetention(ctx.db, id);
}

/**
 * Sets what of a dataset is kept from now on; carried out about once an hour. Null takes the rule away.
 * @throws TidemarkError `not-found`.
 */
export async function setDatasetRetention(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { readonly dataset: string; readonly rule: DatasetRule | null },
): Promise<DatasetRetentionRow | null> {
  requireScope(actor, 'admin');
  const { id: datasetId } = await resolveDataset(ctx.db, actor.projectId, given.dataset);
  const { author } = actor;
  await transact(ctx.db, async (tx) => {
    if (given.rule === null) await dropDatasetRetention(tx, datasetId);
    else await saveDatasetRetention(tx, { ...given.rule, datasetId, author });
    const details = { rule: given.rule };
    await note(tx, actor, { action: 'dataset.retention-set', subject: given.dataset, details });
  });
  return findDatasetRetention(ctx.db, datasetId);
}
