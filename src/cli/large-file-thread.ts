import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { beginMd5, endMd5, type Md5Stream, updateMd5Together } from '../compute/md5-lanes.ts';
import { answerRequests } from '../compute/thread-pool.ts';

/** Of a file by its number: how many of its bytes are kept, bytes that follow, and its end once these were answered. */
export type LargeFileRequest =
  | { readonly kind: 'begin'; readonly id: number; readonly path: string; readonly kept: number }
  | { readonly kind: 'append'; readonly id: number; readonly bytes: Uint8Array<SharedArrayBuffer> }
  | { readonly kind: 'end'; readonly id: number };

/** The MD5 of the file for its end. */
export type LargeFileReply = string | null;

type OpenFile = { readonly handle: number; md5: Md5Stream | null; size: number };

const files = new Map<number, OpenFile>();

const BLOCK = 512 * 1024;

answerRequests<LargeFileRequest, LargeFileReply>(async (request) => {
  if (request.kind === 'begin') return begin(request);
  const file = files.get(request.id);
  if (file === undefined) throw new Error('there is no such file open');
  if (request.kind === 'append') {
    write(request.id, file, request.bytes);
    await updateMd5Together({ stream: md5Of(file), bytes: request.bytes });
    return null;
  }
  files.delete(request.id);
  closeSync(file.handle);
  return endMd5(md5Of(file));
});

async function begin({ id, path, kept }: LargeFileRequest & { kind: 'begin' }): Promise<null> {
  const file = { handle: openSync(path, 'r+'), md5: null, size: 0 };
  files.set(id, file);
  const block = new Uint8Array(kept > 0 ? BLOCK : 0);
  while (file.size < kept) {
    const count = readSync(file.handle, block, 0, Math.min(BLOCK, kept - file.size), file.size);
    if (count === 0) throw new Error('the part of the file is shorter than it was');
    file.size += count;
    await updateMd5Together({ stream: md5Of(file), bytes: block.subarray(0, count) });
  }
  if (fstatSync(file.handle).size > kept) ftruncateSync(file.handle, kept);
  return null;
}

function write(id: number, file: OpenFile, bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.byteLength; ) {
      const count = writeSync(file.handle, bytes, at, bytes.byteLength - at, file.size);
      at += count;
      file.size += count;
    }
  } catch (error) {
    // What was sent behind these bytes must not take their place.
    files.delete(id);
    closeSync(file.handle);
    throw error;
  }
}

/** Begun with the first bytes: by then it is known whether others come at the same time. */
function md5Of(file: OpenFile): Md5Stream {
  file.md5 ??= beginMd5(files.size === 1);
  return file.md5;
}
