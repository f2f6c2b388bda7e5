import { createHash } from 'node:crypto';
import { compareCodePoints } from '../../dvc/relpath.ts';

export type RootEntry = { readonly path: string; readonly sha256: string };

/**
 * What a version holds, in one SHA-256: the digest of the lines `path NUL sha256 LF` of its files, in UTF-8,
 * sorted by path in code point order. MD5 names the objects and can be forged; this cannot.
 */
export function contentRoot(files: readonly RootEntry[]): string {
  const hash = createHash('sha256');
  for (const file of files.toSorted((a, b) => compareCodePoints(a.path, b.path))) {
    hash.update(`${file.path}\0${file.sha256}\n`);
  }
  return hash.digest('hex');
}
