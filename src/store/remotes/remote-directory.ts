import { createReadStream } from 'node:fs';
import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { type Digests, isOid, type Oid, oidOfMd5, parseOid } from '../../dvc/hash.ts';
import { legacyPath, OBJECT_FOLDER, objectPath } from '../../dvc/path.ts';
import { copyDurably, isMissing, linkUnlessTaken, NO_LINKS, syncFolder, unlinkFile } from '../objects/durable-files.ts';
import { fileChunks } from '../objects/file-chunks.ts';
import { objectNotFound, storeFailure, systemCode } from '../objects/object-failure.ts';
import { createGroupStore, type GroupStore } from '../objects/object-group.ts';
import { intake } from '../objects/object-intake.ts';
import { bearsLegacyName, judgeStored } from '../objects/object-judge.ts';
import { namesIn, newSpoolPath, openSpool, sweepSpools } from '../objects/object-spool.ts';
import { clampRange } from '../objects/object-stream.ts';
import { createDirectoryParts } from './parts-directory.ts';
import type { PutOptions } from './put-options.ts';
import type {
  ListedObject,
  ListOptions,
  ObjectGroup,
  ObjectRemote,
  ReadOptions,
  StoredObject,
  WantedObject,
} from './remote.ts';
import type { UploadParts } from './upload-parts.ts';

const READ_BLOCK = 1024 * 1024;

/** A name that is taken and yet not there belongs to a writer and a remover at odds, or to a folder in its place. */
const CLAIM_ATTEMPTS = 5;

/**
 * Objects in a folder of a local or mounted file system. What is being uploaded lies in `tmp` beside them,
 * on the same file system, and becomes an object by one atomic step after its bytes are on the disk.
 */
export function createDirectoryRemote(folder: string): ObjectRemote {
  return new DirectoryRemote(resolve(folder));
}

class DirectoryRemote implements ObjectRemote {
  readonly location: string;
  readonly near = true;
  readonly parts: UploadParts;
  readonly fileOf = (oid: Oid): string => this.#pathOf(oid);
  readonly #root: string;
  readonly #temporary: string;
  /** Fan-out folders whose own directory entries this process has made durable. */
  readonly #durableFolders = new Set<string>();
  readonly #groups: GroupStore;

  constructor(root: string) {
    this.#root = root;
    this.#temporary = join(root, 'tmp');
    this.location = pathToFileURL(root).href;
    this.parts = createDirectoryParts(join(root, 'uploads'));
    this.#groups = createGroupStore({ root, temporary: this.#temporary, single: this });
  }

  async put(source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<StoredObject> {
    const spool = await openSpool(this.#temporary, { durable: true }).catch((error: unknown) => {
      throw storeFailure(error, 'beginning an upload');
    });
    try {
      const digests = await intake(source, spool, options);
      const oid = oidOfMd5(digests.md5, options.directory);
      if ((await judgeStored(this, oid, digests)) === 'same') {
        // Whoever linked it a moment ago may not have come as far as this.
        await syncFolder(dirname(this.#pathOf(oid)));
        return { oid, ...digests, existed: true };
      }
      await spool.finish();
      return { oid, ...digests, existed: await this.#publish(spool.path, oid, digests) };
    } catch (error) {
      throw storeFailure(error, 'storing an object');
    } finally {
      await spool.discard();
    }
  }

  /** Gives the spooled file its name. Returns whether the same bytes bore it before. */
  async #publish(spooled: string, oid: Oid, digests: Digests): Promise<boolean> {
    const path = this.#pathOf(oid);
    await this.#makeFolder(dirname(path));
    const existed = await this.#claim(spooled, { path, oid, digests });
    await syncFolder(dirname(path));
    return existed;
  }

  async #claim(spooled: string, target: { path: string; oid: Oid; digests: Digests }): Promise<boolean> {
    for (let attempt = 0; attempt < CLAIM_ATTEMPTS; attempt++) {
      if (await this.#linkNew(spooled, target.path)) return false;
      const stored = await judgeStored(this, target.oid, target.digests);
      if (stored === 'corrupt') await rename(spooled, target.path);
      if (stored !== 'missing') return stored === 'same';
    }
    throw new Error(`something that is no object keeps coming back at ${target.path}`);
  }

  /** True when the name was free and is taken now; of many writers one gets true. */
  async #linkNew(spooled: string, path: string): Promise<boolean> {
    try {
      await link(spooled, path);
      return true;
    } catch (error) {
      const code = systemCode(error) ?? '';
      if (code === 'EEXIST') return false;
      if (!NO_LINKS.has(code)) throw error;
      if ((await stat(path).catch(() => null)) !== null) return false;
      await rename(spooled, path);
      return true;
    }
  }

  /** Each folder above is made durable once; of 256 that objects lie in, each costs the sync of one. */
  async #makeFolder(folder: string): Promise<void> {
    if (this.#durableFolders.has(folder)) return;
    const parent = dirname(folder);
    if (folder !== this.#root) await this.#makeFolder(parent);
    await mkdir(folder, { recursive: true });
    if (folder !== this.#root) await syncFolder(parent);
    this.#durableFolders.add(folder);
  }

  async putWhole(bytes: Uint8Array): Promise<StoredObject> {
    return await this.#groups.putWhole(bytes);
  }

  async putGroup(group: ObjectGroup) {
    return await this.#groups.put(group);
  }

  async readGroup<T>(wanted: readonly WantedObject[], take: (found: readonly (Uint8Array | null)[]) => T): Promise<T> {
    return await this.#groups.read(wanted, take);
  }

  async touchedAt(oid: Oid): Promise<number | null> {
    const found = await stat(this.#pathOf(oid)).catch(() => null);
    // A write changes it, and so does a file that is put in the place of another.
    return found?.ctimeMs ?? null;
  }

  async stat(oid: Oid): Promise<{ size: number } | null> {
    return await this.#statFile(this.#pathOf(oid));
  }

  async #statFile(path: string): Promise<{ size: number } | null> {
    try {
      const found = await stat(path);
      return found.isFile() ? { size: found.size } : null;
    } catch (error) {
      if (isMissing(error)) return null;
      throw storeFailure(error, 'looking up an object');
    }
  }

  async read(oid: Oid, options: ReadOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    options.signal?.throwIfAborted();
    return await this.#open(this.#pathOf(oid), oid, options);
  }

  async readLegacy(legacy: Oid): Promise<AsyncIterable<Uint8Array>> {
    return await this.#open(this.#legacyPathOf(legacy), legacy, {});
  }

  async #open(path: string, oid: Oid, options: ReadOptions): Promise<AsyncIterable<Uint8Array>> {
    try {
      const handle = await open(path, 'r');
      const found = await handle.stat();
      const { start, end } = clampRange(options, found.size);
      if (!found.isFile() || start === end) await handle.close();
      if (!found.isFile()) throw objectNotFound(oid);
      if (start === end) return Readable.from([]);
      return fileChunks(handle, { start, end }, options.signal);
    } catch (error) {
      throw isMissing(error) ? objectNotFound(oid) : storeFailure(error, 'opening an object');
    }
  }

  async nameLegacy(oid: Oid, legacy: Oid): Promise<void> {
    const stored = this.#pathOf(oid);
    const path = this.#legacyPathOf(legacy);
    try {
      await this.#makeFolder(dirname(path));
      if (!(await linkUnlessTaken(stored, path)) && !(await isNamedRightly(path, { stored, legacy }))) {
        await this.#replace(stored, path);
      }
      await syncFolder(dirname(path));
    } catch (error) {
      const lost = isMissing(error) && (await this.stat(oid)) === null;
      throw lost ? objectNotFound(oid) : storeFailure(error, 'naming an object for DVC 2');
    }
  }

  async adoptLegacy(legacy: Oid, oid: Oid): Promise<void> {
    const path = this.#pathOf(oid);
    try {
      await this.#makeFolder(dirname(path));
      const stored = this.#legacyPathOf(legacy);
      if (!(await linkUnlessTaken(stored, path)) && (await this.stat(oid)) === null) await this.#replace(stored, path);
      await syncFolder(dirname(path));
    } catch (error) {
      throw isMissing(error) ? objectNotFound(legacy) : storeFailure(error, 'adopting an object');
    }
  }

  /** Puts the stored file in the place of whatever lies at the path, in one step. */
  async #replace(stored: string, path: string): Promise<void> {
    await mkdir(this.#temporary, { recursive: true });
    const second = newSpoolPath(this.#temporary);
    try {
      if (!(await linkUnlessTaken(stored, second))) await copyDurably(stored, second);
      await rename(second, path);
    } finally {
      // A rename of one file onto its own other name leaves both.
      await rm(second, { force: true });
    }
  }

  async remove(oid: Oid): Promise<void> {
    await unlinkFile(this.#pathOf(oid), 'removing an object');
  }

  async removeLegacy(legacy: Oid): Promise<void> {
    await unlinkFile(this.#legacyPathOf(legacy), 'removing a name of DVC 2');
  }

  async *list(prefix = '', { after = '', layout = 'files-md5' }: ListOptions = {}): AsyncGenerator<ListedObject> {
    const base = layout === 'legacy' ? this.#root : join(this.#root, OBJECT_FOLDER);
    for (const start of await this.#namesIn(base)) {
      if (!/^[0-9a-f]{2}$/.test(start) || start < after.slice(0, 2)) continue;
      if (!(prefix.startsWith(start) || start.startsWith(prefix))) continue;
      for (const rest of await this.#namesIn(join(base, start))) {
        const oid = start + rest;
        if (!isOid(oid) || !oid.startsWith(prefix) || oid <= after) continue;
        const found = await this.#statFile(join(base, start, rest));
        if (found !== null) yield { oid, size: found.size };
      }
    }
  }

  async #namesIn(folder: string): Promise<string[]> {
    try {
      return await namesIn(folder);
    } catch (error) {
      throw storeFailure(error, 'listing objects');
    }
  }

  async probe(): Promise<void> {
    try {
      const spool = await openSpool(this.#temporary, { durable: true });
      try {
        await spool.write(new TextEncoder().encode('probe'));
        await spool.finish();
      } finally {
        await spool.discard();
      }
    } catch (error) {
      throw storeFailure(error, 'writing a probe');
    }
  }

  async sweep(olderThanMs: number, now: number): Promise<number> {
    return await sweepSpools(this.#temporary, now - olderThanMs);
  }

  async link(oid: Oid, path: string): Promise<boolean> {
    const stored = this.#pathOf(oid);
    try {
      await link(stored, path);
      return true;
    } catch (error) {
      const code = systemCode(error) ?? '';
      if (code === 'EXDEV' || NO_LINKS.has(code)) return false;
      throw isMissing(error) ? objectNotFound(oid) : storeFailure(error, 'linking an object');
    }
  }

  #pathOf(oid: Oid): string {
    return join(this.#root, objectPath(parseOid(oid)));
  }

  #legacyPathOf(legacy: Oid): string {
    return join(this.#root, legacyPath(parseOid(legacy)));
  }
}

/** True when a file lies at the path that is the stored one, or has the name by its own bytes. */
async function isNamedRightly(path: string, given: { stored: string; legacy: Oid }): Promise<boolean> {
  const [found, stored] = await Promise.all([stat(path).catch(() => null), stat(given.stored)]);
  if (found === null) return false;
  if (found.ino === stored.ino && found.dev === stored.dev) return true;
  return bearsLegacyName(createReadStream(path, { highWaterMark: READ_BLOCK }), given.legacy);
}
