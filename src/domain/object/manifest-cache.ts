import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Context } from '../../context.ts';
import type { ObjectRow } from '../../store/inventory/objects.ts';
import type { ObjectRemote } from '../../store/remotes/remote.ts';
import type { Doer } from '../access/audit.ts';
import { openObject } from './open-object.ts';

/** The largest manifest that is kept: it lists some 200,000 files. */
export const LARGEST_KEPT = 16 * 1024 ** 2;

/** What all that is kept may take. A clone with `dvc` reads one and the same manifest five times. */
const KEPT_BYTES = 64 * 1024 ** 2;

type Bytes = Uint8Array<ArrayBuffer>;
/** What a cache holds says how much memory it takes. */
type Sized = { readonly byteLength: number };
type Reading = Pick<Context, 'db' | 'remote' | 'log'>;

/**
 * What a name says all of, such as bytes by their digest; those that were asked for last. What is asked for by several at once is made
 * once; what fails is forgotten.
 */
export class ByteCache<T extends Sized = Bytes> {
  readonly #most: number;
  #taken = 0;
  /** In the order of their last use; a size of 0 is that of what is still being made. */
  readonly #kept = new Map<string, { readonly bytes: Promise<T>; size: number }>();

  /** @param most bytes that are kept together. */
  constructor(most: number) {
    this.#most = most;
  }

  /** True where `get` makes nothing. */
  has(name: string): boolean {
    return this.#kept.has(name);
  }

  async get(name: string, make: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(name);
    const entry = known ?? { bytes: make(), size: 0 };
    this.#kept.delete(name);
    this.#kept.set(name, entry);
    try {
      const bytes = await entry.bytes;
      if (known === undefined) this.#count(name, entry, bytes.byteLength);
      return bytes;
    } catch (error) {
      if (this.#kept.get(name) === entry) this.#kept.delete(name);
      throw error;
    }
  }

  #count(name: string, entry: { size: number }, size: number): void {
    if (this.#kept.get(name) !== entry) return;
    entry.size = size;
    this.#taken += size;
    for (const [oldest, { size: freed }] of this.#kept) {
      if (this.#taken <= this.#most) return;
      if (freed === 0) continue;
      this.#kept.delete(oldest);
      this.#taken -= freed;
    }
  }
}

const caches = new WeakMap<ObjectRemote, ByteCache>();

function cacheOf(remote: ObjectRemote): ByteCache {
  const cache = caches.get(remote) ?? new ByteCache(KEPT_BYTES);
  caches.set(remote, cache);
  return cache;
}

/** Whether a manifest is given without reading it from the store. */
export function isKept(ctx: Pick<Context, 'remote'>, manifest: ObjectRow): boolean {
  return cacheOf(ctx.remote).has(manifest.sha256);
}

/**
 * The bytes of a manifest of at most `LARGEST_KEPT` bytes, verified. They are everybody's: never write to them.
 * @throws TidemarkError `object-corrupt`, and quarantines it; `store-unavailable`.
 */
export function readManifest(ctx: Reading, manifest: ObjectRow, reader?: Doer): Promise<Bytes> {
  return cacheOf(ctx.remote).get(manifest.sha256, async () => {
    const bytes = new Uint8Array(manifest.size);
    let filled = 0;
    const { projectId } = manifest;
    for await (const chunk of await openObject(ctx, { projectId, object: manifest, reader })) {
      bytes.set(chunk, filled);
      filled += chunk.byteLength;
    }
    return bytes;
  });
}

/** The same, compressed. @throws TidemarkError as `readManifest`. */
export function gzipManifest(ctx: Reading, manifest: ObjectRow, reader?: Doer): Promise<Bytes> {
  return cacheOf(ctx.remote).get(`${manifest.sha256}.gz`, async () =>
    // Digests are half of a manifest and do not shrink; a higher level takes much longer for nothing.
    compress(await readManifest(ctx, manifest, reader), { level: constants.Z_BEST_SPEED }),
  );
}

const compress = promisify<Bytes, { level: number }, Bytes>(gzip);
