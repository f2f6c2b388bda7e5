import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { lockNamedDataset } from '../../store/dataset/dataset-trash.ts';
import { findVersionsByPrefix, type VersionRow } from '../../store/dataset/datasets.ts';
import { deleteTag, findTag, listTags, saveTag, type TagRow } from '../../store/dataset/tags.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { note } from '../access/audit.ts';
import { checkTag, isOidPrefix } from './ref.ts';
import { keepFound, resolveDataset, resolveVersion } from './resolve.ts';

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
  const { created, datasetId } = await transact(ctx.db, async (tx) => {
    // What a ref names now is written before somebody else finds another version under it.
    await lockNamedDataset(tx, actor.projectId, given.dataset);
    const version = await resolveVersion(tx, actor.projectId, given.dataset, given.ref);
    const tagging = { dataset: version.dataset, version, tag: { name, fixed: given.fixed } };
    return { created: await pointTag(tx, actor, tagging), datasetId: version.datasetId };
  });
  const tag = await findTag(ctx.db, datasetId, name);
  if (tag === null) throw new TidemarkError('conflict', `The tag "${name}" was removed meanwhile; try again.`);
  return { tag, created };
}

/**
 * Points a tag at a version, in the caller's transaction; true when it is new.
 * @throws TidemarkError `gone`; `conflict` for a fixed tag that would move or be loosened, and for a new name by which another
 * version goes, as the beginning of its oid: whoever has noted it would get this one.
 */
export async function pointTag(
  tx: Db,
  actor: Actor,
  tagging: {
    readonly dataset: string;
    readonly version: VersionRow;
    readonly tag: { readonly name: string; readonly fixed?: boolean | undefined };
  },
): Promise<boolean> {
  const { dataset, version, tag } = tagging;
  const { name, fixed } = tag;
  const before = await findTag(tx, version.datasetId, name);
  if (before === null) await requireFree(tx, version, name);
  await keepFound(tx, dataset, version);
  const saved = await saveTag(tx, { datasetId: version.datasetId, name, versionId: version.id, fixed });
  const at = await findTag(tx, version.datasetId, name);
  if (saved !== 'refused') {
    if (before?.version !== at?.version || before?.fixed !== at?.fixed) {
      const from = before === null ? null : `v${before.version}`;
      const details = { version: `v${version.number}`, from, fixed: at?.fixed ?? false };
      await note(tx, actor, { action: 'tag.set', subject: `${dataset}@${name}`, details });
    }
    return saved === 'made';
  }
  throw new TidemarkError(
    'conflict',
    `The tag "${name}" is fixed at v${at?.version}; take another name, or remove it first ("tidemark tag --delete --fixed", or DELETE with "?fixed=true").`,
  );
}

async function requireFree(tx: Db, version: VersionRow, name: string): Promise<void> {
  const meant = isOidPrefix(name) ? await findVersionsByPrefix(tx, version.datasetId, name) : [];
  const other = meant.find(({ oid }) => oid !== version.oid);
  if (other === undefined) return;
  const why = `The tag "${name}" would hide v${other.number}, whose oid begins so; take another name.`;
  throw new TidemarkError('conflict', why);
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
  const removed = await transact(ctx.db, async (tx) => {
    const gone = await deleteTag(tx, { datasetId: row.id, name: tag, fixed: given.fixed ?? false });
    if (gone) await note(tx, actor, { action: 'tag.removed', subject: `${row.name}@${tag}` });
    return gone;
  });
  if (removed) return;
  if ((await findTag(ctx.db, row.id, tag)) !== null) {
    throw new TidemarkError(
      'conflict',
      `The tag "${tag}" is fixed; say "--fixed" ("?fixed=true" over HTTP) to remove it all the same.`,
    );
  }
  throw new TidemarkError('not-found', `The dataset "${row.name}" has no tag "${tag}".`);
}
