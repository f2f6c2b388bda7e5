import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { deleteTag, listTags, saveTag, type TagRow } from '../../store/datasets.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { checkTag } from './ref.ts';
import { resolveDataset, resolveVersion } from './resolve.ts';

/** Tags of a dataset by name. */
export async function readTags(ctx: Pick<Context, 'db'>, actor: Actor, dataset: string): Promise<TagRow[]> {
  requireScope(actor, 'data:read');
  const row = await resolveDataset(ctx.db, actor.projectId, dataset);
  return listTags(ctx.db, row.id);
}

/**
 * Points a tag at the version that a ref names now.
 * @throws TidemarkError `invalid-body` for a name that cannot be a tag, `not-found`.
 */
export async function putTag(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { dataset: string; tag: string; ref: string },
): Promise<{ tag: TagRow; created: boolean }> {
  requireScope(actor, 'data:write');
  const name = checkTag(given.tag);
  const version = await resolveVersion(ctx.db, actor.projectId, given.dataset, given.ref);
  const created = await saveTag(ctx.db, { datasetId: version.datasetId, name, versionId: version.id });
  const tag = (await listTags(ctx.db, version.datasetId)).find((row) => row.name === name);
  if (tag === undefined) throw new TidemarkError('conflict', `The tag "${name}" was removed meanwhile; try again.`);
  return { tag, created };
}

/** Removes a tag; the version stays. @throws TidemarkError `invalid-body` for what can be none, `not-found`. */
export async function removeTag(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { dataset: string; tag: string },
): Promise<void> {
  requireScope(actor, 'data:write');
  const tag = checkTag(given.tag);
  const row = await resolveDataset(ctx.db, actor.projectId, given.dataset);
  if (await deleteTag(ctx.db, row.id, tag)) return;
  throw new TidemarkError('not-found', `The dataset "${row.name}" has no tag "${tag}".`);
}
