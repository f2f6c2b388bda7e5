import type { Context } from '../../context.ts';
import { isDirectoryOid, parseOid } from '../../dvc/hash.ts';
import { TidemarkError } from '../../errors.ts';
import { findHealthyObjects } from '../../store/inventory/objects.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { modernFiles, modernOid } from './legacy-objects.ts';

/** A file as DVC 3 would name it. */
type LegacyFile = { readonly path: string; readonly md5: string; readonly sha256: string; readonly size: number };

/**
 * What a name of DVC 2 stands for: the files of a folder, or one file, which has no path but its name.
 * @param given `after`: how many of them to pass over; `limit`: at most so many.
 * @throws TidemarkError `bad-path`, `not-found`, `missing-children`, `object-corrupt`.
 */
export async function readLegacyFiles(
  ctx: Pick<Context, 'db' | 'remote'>,
  actor: Actor,
  given: { oid: string; after: number; limit: number },
): Promise<LegacyFile[]> {
  requireScope(actor, 'data:read');
  const { projectId } = actor;
  const name = parseOid(given.oid);
  const all = isDirectoryOid(name)
    ? await modernFiles(ctx, projectId, name)
    : [{ path: name, md5: await modernOid(ctx, projectId, name) }];
  const files = all.slice(given.after, given.after + given.limit);
  const held = await findHealthyObjects(ctx.db, projectId, [...new Set(files.map((file) => file.md5))]);
  return files.map((file) => {
    const row = held.get(file.md5);
    if (row !== undefined) return { ...file, sha256: row.sha256, size: row.size };
    throw new TidemarkError(
      'object-corrupt',
      `The object ${file.md5} (${file.path}) is lost or quarantined. Push its bytes again.`,
    );
  });
}
