import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Context } from '../../context.ts';
import { newSpoolPath } from '../../store/object-spool.ts';
import { runTask } from '../tasks.ts';
import type { ExpectedTypes } from './expected-types.ts';
import { type PreparedBatch, type PrepareOptions, prepareBatch } from './prepare-batch.ts';
import type { ReceivedBody } from './receive-body.ts';

export type Preparation = Omit<PreparedBatch, 'arrow'> & {
  /** The object's bytes; null in a batch that is refused. */
  readonly object: AsyncIterable<Uint8Array> | null;
  /** Removes the temporary file, if there is one. */
  readonly dispose: () => Promise<void>;
};

/** Cells (rows times columns) that are held at once: nine bytes each. A compute child has room for more. */
const REQUEST_THREAD_CELLS = 2 ** 22;
const CHILD_CELLS = 2 ** 26;

/** Prepares a small body at once, a large one in a compute child. */
export async function prepareBody(
  ctx: Pick<Context, 'compute'>,
  body: ReceivedBody,
  options: Omit<PrepareOptions, 'maxCells' | 'expected'> & { readonly expected: ExpectedTypes | null },
): Promise<Preparation> {
  if ('chunks' in body.content) {
    const bytes = inScratch(body.content.chunks, body.size);
    const { arrow, ...prepared } = prepareBatch(bytes, { ...options, maxCells: REQUEST_THREAD_CELLS });
    return { ...prepared, object: arrow === null ? null : inOnePiece(arrow), dispose: () => Promise.resolve() };
  }
  const object = newSpoolPath(dirname(body.content.file));
  const dispose = () => rm(object, { force: true });
  try {
    const input = { body: body.content.file, object, options: { ...options, maxCells: CHILD_CELLS } };
    const prepared = await runTask(ctx, 'parse-records', input);
    return { ...prepared, object: prepared.refused ? null : createReadStream(object), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/**
 * One piece of memory for every small body: preparing one is synchronous and keeps no view of it, and a fresh
 * half megabyte for each batch would have the garbage collector run all the time.
 */
let scratch: Buffer<ArrayBuffer> = Buffer.alloc(0);

/** The chunks joined; valid until the next call. A body that does not end its last line gets its line end. */
function inScratch(chunks: readonly Uint8Array[], size: number): Uint8Array {
  if (scratch.length <= size) scratch = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(size + 1)));
  let at = 0;
  for (const chunk of chunks) {
    scratch.set(chunk, at);
    at += chunk.length;
  }
  // Blank space behind the rows means nothing in either encoding, and the parser need not copy them then.
  if (scratch[size - 1] === LINE_END) return scratch.subarray(0, size);
  scratch[size] = LINE_END;
  return scratch.subarray(0, size + 1);
}

const LINE_END = 10;

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
