import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { findVersionsByPrefix, type VersionRow } from '../../store/datasets.ts';
import type { Db } from '../../store/postgres/db.ts';
import { deleteTag, findTag, listTags, saveTag, type TagRow } from '../../store/tags.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { checkTag, isOidPrefix } from './ref.ts';
import { resolveDataset, resolveVersion } from './resolve.ts';

/** Tags of a dataset by name. */
export async function readTags(ctx: Pick<Context, 'db'>, actor: Actor, dataset: string): Promise<TagRow[]> {
  requireScope(actor, 'data:read');
  const row = await resolveDataset(ctx.db, actor.projectId, dataset);
  return listTags(ctx.db, row.id);
}

/**
 * Points a tag at the version that a ref names now, and fixes it there if asked to.
 * @throws TidemarkError `invalid-body` for a name that cannot be a tag, `not-found`, `conflict` for a fixed tag
 * that would move or be loosened.
 */
export async function putTag(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { dataset: string; tag: string; ref: string; fixed?: boolean | undefined },
): Promise<{ tag: TagRow; created: boolean }> {
  requireScope(actor, 'data:write');
  const name = checkTag(given.tag);
  const version = await resolveVersion(ctx.db, actor.projectId, given.dataset, given.ref);
  const created = await pointTag(ctx.db, version, { name, fixed: given.fixed });
  const tag = await findTag(ctx.db, version.datasetId, name);
  if (tag === null) throw new TidemarkError('conflict', `The tag "${name}" was removed meanwhile; try again.`);
  return { tag, created };
}

/**
 * Points a tag at a version; true when it is new.
 * @throws TidemarkError `conflict` for a fixed tag that would move or be loosened, and for a name by which another
 * version goes, as the beginning of its oid: whoever has noted it would get this one.
 */
export async function pointTag(
  db: Db,
  version: VersionRow,
  tag: { name: string; fixed?: boolean | undefined },
): Promise<boolean> {
  const { name, fixed } = tag;
  const meant = isOidPrefix(name) ? await findVersionsByPrefix(db, version.datasetId, name) : [];
  const other = meant.find(({ oid }) => oid !== version.oid);
  if (other !== undefined) {
    const why = `The tag "${name}" would hide v${other.number}, whose oid begins so; take another name.`;
    throw new TidemarkError('conflict', why);
  }
  const saved = await saveTag(db, { datasetId: version.datasetId, name, versionId: version.id, fixed });
  if (saved !== 'refused') return saved === 'made';
  const at = await findTag(db, version.datasetId, name);
  throw new TidemarkError(
    'conflict',
    `The tag "${name}" is fixed at v${at?.version}; take another name, or remove it first with "?fixed=true".`,
  );
}

/**
 * Removes a tag; the version stays.
 * @param given `fixed` says that a fixed tag is meant.
 * @throws TidemarkError `invalid-body` for what can be none, `not-found`, `conflict` for a fixed tag without the word.
 */
export async function removeTag(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { dataset: string; tag: string; fixed?: boolean | undefined },
): Promise<void> {
  requireScope(actor, 'data:write');
  const tag = checkTag(given.tag);
  const row = await resolveDataset(ctx.db, actor.projectId, given.dataset);
  if (await deleteTag(ctx.db, { datasetId: row.id, name: tag, fixed: given.fixed ?? false })) return;
  if ((await findTag(ctx.db, row.id, tag)) !== null) {
    throw new TidemarkError('conflict', `The tag "${tag}" is fixed; say "?fixed=true" to remove it all the same.`);
  }
  throw new TidemarkError('not-found', `The dataset "${row.name}" has no tag "${tag}".`);
}
