import { chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { oidOfMd5 } from '../../dvc/hash.ts';
import { type Pointer, writePointer } from '../../dvc/pointer.ts';
import { repoint } from '../../dvc/repoint.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import type { LocalTree } from '../transfer/local-files.ts';
import { partBeside } from '../transfer/part-file.ts';

/**
 * Finds out whether the `.dvc` file beside what will be pushed can be written, before anything is sent.
 * @throws TidemarkError `invalid-body`, `conflict` when the one that is there cannot be pointed at other bytes.
 */
export function checkPointerFile(tree: LocalTree): void {
  textFor(tree, { oid: tree.isFolder ? oidOfMd5(NOTHING, true) : oidOfMd5(NOTHING, false), files: 0, bytes: 0 });
}

const NOTHING = '0'.repeat(32);

/** Writes the `.dvc` file beside what was pushed, as `dvc add` would; one that is there is pointed at the new bytes. */
export function writePointerFile(tree: LocalTree, version: Pushed): void {
  const file = pointerOf(tree);
  const aside = partBeside(file);
  try {
    writeFileSync(aside, textFor(tree, version));
    renameSync(aside, file);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

type Pushed = { readonly oid: string; readonly files: number; readonly bytes: number };

function textFor(tree: LocalTree, { oid, files, bytes }: Pushed): string {
  const pointer: Pointer = {
    oid,
    size: bytes,
    ...(tree.isFolder ? { nfiles: files } : { isexec: isExecutable(tree.root) }),
    hash: 'md5',
    path: tree.name,
  };
  const file = pointerOf(tree);
  if (!existsSync(file)) return writePointer(pointer);
  try {
    return repoint(readFileSync(file, 'utf8'), pointer);
  } catch (error) {
    if (!isTidemarkError(error)) throw error;
    throw new TidemarkError(error.code, `${file} cannot be rewritten: ${error.message}`, { issues: error.issues });
  }
}

const pointerOf = (tree: LocalTree): string => `${tree.root}.dvc`;

const OWNER_EXECUTES = 0o100;

/** Whether the owner of a file may execute it. */
export const isExecutable = (file: string): boolean => (statSync(file).mode & OWNER_EXECUTES) !== 0;

/** Lets the owner of a file execute it, as `dvc` does where a `.dvc` file says so. */
export function makeExecutable(file: string): void {
  chmodSync(file, statSync(file).mode | OWNER_EXECUTES);
}
