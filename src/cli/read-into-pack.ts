import { hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { packLine } from '../formats/object-pack.ts';

/** A file, and where its bytes go in the memory of a pack; its line goes before them. */
export type PlaceInPack = { readonly file: string; readonly start: number; readonly size: number };

/**
 * Reads a small file into a pack.
 * @returns its MD5 in hex; null when it has another size by now.
 * @throws Error of the file system.
 */
export function readIntoPack(memory: Uint8Array, place: PlaceInPack): string | null {
  const { file, start, size } = place;
  const handle = openSync(file, 'r');
  try {
    let filled = 0;
    while (filled < size) {
      const count = readSync(handle, memory, start + filled, size - filled, null);
      if (count === 0) return null;
      filled += count;
    }
    if (readSync(handle, new Uint8Array(1), 0, 1, null) !== 0) return null;
  } finally {
    closeSync(handle);
  }
  const md5 = hash('md5', memory.subarray(start, start + size), 'hex');
  const line = packLine({ md5, size });
  memory.set(line, start - line.byteLength);
  return md5;
}
