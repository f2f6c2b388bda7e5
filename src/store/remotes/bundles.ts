import type { Digests } from '../../dvc/hash.ts';

/** Which bytes of a bundle: `[start, end)`. */
export type BundleRange = { readonly start: number; readonly end: number };

/** Pieces with many small objects in them, under names of their own beside those of objects. */
export type Bundles = {
  /** Durable before this resolves; the store has compared the bytes with their digests. */
  put(name: string, bytes: Uint8Array, digests: Digests): Promise<void>;

  /** Nothing is verified. Null where the bundle is not there, or is shorter. */
  read(name: string, range: BundleRange): Promise<Uint8Array | null>;

  /** Removing what is not there is no error. */
  remove(name: string): Promise<void>;

  /** All there are, with when each was made (epoch ms, by the store's clock). */
  list(): AsyncIterable<{ readonly name: string; readonly modified: number }>;
};
