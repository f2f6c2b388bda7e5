import { createHash, hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { answerRequests } from '../compute/thread-pool.ts';
import { packLine } from '../formats/object-pack.ts';

/** Small files to be read into memory, each behind its line of a pack, or one file of any size to be digested. */
export type HashRequest =
  | {
      readonly kind: 'read';
      readonly memory: Uint8Array<SharedArrayBuffer>;
      readonly files: readonly { readonly file: string; readonly start: number; readonly size: number }[];
    }
  | { readonly kind: 'digest'; readonly file: string; readonly size: number; readonly algorithm: 'md5' | 'sha256' };

/** Digests in hex; null in the place of a file that has another size than it had. */
export type HashReply = readonly (string | null)[];

const BLOCK = 1024 * 1024;
let block: Uint8Array | null = null;

answerRequests<HashRequest, HashReply>((request) => {
  if (request.kind === 'digest') return [digest(request)];
  return request.files.map((file) => read(request.memory, file));
});

function read(memory: Uint8Array, place: { file: string; start: number; size: number }): string | null {
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

function digest(request: HashRequest & { kind: 'digest' }): string | null {
  block ??= new Uint8Array(BLOCK);
  const digester = createHash(request.algorithm);
  const handle = openSync(request.file, 'r');
  let size = 0;
  try {
    for (;;) {
      const count = readSync(handle, block, 0, BLOCK, null);
      if (count === 0) break;
      size += count;
      digester.update(block.subarray(0, count));
    }
  } finally {
    closeSync(handle);
  }
  return size === request.size ? digester.digest('hex') : null;
}
