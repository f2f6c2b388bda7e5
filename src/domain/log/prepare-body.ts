import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Context } from '../../context.ts';
import type { RecordEncoding, TextEncoding } from '../../formats/prediction/record-types.ts';
import { newSpoolPath } from '../../store/objects/object-spool.ts';
import { runTask } from '../tasks.ts';
import type { ExpectedTypes } from './expected-types.ts';
import { prepareBatch } from './prepare-batch.ts';
import { prepareBatchInThread } from './prepare-in-thread.ts';
import type { Prepared, PrepareOptions } from './prepare-records.ts';
import type { ReceivedBody } from './receive-body.ts';

export type Preparation = Prepared<{ readonly object: () => Uint8Array | AsyncIterable<Uint8Array> }> & {
  /** Removes the temporary file, if there is one. */
  readonly dispose: () => Promise<void>;
};

/** Cells (rows times columns) that are held at once: nine bytes each. A compute child has room for more. */
const REQUEST_THREAD_CELLS = 2 ** 22;
const CHILD_CELLS = 2 ** 26;

/** Larger bodies go through a file and are parsed in a compute child: a second of parsing would stall everyone. */
const REQUEST_THREAD_BYTES = 2 * 1024 ** 2;

/** Of a prepared object, at once. */
const READ_BYTES = 1024 ** 2;

/** Smaller ones are prepared at once: the way to another thread and back would take as long. */
const LEAST_THREAD_BYTES = 32 * 1024;

/** Up to how many bytes a body is parsed in the service itself. What others' parsers read never is. */
export function bytesInMemory(encoding: RecordEncoding): number {
  return isText(encoding) ? REQUEST_THREAD_BYTES : 0;
}

/** Prepares a small body of text at once, a larger one in a thread, any other in a compute child. */
export async function prepareBody(
  ctx: Pick<Context, 'compute'>,
  body: ReceivedBody,
  options: Omit<PrepareOptions, 'maxCells' | 'expected'> & { readonly expected: ExpectedTypes | null },
): Promise<Preparation> {
  const { encoding } = options;
  if ('bytes' in body.content && isText(encoding)) {
    const bytes = withLineEnd(body.content.bytes);
    const given = { ...options, encoding, maxCells: REQUEST_THREAD_CELLS };
    const { parts, ...prepared } =
      body.size < LEAST_THREAD_BYTES ? prepareBatch(bytes, given) : await prepareBatchInThread(bytes, given);
    const held = parts.map(({ arrow, ...part }) => ({ ...part, object: () => arrow }));
    return { ...prepared, parts: held, dispose: () => Promise.resolve() };
  }
  if ('bytes' in body.content) throw new Error(`a body of ${encoding} is read from a file`);
  const object = newSpoolPath(dirname(body.content.file));
  const dispose = () => rm(object, { force: true });
  try {
    const input = { body: body.content.file, object, options: { ...options, maxCells: CHILD_CELLS } };
    const { parts, ...prepared } = await runTask(ctx, 'parse-records', input);
    const placed = parts.map(({ start, end, ...part }) => ({
      ...part,
      object: () => createReadStream(object, { start, end: end - 1, highWaterMark: READ_BYTES }),
    }));
    return { ...prepared, parts: placed, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

const isText = (encoding: RecordEncoding): encoding is TextEncoding => encoding !== 'parquet' && encoding !== 'arrow';

/** A body that does not end its last line gets its line end: then the parser need not copy it. */
function withLineEnd(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const size = bytes.byteLength;
  if (bytes[size - 1] === LINE_END) return bytes;
  // Blank space behind the rows means nothing in any encoding, and there is room for it.
  const longer = new Uint8Array(bytes.buffer, bytes.byteOffset, size + 1);
  longer[size] = LINE_END;
  return longer;
}

const LINE_END = 10;
