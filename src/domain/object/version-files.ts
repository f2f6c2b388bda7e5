import { isDirectoryOid } from '../../dvc/hash.ts';
import { TidemarkError } from '../../errors.ts';
import type { VersionRow } from '../../store/dataset/datasets.ts';
import { findMember, findObject, type HeldFile, listMembers } from '../../store/inventory/objects.ts';
import type { Db } from '../../store/postgres/db.ts';

/** Each page is looked for among all of a folder's files; a file takes about 300 bytes here. */
const PAGE = 20_000;

/** True for a version that is a folder, with a manifest that lists its files. */
export const isFolder = (version: Pick<VersionRow, 'oid'>): boolean => isDirectoryOid(version.oid);

/** The one file of a version that is not a folder. */
async function soleFile(db: Db, version: VersionRow): Promise<HeldFile> {
  const row = await findObject(db, version.projectId, version.oid);
  // The version's row came after this one, which is never deleted while a version names it.
  if (row === null) throw new Error(`object ${version.oid} of version ${version.id} has no row`);
  const { oid, sha256, size, quarantinedAt, verifiedAt } = row;
  return { position: 0, path: version.path, oid, sha256, size, quarantined: quarantinedAt !== null, verifiedAt };
}

/** Files of a version in the order of its manifest, from the one after position `after` (-1 for the first). */
export async function listFiles(
  db: Db,
  version: VersionRow,
  page: { after: number; limit: number },
): Promise<HeldFile[]> {
  if (isFolder(version)) return listMembers(db, version, page);
  return page.after < 0 ? [await soleFile(db, version)] : [];
}

/** All files of a version, a page at a time; also those behind one that has been lost. */
export async function* eachFile(db: Db, version: VersionRow): AsyncGenerator<HeldFile> {
  for (let after = -1; after + 1 < version.files; after += PAGE) {
    yield* await listFiles(db, version, { after, limit: PAGE });
  }
}

/**
 * One file of a version: by its path inside the folder, or by the file's own name.
 * @throws TidemarkError `not-found`.
 */
export async function findFile(db: Db, version: VersionRow, path: string): Promise<HeldFile> {
  const found = isFolder(version)
    ? await findMember(db, version, path)
    : path === version.path
      ? await soleFile(db, version)
      : null;
  if (found !== null) return found;
  const hint = isFolder(version) ? 'list its files to see their paths' : `its one file is "${version.path}"`;
  throw new TidemarkError('not-found', `This version has no file "${path.slice(0, 200)}"; ${hint}.`);
}
