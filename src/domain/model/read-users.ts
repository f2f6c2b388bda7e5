import type { Context } from '../../context.ts';
import { listVersionUsers, type VersionUser } from '../../store/dataset/version-users.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { resolveDataset } from '../dataset/resolve.ts';

/** The model versions that were trained on the versions of a dataset. @throws TidemarkError `not-found`. */
export async function readVersionUsers(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  dataset: string,
): Promise<VersionUser[]> {
  requireScope(actor, 'data:read');
  const { id } = await resolveDataset(ctx.db, actor.projectId, dataset);
  return listVersionUsers(ctx.db, id);
}
