import { isOid, type Oid } from './hash.ts';

/** DVC 3 keeps objects under `files/md5`, DVC 2 at the base itself. */
export type Layout = 'files-md5' | 'legacy';

export const OBJECT_FOLDER = 'files/md5';

/** `files/md5/ab/cdef…`, relative to the remote's base. */
export function objectPath(oid: Oid): string {
  return `${OBJECT_FOLDER}/${legacyPath(oid)}`;
}

/** `ab/cdef…`, where DVC 2 keeps the object. */
export function legacyPath(oid: Oid): string {
  return `${oid.slice(0, 2)}/${oid.slice(2)}`;
}

/** The path that all oids with this hex prefix share, to list by. */
export function listingPrefix(prefix: string): string {
  return `${OBJECT_FOLDER}/${prefix.length > 2 ? legacyPath(prefix) : prefix}`;
}

/** The oid and layout that a path relative to the base names, or null when it is no object's path. */
export function oidOfPath(path: string): { readonly oid: Oid; readonly layout: Layout } | null {
  const current = path.startsWith(`${OBJECT_FOLDER}/`);
  const rest = current ? path.slice(OBJECT_FOLDER.length + 1) : path;
  const oid = rest.slice(0, 2) + rest.slice(3);
  if (rest[2] !== '/' || !isOid(oid)) return null;
  return { oid, layout: current ? 'files-md5' : 'legacy' };
}
