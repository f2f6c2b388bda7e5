import { isDirectoryOid } from '../../dvc/hash.ts';
import { writePointer } from '../../dvc/pointer.ts';
import type { VersionRow } from '../../store/dataset/datasets.ts';

/** The text of a version's `.dvc` file, as `dvc add` would have written it. */
export function pointerOf(version: Pick<VersionRow, 'oid' | 'bytes' | 'files' | 'path' | 'executable'>): string {
  const { oid, bytes, files, path, executable } = version;
  const count = isDirectoryOid(oid) ? { nfiles: files } : { isexec: executable };
  return writePointer({ oid, size: bytes, ...count, hash: 'md5', path });
}
