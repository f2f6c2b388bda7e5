import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Context } from '../../context.ts';
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
  if ('bytes' in body.content) {
    const { arrow, ...prepared } = prepareBatch(body.content.bytes, { ...options, maxCells: REQUEST_THREAD_CELLS });
    return { ...prepared, object: arrow === null ? null : inOnePiece(arrow), dispose: () => Promise.resolve() };
  }
  const object = `${body.content.file}.arrow`;
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

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
