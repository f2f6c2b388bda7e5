import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { sep } from 'node:path';
import { md5OfEach } from '../../compute/md5-each.ts';
import { answerRequests } from '../../compute/thread-pool.ts';
import { partName } from './part-file.ts';
import { prepareFile } from './safe-folder.ts';
import { type Place, takePlace } from './take-place.ts';

/** Small files in one piece of memory, to be checked against their MD5 and written below a base. */
export type WriteRequest = {
  readonly base: string;
  readonly memory: Uint8Array<SharedArrayBuffer>;
  readonly files: readonly PlacedFile[];
};

export type PlacedFile = Place & {
  readonly path: string;
  readonly start: number;
  readonly size: number;
};

/** The stamp of each file once it stood under its name; null for one whose bytes are not what its MD5 says. */
export type WriteReply = readonly (string | null)[];

const safe = new Set<string>();

/** Names that no other thread gives. */
const OURS = randomBytes(8).toString('hex');
let sequence = 0;

answerRequests<WriteRequest, WriteReply>(({ base, memory, files }) => {
  const pieces = files.map(({ start, size }) => memory.subarray(start, start + size));
  const md5s = md5OfEach(pieces);
  return files.map((file, i) => {
    const bytes = pieces[i];
    if (bytes === undefined || md5s[i] !== file.md5) return null;
    return write(prepareFile(base, file.path, safe), bytes, file);
  });
});

/** Aside first, so that a file that stands under its name is whole. */
function write(target: string, bytes: Uint8Array, place: Place): string {
  // Not `dirname` and `join`, which take the whole path apart for each file.
  const folder = target.slice(0, target.lastIndexOf(sep) + 1);
  const aside = folder + partName(`${OURS}-${sequence++}`);
  const handle = openSync(aside, 'wx');
  try {
    try {
      for (let at = 0; at < bytes.byteLength; ) at += writeSync(handle, bytes, at);
    } finally {
      closeSync(handle);
    }
    return takePlace(aside, target, place);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}
