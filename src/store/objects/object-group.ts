import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { createThreadPool, type ThreadPool } from '../../compute/thread-pool.ts';
import { objectPath } from '../../dvc/path.ts';
import type { TidemarkError } from '../../errors.ts';
import type { ObjectGroup, ObjectRemote, StoredObject, WantedObject } from '../remotes/remote.ts';
import { SUMMED_BYTES } from './block-sums.ts';
import { createFileSystemSync, type FileSystemSync } from './file-system-sync.ts';
import { once, putMember } from './object-each.ts';
import { memberMismatch, storeFailure } from './object-failure.ts';
import {
  type GroupReply,
  type GroupRequest,
  MD5_DIGITS,
  type Packed,
  placesOf,
  SHA256_DIGITS,
  STATE,
  spoolOf,
  type WholeStored,
  type Written,
} from './object-group-request.ts';
import { newSpoolPath } from './object-spool.ts';

/** Groups of small objects in a folder: the disk is told once to keep what a whole group has written. */
export type GroupStore = {
  readonly put: (group: ObjectGroup) => Promise<(StoredObject | TidemarkError)[]>;
  readonly putWhole: ObjectRemote['putWhole'];
  readonly read: ObjectRemote['readGroup'];
};

/** More would only wait for the same disk. */
const THREADS = Math.min(4, availableParallelism());

/** So few are made durable one by one: to do it at once is to wait for all that others have written there, too. */
const FEW_MEMBERS = 4;

/** Larger ones are hashed while they are written, and their blocks summed. */
const WHOLE_BYTES = SUMMED_BYTES;

/** Memory that groups are read into is kept for the next ones: fresh memory costs more than reading into it. */
const READ_BYTES = 1024 ** 2;
const MEMORIES_KEPT = 8;

export function createGroupStore(options: {
  readonly root: string;
  readonly temporary: string;
  /** Takes what a group cannot: a name under which something lies already. */
  readonly single: Pick<ObjectRemote, 'put' | 'read'>;
}): GroupStore {
  return new DirectoryGroups(options);
}

type Options = Parameters<typeof createGroupStore>[0];

class DirectoryGroups implements GroupStore {
  readonly #options: Options;
  readonly #threads: ThreadPool<GroupRequest, GroupReply>;
  readonly #syncAll: FileSystemSync;
  readonly #memories: Uint8Array<SharedArrayBuffer>[] = [];

  constructor(options: Options) {
    this.#options = options;
    const entry = new URL(`./object-group-thread${extname(import.meta.url)}`, import.meta.url);
    this.#threads = createThreadPool(entry, THREADS);
    this.#syncAll = createFileSystemSync(options.root);
  }

  async put(group: ObjectGroup): Promise<(StoredObject | TidemarkError)[]> {
    const packed = this.#pack(group);
    try {
      const written = await this.#ask<Written>({ kind: 'write', ...packed });
      // Bytes before names: a name that outlives a power failure must not outlive its bytes.
      await this.#keep(group, () => ({ kind: 'sync', paths: spooledOf(packed, written.states) }));
      const states = await this.#ask<Uint8Array>({ kind: 'publish', ...packed, states: written.states });
      await this.#keep(group, () => ({
        kind: 'sync-folders',
        root: packed.root,
        folders: foldersOf(group, packed.root),
      }));
      return await this.#outcomes(group, { ...written, states });
    } catch (error) {
      const spools = group.members.map((_, i) => spoolOf(packed, i));
      await Promise.all(spools.map((spool) => rm(spool, { force: true }).catch(() => {})));
      throw storeFailure(error, 'storing objects');
    }
  }

  async putWhole(bytes: Uint8Array): Promise<StoredObject> {
    const { root, temporary, single } = this.#options;
    if (bytes.byteLength > WHOLE_BYTES) return await single.put(once(bytes), { maxBytes: bytes.byteLength });
    const spool = newSpoolPath(temporary);
    // A view would be copied with all that it is a view of.
    const alone = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
    const stored = await this.#ask<WholeStored>({ kind: 'whole', root, spool, bytes: alone }).catch(
      (error: unknown) => {
        throw storeFailure(error, 'storing an object');
      },
    );
    if (!stored.named) return await single.put(once(bytes), { maxBytes: bytes.byteLength });
    const { md5, sha256, size } = stored;
    return { oid: md5, md5, sha256, size, blockSums: null, existed: false };
  }

  #pack({ memory, members }: ObjectGroup): Packed {
    const { root, temporary } = this.#options;
    const oids = members.map(({ oid }) => oid).join('');
    return { root, spool: newSpoolPath(temporary), memory, oids, places: placesOf(members) };
  }

  async #outcomes(group: ObjectGroup, { states, md5s, sha256s }: Written): Promise<(StoredObject | TidemarkError)[]> {
    const results: (StoredObject | TidemarkError)[] = [];
    for (const [i, member] of group.members.entries()) {
      const { oid, size } = member;
      const state = states[i];
      const sha256 = sha256s.slice(i * SHA256_DIGITS, (i + 1) * SHA256_DIGITS);
      if (state === STATE.named || state === STATE.same) {
        results.push({ oid, md5: oid, sha256, size, blockSums: null, existed: state === STATE.same });
      } else if (state === STATE.wrong)
        results.push(memberMismatch(oid, md5s.slice(i * MD5_DIGITS, (i + 1) * MD5_DIGITS)));
      else results.push(await putMember(this.#options.single, group, member));
    }
    return results;
  }

  async read<T>(wanted: readonly WantedObject[], take: (found: readonly (Uint8Array | null)[]) => T): Promise<T> {
    let total = 0;
    const placed = wanted.map((object) => {
      const start = total;
      total += object.size;
      return { ...object, start };
    });
    const kept = total <= READ_BYTES ? this.#memories.pop() : undefined;
    const memory = kept ?? new Uint8Array(new SharedArrayBuffer(Math.max(total, READ_BYTES)));
    let good: readonly boolean[];
    try {
      good = await this.#ask<readonly boolean[]>({ kind: 'read', root: this.#options.root, memory, wanted: placed });
    } catch (error) {
      // The thread may still be at it: this memory is not used again.
      throw storeFailure(error, 'reading objects');
    }
    const found = placed.map(({ start, size }, i) => (good[i] === true ? memory.subarray(start, start + size) : null));
    const taken = take(found);
    if (memory.byteLength === READ_BYTES && this.#memories.length < MEMORIES_KEPT) this.#memories.push(memory);
    return taken;
  }

  /** Makes what belongs to a group durable: all at once where the system can, else one by one. */
  async #keep({ members }: ObjectGroup, oneByOne: () => GroupRequest): Promise<void> {
    if (members.length > FEW_MEMBERS && (await this.#syncAll())) return;
    await this.#ask<readonly boolean[]>(oneByOne());
  }

  /** The thread answers each kind of request in kind. */
  async #ask<R extends GroupReply>(request: GroupRequest): Promise<R> {
    return (await this.#threads.ask(request)) as R;
  }
}

function spooledOf(packed: Packed, states: Uint8Array): string[] {
  return [...states].flatMap((state, i) => (state === STATE.spooled ? [spoolOf(packed, i)] : []));
}

/**
 * Every folder with the name of a member in it. Also for members that were there before: whoever named them a moment ago
 * may not have come as far as this.
 */
function foldersOf(group: ObjectGroup, root: string): string[] {
  return [...new Set(group.members.map((member) => dirname(join(root, objectPath(member.oid)))))];
}
