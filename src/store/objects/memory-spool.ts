import { storeFailure } from './object-failure.ts';
import type { Sink } from './object-intake.ts';
import { openSpool, type Spool } from './object-spool.ts';

/** What comes in one block of at most so many bytes never sees the disk. */
const HELD_BYTES = 256 * 1024;

/** All that came: its bytes, or the path of a file that holds them. */
type Spooled = { readonly bytes: Uint8Array } | { readonly path: string };

export type MemorySpool = Sink & {
  /** Ends writing. */
  finish(): Promise<Spooled>;
  /** Removes what was written to the disk. Never throws. */
  discard(): Promise<void>;
};

/** Bytes on their way to another place: in memory while they are few, in a spool file of the folder from then on. */
export function createMemorySpool(folder: string): MemorySpool {
  let held: Uint8Array | null = null;
  let spool: Spool | null = null;
  return {
    async write(block) {
      if (spool === null && held === null && block.byteLength <= HELD_BYTES) {
        // The block is its owner's again once this has resolved.
        held = block.slice();
        return;
      }
      spool ??= await openSpool(folder, { durable: false }).catch((error: unknown) => {
        throw storeFailure(error, 'beginning an upload');
      });
      if (held !== null) await spool.write(held);
      held = null;
      await spool.write(block);
    },
    async finish() {
      await spool?.finish();
      return spool === null ? { bytes: held ?? new Uint8Array() } : { path: spool.path };
    },
    discard: async () => spool?.discard(),
  };
}
