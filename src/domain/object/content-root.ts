import { createHash } from 'node:crypto';
import { inCodePointOrder } from '../../dvc/relpath.ts';

export type RootEntry = { readonly path: string; readonly sha256: string };

const AT_ONCE = 64 * 1024;

/**
 * What a version holds, in one SHA-256: the digest of the lines `path NUL sha256 LF` of its files, in UTF-8,
 * sorted by path in code point order. MD5 names the objects and can be forged; this cannot.
 */
export function contentRoot(files: readonly RootEntry[]): string {
  const hash = createHash('sha256');
  let lines = '';
  for (const { path, sha256 } of inCodePointOrder(files, (file) => file.path)) {
    lines += `${path}\0${sha256}\n`;
    // Line by line it would take longer to hand them over than to digest them.
    if (lines.length < AT_ONCE) continue;
    hash.update(lines);
    lines = '';
  }
  return hash.update(lines).digest('hex');
}
