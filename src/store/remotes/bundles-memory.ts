import type { Bundles } from './bundles.ts';

/** Bundles in this process's memory, for tests; `pieces` lets a test spoil them. */
export type MemoryBundles = Bundles & { readonly pieces: Map<string, Uint8Array> };

/** @param made when each bundle is said to have been made, epoch ms. */
export function createMemoryBundles(made: () => number): MemoryBundles {
  const pieces = new Map<string, Uint8Array>();
  const times = new Map<string, number>();
  return {
    pieces,
    put: async (name, bytes) => {
      pieces.set(name, new Uint8Array(bytes));
      times.set(name, made());
    },
    read: async (name, { start, end }) => {
      const bytes = pieces.get(name)?.slice(start, end);
      return bytes?.byteLength === end - start ? bytes : null;
    },
    remove: async (name) => void pieces.delete(name),
    list: async function* () {
      for (const name of [...pieces.keys()]) yield { name, modified: times.get(name) ?? 0 };
    },
  };
}
