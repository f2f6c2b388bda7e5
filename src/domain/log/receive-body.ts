import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { TidemarkError } from '../../errors.ts';
import { newSpoolPath } from '../../store/objects/object-spool.ts';

export type ContentEncoding = 'identity' | 'gzip' | 'zstd';

/** Written at once: what comes from a socket at a time is so little that the way to the disk costs more than its bytes. */
const SPILL_BYTES = 1024 ** 2;

/** A whole body, plain: in memory while it is small, in a temporary file of its own beyond that. */
export type ReceivedBody = {
  readonly content: { readonly chunks: readonly Uint8Array[] } | { readonly file: string };
  /** Plain bytes. */
  readonly size: number;
  /** Of the plain bytes, in hex; empty when it was not asked for. */
  readonly sha256: string;
  /** Removes the temporary file, if there is one. */
  readonly dispose: () => Promise<void>;
};

export type ReceiveOptions = {
  readonly encoding: ContentEncoding;
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
 * Takes a body in one pass, inflating it on the way. Memory is bounded whatever is sent.
 * @throws TidemarkError `too-large` as soon as the plain bytes pass the limit, `bad-request` for compressed
 * data that is broken, cut off or followed by something else, and what the source throws.
 */
export async function receiveBody(source: AsyncIterable<Uint8Array>, options: ReceiveOptions): Promise<ReceivedBody> {
  const digest = options.digest ? createHash('sha256') : null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  let held = 0;
  const spill = new Spill(() => newSpoolPath(options.folder));
  try {
    for await (const chunk of plain(source, options.encoding)) {
      size += chunk.byteLength;
      if (size > options.maxBytes) throw tooLarge(options.maxBytes);
      options.arrived(size);
      digest?.update(chunk);
      chunks.push(chunk);
      held += chunk.byteLength;
      if (size <= options.memoryBytes || held < SPILL_BYTES) continue;
      await spill.write(chunks.splice(0));
      held = 0;
    }
    if (size > options.memoryBytes) await spill.write(chunks.splice(0));
    await spill.close();
  } catch (error) {
    await spill.remove();
    throw error;
  }
  const content = spill.path === null ? { chunks } : { file: spill.path };
  return { content, size, sha256: digest?.digest('hex') ?? '', dispose: () => spill.remove() };
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

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    if (this.#handle === null) {
      const path = this.#newPath();
      await mkdir(dirname(path), { recursive: true });
      this.#handle = await open(path, 'wx', 0o600);
      this.#path = path;
    }
    // Writes all of it, where `write` may stop short.
    await this.#handle.writeFile(Buffer.concat(chunks));
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
