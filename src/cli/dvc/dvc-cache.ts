import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { objectPath } from '../../dvc/path.ts';
import { failureOf, unwritten } from '../terminal/failure.ts';
import { type LocalFile, localFileAt, stampAt } from '../transfer/local-files.ts';
import { partBeside } from '../transfer/part-file.ts';
import { prepareFile } from '../transfer/safe-folder.ts';
import { type Place, takePlace } from '../transfer/take-place.ts';
import type { DvcRepository, LinkType } from './dvc-repository.ts';

/** `dvc` takes what nobody may write for what its name says, without reading it. */
const PROTECTED = 0o444;

/** The objects that a repository keeps on this machine, as DVC lays them. */
export class DvcCache {
  readonly #folder: string;
  readonly #linkTypes: readonly LinkType[];

  /** @param folder the cache itself, of which this is the part of DVC 3. */
  constructor({ linkTypes }: Pick<DvcRepository, 'linkTypes'>, folder: string) {
    this.#folder = folder;
    this.#linkTypes = linkTypes;
  }

  /** An object as a file that has yet to be read to be believed, or null. */
  find(oid: string, now: number): LocalFile | null {
    return localFileAt(this.#pathOf(oid), now);
  }

  /**
   * Keeps a file as an object, unless it is held already.
   * @returns false for one that has changed since it had that stamp.
   */
  keep(file: Pick<LocalFile, 'file' | 'stamp'>, oid: string): boolean {
    // An object that is a link to the workspace would be none.
    const types = this.#linkTypes.filter((type) => type !== 'symlink');
    return this.#add(oid, (aside) => {
      const source = realpathSync(file.file);
      if (stampAt(source) !== file.stamp) return false;
      const type = bring(source, aside, types);
      // A link changes the stamp itself, and is made at once; a copy takes its time.
      return type === 'hardlink' || stampAt(source) === file.stamp;
    });
  }

  keepBytes(bytes: Uint8Array, oid: string): void {
    this.#add(oid, (aside) => {
      writeFileSync(aside, bytes);
      return true;
    });
  }

  /**
   * Brings an object into the workspace, in the first way of the repository's that the file system can do.
   * @returns its stamp there.
   * @throws TidemarkError `conflict` when somebody has changed what was to be replaced.
   */
  place(object: LocalFile, base: string, file: Place & { readonly path: string }): string {
    let aside: string | null = null;
    try {
      const target = prepareFile(base, file.path, new Set());
      aside = partBeside(target);
      const type = bring(object.file, aside, this.#linkTypes);
      // Copies are their owner's to change.
      if (type === 'copy' || type === 'reflink') chmodSync(aside, 0o666 & ~process.umask());
      return takePlace(aside, target, file);
    } catch (error) {
      if (aside !== null) rmSync(aside, { force: true });
      throw unwritten(error, base);
    }
  }

  #add(oid: string, write: (aside: string) => boolean): boolean {
    const target = this.#pathOf(oid);
    if (stampAt(target) !== null) return true;
    const aside = partBeside(target);
    try {
      mkdirSync(dirname(target), { recursive: true });
      if (!write(aside)) return false;
      chmodSync(aside, PROTECTED);
      renameSync(aside, target);
      return true;
    } catch (error) {
      throw failureOf(error, 'An object cannot be kept in the cache of dvc');
    } finally {
      discard(aside);
    }
  }

  #pathOf(oid: string): string {
    return join(this.#folder, objectPath(oid));
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Its folder was never there; what failed is told already.
  }
}

const WAYS: Readonly<Record<LinkType, (source: string, target: string) => void>> = {
  reflink: (source, target) => copyFileSync(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE),
  hardlink: linkSync,
  symlink: (source, target) => symlinkSync(source, target),
  copy: (source, target) => copyFileSync(source, target, constants.COPYFILE_EXCL),
};

/** Has the bytes of one file at another path, in the first way that works; a copy works where there is room. */
function bring(source: string, target: string, types: readonly LinkType[]): LinkType {
  for (const type of types) {
    try {
      WAYS[type](source, target);
      return type;
    } catch {
      // The file system cannot do it, or not between these two.
      rmSync(target, { force: true });
    }
  }
  WAYS.copy(source, target);
  return 'copy';
}
