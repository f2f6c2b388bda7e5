import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { TAR_END, type TarEntry, tarHeader, tarPadding, tarSize } from '../../formats/tar-writer.ts';
import type { VersionRow } from '../../store/dataset/datasets.ts';
import type { HeldFile } from '../../store/inventory/objects.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { openObject } from '../object/open-object.ts';
import { eachFile, isFolder } from '../object/version-files.ts';
import { resolveVersion } from './resolve.ts';

export type Archive = {
  readonly version: VersionRow;
  /** Bytes of the whole archive, known before the first of them is sent. */
  readonly size: number;
  readonly open: () => AsyncIterable<Uint8Array>;
};

/**
 * A version as a tar archive, made while it is read: a folder's files lie under the folder's name. Each file
 * is verified on the way, and the archive breaks off where one is corrupt.
 * @throws TidemarkError `not-found`; `object-corrupt` when a file is known to be.
 */
export async function readArchive(
  ctx: Pick<Context, 'db' | 'remote' | 'log'>,
  actor: Actor,
  given: { dataset: string; ref: string },
): Promise<Archive> {
  requireScope(actor, 'data:read');
  const version = await resolveVersion(ctx.db, actor.projectId, given.dataset, given.ref);
  let size = TAR_END.byteLength;
  for await (const file of eachFile(ctx.db, version)) {
    if (file.quarantined) {
      throw new TidemarkError('object-corrupt', `The file "${file.path}" is quarantined: push its good bytes again.`);
    }
    size += tarSize(entryOf(version, file));
  }
  return { version, size, open: () => archiveOf(ctx, actor, version) };
}

async function* archiveOf(
  ctx: Pick<Context, 'db' | 'remote' | 'log'>,
  reader: Actor,
  version: VersionRow,
): AsyncGenerator<Uint8Array> {
  for await (const file of eachFile(ctx.db, version)) {
    yield tarHeader(entryOf(version, file));
    yield* await openObject(ctx, { projectId: version.projectId, object: file, reader });
    yield tarPadding(file.size);
  }
  yield TAR_END;
}

function entryOf(version: VersionRow, file: HeldFile): TarEntry {
  const path = isFolder(version) ? `${version.path}/${file.path}` : file.path;
  return { path, size: file.size, modified: Math.floor(version.createdAt.getTime() / 1000) };
}
