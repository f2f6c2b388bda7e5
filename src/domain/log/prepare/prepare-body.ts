import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from '../../../context.ts';
import type { TextEncoding } from '../../../formats/prediction/record-types.ts';
import { newSpoolPath } from '../../../store/objects/object-spool.ts';
import { runTask } from '../../tasks.ts';
import type { ReceivedBody } from '../receive/receive-body.ts';
import type { ExpectedTypes } from './expected-types.ts';
import type { Placed } from './parse-records-task.ts';
import { prepareBatch } from './prepare-batch.ts';
import { prepareBatchInThread } from './prepare-in-thread.ts';
import type { Prepared, PrepareOptions } from './prepare-records.ts';

export type Preparation = Prepared<{ readonly object: () => Uint8Array | AsyncIterable<Uint8Array> }> & {
  /** Removes the temporary file, if there is one. */
  readonly dispose: () => Promise<void>;
};

/** Cells (rows times columns) that are held at once: nine bytes each. A compute child has room for more. */
const REQUEST_THREAD_CELLS = 2 ** 22;
const CHILD_CELLS = 2 ** 26;

/**
 * Larger bodies go through a file and are parsed in a compute child: a second of parsing would stall everyone. What
 * others' parsers read goes to a child whatever its size, and so many bytes of it past the disk: each time that a file is
 * waited for, here or in the child, is one more for a processor.
 */
export const BYTES_IN_MEMORY = 2 * 1024 ** 2;

/** Whoever sends little, of which much is made, is answered by way of the disk. */
const MOST_GROWTH = 8;

/** Of a prepared object, at once. */
const READ_BYTES = 1024 ** 2;

/** Smaller ones are prepared at once: the way to another thread and back would take as long. */
const LEAST_THREAD_BYTES = 32 * 1024;

/** Prepares a small body of text at once, a larger one in a thread, any other in a compute child. */
export async function prepareBody(
  ctx: Pick<Context, 'config' | 'compute'>,
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
    return { ...prepared, parts: held, dispose: NOTHING };
  }
  return await prepareInChild(ctx, body, options);
}

async function prepareInChild(
  ctx: Pick<Context, 'config' | 'compute'>,
  { content, size }: ReceivedBody,
  options: Omit<PrepareOptions, 'maxCells'>,
): Promise<Preparation> {
  const folder = join(resolve(ctx.config.data), 'tmp');
  const [scratch, object] = [newSpoolPath(folder), newSpoolPath(folder)];
  const heldBytes = Math.min(BYTES_IN_MEMORY, MOST_GROWTH * size);
  const given = { ...options, maxCells: CHILD_CELLS };
  try {
    const input = { body: content, scratch, object, heldBytes, options: given };
    const { parts, ...prepared } = await runTask(ctx, 'parse-records', input);
    const placed = parts.map((part) => ({ ...part, object: () => bytesOf(part, object) }));
    const held = parts.every((part) => 'arrow' in part);
    return { ...prepared, parts: placed, dispose: held ? NOTHING : () => rm(object, { force: true }) };
  } catch (error) {
    // A child that was killed leaves its files.
    await Promise.all([scratch, object].map((file) => rm(file, { force: true })));
    throw error;
  }
}

const NOTHING = (): Promise<void> => Promise.resolve();

function bytesOf(part: Placed, object: string): Uint8Array | AsyncIterable<Uint8Array> {
  if ('arrow' in part) return part.arrow;
  return createReadStream(object, { start: part.start, end: part.end - 1, highWaterMark: READ_BYTES });
}

const isText = (encoding: PrepareOptions['encoding']): encoding is TextEncoding =>
  encoding !== 'parquet' && encoding !== 'arrow';

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
