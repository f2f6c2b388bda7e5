import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type Pointer, repoint, writePointer } from '../dvc/pointer.ts';
import type { LocalTree } from './local-files.ts';

/**
 * Writes the `.dvc` file beside what was pushed, as `dvc add` would; one that is there is pointed at the new bytes.
 * @throws TidemarkError `invalid-body` when the one that is there is none that can be kept.
 */
export function writePointerFile(tree: LocalTree, version: { oid: string; files: number; bytes: number }): void {
  const file = `${tree.root}.dvc`;
  const pointer: Pointer = {
    oid: version.oid,
    size: version.bytes,
    ...(tree.isFolder ? { nfiles: version.files } : {}),
    hash: 'md5',
    path: tree.name,
  };
  const text = existsSync(file) ? repoint(readFileSync(file, 'utf8'), pointer) : writePointer(pointer);
  const aside = `${file}.tidemark-part`;
  try {
    writeFileSync(aside, text);
    renameSync(aside, file);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}
