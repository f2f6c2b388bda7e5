import { closeSync, openSync, readSync } from 'node:fs';
import { md5OfEach } from '../../compute/md5-each.ts';
import { packLine } from '../../formats/object-pack.ts';

/** A file, and where its bytes go in the memory of a pack; its line goes before them. */
export type PlaceInPack = { readonly file: string; readonly start: number; readonly size: number };

/**
 * Reads small files into a pack, behind each of which its memory has room for at least a byte.
 * @returns the MD5 of each in hex; null for one that has another size by now.
 * @throws Error of the file system.
 */
export function readIntoPack(memory: Uint8Array, places: readonly PlaceInPack[]): (string | null)[] {
  const read = places.map((place) => readWhole(memory, place));
  const md5s = md5OfEach(places.map(({ start, size }) => memory.subarray(start, start + size)));
  return places.map(({ start, size }, i) => {
    const md5 = md5s[i];
    if (read[i] !== true || md5 === undefined) return null;
    const line = packLine({ md5, size });
    memory.set(line, start - line.byteLength);
    return md5;
  });
}

/**
 * False when the file has another size. It is asked for a byte more than it should have, where a line or the end of the pack
 * will stand: to ask once more whether it ends there is a quarter of all calls.
 */
function readWhole(memory: Uint8Array, { file, start, size }: PlaceInPack): boolean {
  const handle = openSync(file, 'r');
  try {
    for (let filled = 0; ; ) {
      const count = readSync(handle, memory, start + filled, size + 1 - filled, null);
      filled += count;
      if (filled >= size || count === 0) return filled === size;
    }
  } finally {
    closeSync(handle);
  }
}
