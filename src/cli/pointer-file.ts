import { chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
    ...(tree.isFolder ? { nfiles: version.files } : { isexec: isExecutable(tree.root) }),
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

const OWNER_EXECUTES = 0o100;

/** Whether the owner of a file may execute it. */
export const isExecutable = (file: string): boolean => (statSync(file).mode & OWNER_EXECUTES) !== 0;

/** Lets the owner of a file execute it, as `dvc` does where a `.dvc` file says so. */
export function makeExecutable(file: string): void {
  chmodSync(file, statSync(file).mode | OWNER_EXECUTES);
}
