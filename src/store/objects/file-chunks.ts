import type { FileHandle } from 'node:fs/promises';
import { CHUNK_BYTES, takeChunk } from './chunk-memory.ts';
import { storeFailure } from './object-failure.ts';

type Span = { readonly start: number; readonly end: number };

/**
 * Bytes `[start, end)` of an open file, each chunk read while the one before is used; fewer where the file ends before.
 * A chunk is the reader's, who may give it back. The file is closed by the end, by an error, by the signal, and by the
 * iterator's `return` even before the first `next`.
 */
export function fileChunks(
  handle: FileHandle,
  span: Span,
  signal: AbortSignal | undefined,
): AsyncIterableIterator<Uint8Array> {
  return new FileChunks(handle, span, signal);
}

class FileChunks implements AsyncIterableIterator<Uint8Array> {
  readonly #handle: FileHandle;
  readonly #end: number;
  readonly #signal: AbortSignal | undefined;
  #position: number;
  /** The chunk that is being read; null at the end. */
  #ahead: Promise<Uint8Array | null> | null = null;
  #closed: Promise<void> | null = null;

  constructor(handle: FileHandle, { start, end }: Span, signal: AbortSignal | undefined) {
    this.#handle = handle;
    this.#position = start;
    this.#end = end;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    try {
      this.#signal?.throwIfAborted();
      const chunk = this.#closed === null ? await (this.#ahead ?? this.#read()) : null;
      this.#signal?.throwIfAborted();
      if (chunk === null) return await this.return();
      this.#ahead = this.#read();
      // Awaited by the next call, which may never come.
      this.#ahead.catch(() => {});
      return { done: false, value: chunk };
    } catch (error) {
      await this.#close().catch(() => {});
      throw this.#signal?.aborted === true ? this.#signal.reason : storeFailure(error, 'reading an object');
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#close();
    return { done: true, value: undefined };
  }

  async #read(): Promise<Uint8Array | null> {
    const wanted = Math.min(CHUNK_BYTES, this.#end - this.#position);
    if (wanted <= 0) return null;
    const chunk = wanted === CHUNK_BYTES ? takeChunk() : new Uint8Array(wanted);
    let filled = 0;
    while (filled < wanted) {
      const { bytesRead } = await this.#handle.read(chunk, filled, wanted - filled, this.#position);
      if (bytesRead === 0) break;
      filled += bytesRead;
      this.#position += bytesRead;
    }
    if (filled === 0) return null;
    return filled === wanted ? chunk : chunk.subarray(0, filled);
  }

  readonly #onAbort = (): void => {
    this.#close().catch(() => {});
  };

  /** Waits for what is being read. */
  #close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#closed ??= this.#handle.close();
    return this.#closed;
  }
}
