import { type Oid, oidOfMd5, parseOid } from '../../dvc/hash.ts';
import { once, putEach, putStream, readEach } from '../objects/object-each.ts';
import { objectNotFound } from '../objects/object-failure.ts';
import { intake } from '../objects/object-intake.ts';
import { bearsLegacyName, judgeStored } from '../objects/object-judge.ts';
import { clampRange } from '../objects/object-stream.ts';
import { createMemoryParts } from './parts-memory.ts';
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

const READ_BLOCK = 64 * 1024;

/** Objects in this process's memory, for tests of what stands on a remote. `objects` lets a test spoil them. */
export type MemoryRemote = ObjectRemote & {
  readonly objects: Map<Oid, Uint8Array>;
  /** By their names in DVC 2's layout. */
  readonly legacy: Map<Oid, Uint8Array>;
};

export function createMemoryRemote(): MemoryRemote {
  return new InMemoryRemote();
}

class InMemoryRemote implements MemoryRemote {
  readonly location = 'memory:';
  readonly near = true;
  readonly objects = new Map<Oid, Uint8Array>();
  readonly legacy = new Map<Oid, Uint8Array>();
  readonly parts = createMemoryParts();

  async put(source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<StoredObject> {
    const parts: Uint8Array[] = [];
    // A Buffer's own `slice` is no copy, and the block is used again.
    const sink = { write: async (block: Uint8Array) => void parts.push(new Uint8Array(block)) };
    const digests = await intake(source, sink, options);
    const oid = oidOfMd5(digests.md5, options.directory);
    let stored = await judgeStored(this, oid, digests);
    // Judging awaits, so another writer may have come first in the meantime.
    while (stored === 'missing' && this.objects.has(oid)) stored = await judgeStored(this, oid, digests);
    const existed = stored === 'same';
    if (!existed) this.objects.set(oid, new Uint8Array(Buffer.concat(parts)));
    return { oid, ...digests, existed };
  }

  async putWhole(bytes: Uint8Array): Promise<StoredObject> {
    return await this.put(once(bytes), { maxBytes: bytes.byteLength });
  }

  async putGroup(group: ObjectGroup) {
    return await putEach(putStream(this), group);
  }

  async readGroup<T>(wanted: readonly WantedObject[], take: (found: readonly (Uint8Array | null)[]) => T): Promise<T> {
    return take(await readEach(this, wanted));
  }

  async touchedAt(): Promise<null> {
    return null;
  }

  async stat(oid: Oid): Promise<{ size: number } | null> {
    const bytes = this.objects.get(parseOid(oid));
    return bytes === undefined ? null : { size: bytes.byteLength };
  }

  async read(oid: Oid, options: ReadOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    options.signal?.throwIfAborted();
    const bytes = this.objects.get(parseOid(oid));
    if (bytes === undefined) throw objectNotFound(oid);
    const { start, end } = clampRange(options, bytes.byteLength);
    return pieces(bytes.subarray(start, end), options.signal);
  }

  async nameLegacy(oid: Oid, legacy: Oid): Promise<void> {
    const found = this.legacy.get(parseOid(legacy));
    const bytes = this.objects.get(parseOid(oid));
    if (bytes === undefined) throw objectNotFound(oid);
    if (found !== undefined && (await bearsLegacyName(pieces(found, undefined), legacy))) return;
    this.legacy.set(legacy, bytes);
  }

  async remove(oid: Oid): Promise<void> {
    this.objects.delete(parseOid(oid));
  }

  async removeLegacy(legacy: Oid): Promise<void> {
    this.legacy.delete(parseOid(legacy));
  }

  async *list(prefix = '', { after = '', layout }: ListOptions = {}): AsyncGenerator<ListedObject> {
    const objects = layout === 'legacy' ? this.legacy : this.objects;
    for (const oid of [...objects.keys()].sort()) {
      const size = objects.get(oid)?.byteLength;
      if (oid.startsWith(prefix) && oid > after && size !== undefined) yield { oid, size };
    }
  }

  async readLegacy(legacy: Oid): Promise<AsyncIterable<Uint8Array>> {
    const bytes = this.legacy.get(parseOid(legacy));
    if (bytes === undefined) throw objectNotFound(legacy);
    return pieces(bytes, undefined);
  }

  async adoptLegacy(legacy: Oid, oid: Oid): Promise<void> {
    const bytes = this.legacy.get(parseOid(legacy));
    if (bytes === undefined) throw objectNotFound(legacy);
    if (!this.objects.has(parseOid(oid))) this.objects.set(oid, bytes);
  }

  async probe(): Promise<void> {}

  async sweep(): Promise<number> {
    return 0;
  }
}

async function* pieces(bytes: Uint8Array, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += READ_BLOCK) {
    signal?.throwIfAborted();
    // A Buffer's own `slice` is no copy.
    yield new Uint8Array(bytes.subarray(at, at + READ_BLOCK));
  }
}
