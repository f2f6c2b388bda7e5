import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { beginMd5, endMd5, updateMd5Together } from '../../compute/md5-lanes.ts';
import { answerRequests } from '../../compute/thread-pool.ts';
import { type PlaceInPack, readIntoPack } from './read-into-pack.ts';

/** Small files to be read into memory, each behind its line of a pack, or one file of any size to be digested. */
export type HashRequest =
  | {
      readonly kind: 'read';
      readonly memory: Uint8Array<SharedArrayBuffer>;
      readonly files: readonly PlaceInPack[];
    }
  | { readonly kind: 'digest'; readonly file: string; readonly size: number; readonly algorithm: 'md5' | 'sha256' };

/** Digests in hex; null in the place of a file that has another size than it had. */
export type HashReply = readonly (string | null)[];

answerRequests<HashRequest, HashReply>((request) => {
  if (request.kind === 'digest') return digest(request);
  return readIntoPack(request.memory, request.files);
});

type DigestOne = HashRequest & { kind: 'digest' };

const BLOCK = 256 * 1024;

/** Memory to read into: one piece for each file that is being digested. */
const blocks: Uint8Array[] = [];
let digesting = 0;

async function digest(request: DigestOne): Promise<HashReply> {
  digesting++;
  const block = blocks.pop() ?? new Uint8Array(BLOCK);
  const handle = openSync(request.file, 'r');
  try {
    const [size, made] = request.algorithm === 'md5' ? await md5Of(handle, block) : sha256Of(handle, block);
    return [size === request.size ? made : null];
  } finally {
    closeSync(handle);
    blocks.push(block);
    digesting--;
  }
}

/** The number of bytes and their MD5, which is made together with those of other files. */
async function md5Of(handle: number, block: Uint8Array): Promise<[number, string]> {
  // Others may have been asked for at once.
  await new Promise(setImmediate);
  const stream = beginMd5(digesting === 1);
  let size = 0;
  for (;;) {
    const count = readSync(handle, block, 0, BLOCK, null);
    if (count === 0) return [size, endMd5(stream)];
    size += count;
    await updateMd5Together({ stream, bytes: block.subarray(0, count) });
  }
}

function sha256Of(handle: number, block: Uint8Array): [number, string] {
  const digester = createHash('sha256');
  let size = 0;
  for (;;) {
    const count = readSync(handle, block, 0, BLOCK, null);
    if (count === 0) return [size, digester.digest('hex')];
    size += count;
    digester.update(block.subarray(0, count));
  }
}
