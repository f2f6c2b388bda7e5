import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OBJECT_FOLDER } from '../../dvc/path.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import { isMissing } from '../objects/durable-files.ts';
import type { ObjectRemote } from './remote.ts';
import type { UploadParts } from './upload-parts.ts';

export type MountedOptions = {
  /** The base of the remote. */
  readonly folder: string;
  /** Objects are known to lie there, so that a folder without any is not the one that is meant. */
  readonly holds: boolean;
};

/**
 * A directory remote whose folder may go away below it: a volume that is not mounted (yet, or any more) leaves an empty
 * folder behind, in which every object would seem lost and every new one would be hidden when the volume comes back.
 * Once `files/md5` was there it has to be there, before anything is written and before anything is said to be missing;
 * else every method throws `store-unavailable`. It is looked for each time, so it may come back while this runs.
 */
export function createMountedRemote(inner: ObjectRemote, options: MountedOptions): ObjectRemote {
  const mount = new Mount(options);
  const { parts, fileOf, link } = inner;
  return {
    location: inner.location,
    near: inner.near,
    parts: mountedParts(parts, mount),
    put: (source, given) => mount.before(() => inner.put(source, given)),
    putWhole: (bytes) => mount.before(() => inner.putWhole(bytes)),
    putGroup: (group) => mount.before(() => inner.putGroup(group)),
    nameLegacy: (oid, legacy) => mount.before(() => inner.nameLegacy(oid, legacy)),
    adoptLegacy: (legacy, oid) => mount.before(() => inner.adoptLegacy(legacy, oid)),
    remove: (oid) => mount.before(() => inner.remove(oid)),
    removeLegacy: (legacy) => mount.before(() => inner.removeLegacy(legacy)),
    probe: () => mount.before(() => inner.probe()),
    stat: (oid) => mount.unlessMissing(() => inner.stat(oid)),
    touchedAt: (oid) => mount.unlessMissing(() => inner.touchedAt(oid)),
    read: (oid, given) => mount.unlessMissing(() => inner.read(oid, given)),
    readLegacy: (legacy) => mount.unlessMissing(() => inner.readLegacy(legacy)),
    readGroup: async (wanted, take) => {
      const { taken, whole } = await inner.readGroup(wanted, (found) => ({
        taken: take(found),
        whole: !found.includes(null),
      }));
      if (!whole) await mount.check();
      return taken;
    },
    async *list(prefix, given) {
      await mount.check();
      yield* inner.list(prefix, given);
      // What went away meanwhile only seemed to end there.
      await mount.check();
    },
    sweep: (olderThanMs, now) => inner.sweep(olderThanMs, now),
    ...(fileOf === undefined ? {} : { fileOf }),
    ...(link === undefined ? {} : { link: (oid, path) => mount.before(() => link.call(inner, oid, path)) }),
  };
}

function mountedParts(parts: UploadParts, mount: Mount): UploadParts {
  return {
    put: (upload, number, source, options) => mount.before(() => parts.put(upload, number, source, options)),
    list: (upload) => mount.before(() => parts.list(upload)),
    read: (upload, number) => mount.unlessMissing(() => parts.read(upload, number)),
    remove: (upload) => mount.before(() => parts.remove(upload)),
    sweep: (before) => parts.sweep(before),
  };
}

class Mount {
  readonly #objects: string;
  #seen: boolean;

  constructor({ folder, holds }: MountedOptions) {
    this.#objects = join(folder, OBJECT_FOLDER);
    this.#seen = holds;
  }

  /** @throws TidemarkError `store-unavailable` where objects were and their folder is not any more. */
  async check(): Promise<void> {
    try {
      await stat(this.#objects);
      this.#seen = true;
    } catch (error) {
      // Of what else is wrong there the remote itself will say it.
      if (this.#seen && isMissing(error)) throw notMounted(error);
    }
  }

  async before<T>(call: () => Promise<T>): Promise<T> {
    await this.check();
    const result = await call();
    // The first object made the folder.
    if (!this.#seen) await this.check();
    return result;
  }

  /** Whatever the call finds; that there is nothing is believed only of a folder that is there. */
  async unlessMissing<T>(call: () => Promise<T>): Promise<T> {
    try {
      const found = await call();
      if (found === null) await this.check();
      return found;
    } catch (error) {
      if (isTidemarkError(error, 'not-found')) await this.check();
      throw error;
    }
  }
}

/** Seconds until a client may ask again. */
const RETRY_AFTER = 5;

function notMounted(cause: unknown): TidemarkError {
  return new TidemarkError(
    'store-unavailable',
    'The folder of the object store is gone or not mounted: there is no files/md5 in it. Nothing is written there, and nothing taken for lost, until it is back (or made anew, where all of it is given up).',
    { cause, retryAfter: RETRY_AFTER, details: { reason: 'not-mounted' } },
  );
}
