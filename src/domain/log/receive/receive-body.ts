import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { TidemarkError } from '../../../errors.ts';
import { newSpoolPath } from '../../../store/objects/object-spool.ts';
import { keepMemory, takeMemory } from './body-memory.ts';

export type ContentEncoding = 'identity' | 'gzip' | 'zstd';

/** Written at once: what comes from a socket at a time is so little that the way to the disk costs more than its bytes. */
const SPILL_BYTES = 1024 ** 2;

/**
 * A whole body, plain: in memory while it is small, in a temporary file of its own beyond that. In memory there is room
 * for one more byte behind it.
 */
export type ReceivedBody = {
  readonly content: { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly file: string };
  /** Plain bytes. */
  readonly size: number;
  /** Of the plain bytes, in hex; empty when it was not asked for. */
  readonly sha256: string;
  /** Gives the memory back, or removes the temporary file. */
  readonly dispose: () => Promise<void>;
};

export type ReceiveOptions = {
  readonly encoding: ContentEncoding;
  /** Bytes that are to come, as far as the sender says. */
  readonly announced: number | null;
  /** Most plain bytes. */
  readonly maxBytes: number;
  /** Plain bytes up to which the body is kept in memory. */
  readonly memoryBytes: number;
  /** Where the temporary file goes; made when missing. */
  readonly folder: string;
  /** Told how many plain bytes have come so far; what it throws ends the body. */
  readonly arrived: (total: number) => void;
  /** Compute the SHA-256. */
  readonly digest: boolean;
};

/**
 * Takes a body in one pass, inflating it on the way. Memory is bounded whatever is sent. A chunk is not looked at again
 * once the next is asked for.
 * @throws TidemarkError `too-large` as soon as the plain bytes pass the limit, `bad-request` for compressed
 * data that is broken, cut off or followed by something else, and what the source throws.
 */
export async function receiveBody(source: AsyncIterable<Uint8Array>, options: ReceiveOptions): Promise<ReceivedBody> {
  const digest = options.digest ? createHash('sha256') : null;
  const held = new Held(options.announced ?? 0);
  let size = 0;
  const spill = new Spill(() => newSpoolPath(options.folder));
  try {
    for await (const chunk of plain(source, options.encoding)) {
      size += chunk.byteLength;
      if (size > options.maxBytes) throw tooLarge(options.maxBytes);
      options.arrived(size);
      digest?.update(chunk);
      held.add(chunk);
      if (size <= options.memoryBytes || held.bytes.byteLength < SPILL_BYTES) continue;
      await spill.write(held.bytes);
      held.clear();
    }
    if (size > options.memoryBytes) await spill.write(held.bytes);
    await spill.close();
  } catch (error) {
    held.giveBack();
    await spill.remove();
    throw error;
  }
  const sha256 = digest?.digest('hex') ?? '';
  if (spill.path === null) {
    const dispose = async (): Promise<void> => held.giveBack();
    return { content: { bytes: held.bytes }, size, sha256, dispose };
  }
  held.giveBack();
  return { content: { file: spill.path }, size, sha256, dispose: () => spill.remove() };
}

/** Bodies of less come and go with the heap. */
const LEAST_TAKEN = 16 * 1024;

/** Whoever announces much and sends little takes no more memory than so many times what has come. */
const AHEAD = 8;
/** Nor more than twice of what is written at once. */
const MOST_AHEAD = 2 * SPILL_BYTES - 1;

/** Bytes that gather in one piece of memory. */
class Held {
  readonly #announced: number;
  #memory: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #size = 0;

  constructor(announced: number) {
    this.#announced = announced;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#memory.subarray(0, this.#size);
  }

  add(chunk: Uint8Array): void {
    const size = this.#size + chunk.byteLength;
    if (size >= this.#memory.byteLength) this.#grow(size);
    this.#memory.set(chunk, this.#size);
    this.#size = size;
  }

  clear(): void {
    this.#size = 0;
  }

  giveBack(): void {
    const { buffer } = this.#memory;
    // Given back twice, it would be handed out to two bodies at once.
    this.#memory = new Uint8Array(0);
    if (buffer.byteLength >= LEAST_TAKEN) keepMemory(buffer);
  }

  /** To more than so many bytes, at once to all that are announced, where these are not far more. */
  #grow(size: number): void {
    const expected = Math.min(Math.max(this.#announced, 2 * this.#memory.byteLength), AHEAD * size, MOST_AHEAD);
    const room = Math.max(size, expected) + 1;
    const larger = room < LEAST_TAKEN ? new Uint8Array(room) : new Uint8Array(takeMemory(room));
    larger.set(this.bytes);
    this.giveBack();
    this.#memory = larger;
  }
}

const plain = (source: AsyncIterable<Uint8Array>, encoding: ContentEncoding): AsyncIterable<Uint8Array> =>
  encoding === 'identity' ? source : inflated(source, encoding);

async function* inflated(
  source: AsyncIterable<Uint8Array>,
  encoding: Exclude<ContentEncoding, 'identity'>,
): AsyncGenerator<Uint8Array> {
  let received = 0;
  let sourceFailure: unknown;
  const counted = async function* () {
    try {
      for await (const chunk of source) {
        received += chunk.byteLength;
        yield chunk;
      }
    } catch (error) {
      sourceFailure = error;
      throw error;
    }
  };
  const input = Readable.from(counted(), { objectMode: false });
  const inflate = encoding === 'gzip' ? createGunzip() : createZstdDecompress();
  input.on('error', (error) => inflate.destroy(error));
  input.pipe(inflate);
  try {
    // Readable streams of bytes yield Buffers; their type says `any`.
    yield* inflate as AsyncIterable<Uint8Array>;
    // The decompressor stops at the end of its data and says nothing of what follows.
    if (inflate.bytesWritten < received) throw brokenData(encoding, 'something follows its end');
  } catch (error) {
    if (sourceFailure !== undefined) throw sourceFailure;
    throw isInflateError(error) ? brokenData(encoding, 'it is broken or cut off', error) : error;
  } finally {
    input.destroy();
    inflate.destroy();
  }
}

function isInflateError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('Z_') || code.startsWith('ZSTD_') || code.startsWith('ERR_ZLIB');
}

function brokenData(encoding: string, how: string, cause?: unknown): TidemarkError {
  return new TidemarkError('bad-request', `The ${encoding} body cannot be inflated: ${how}. Nothing was stored.`, {
    cause,
  });
}

function tooLarge(limit: number): TidemarkError {
  return new TidemarkError(
    'too-large',
    `The body holds more than the limit of ${limit} plain bytes; send it in smaller batches.`,
    { details: { limit } },
  );
}

/** A temporary file that is made when it is first written to. */
class Spill {
  readonly #newPath: () => string;
  #handle: FileHandle | null = null;
  #path: string | null = null;

  constructor(newPath: () => string) {
    this.#newPath = newPath;
  }

  /** Null while nothing was written. */
  get path(): string | null {
    return this.#path;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#handle === null) {
      const path = this.#newPath();
      await mkdir(dirname(path), { recursive: true });
      this.#handle = await open(path, 'wx', 0o600);
      this.#path = path;
    }
    // Writes all of it, where `write` may stop short.
    await this.#handle.writeFile(bytes);
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  async remove(): Promise<void> {
    if (this.#path === null) return;
    await this.close();
    await rm(this.#path, { force: true });
  }
}
