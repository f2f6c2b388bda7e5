import { addAbortSignal, type Readable } from 'node:stream';
import { storeFailure } from './object-failure.ts';

/**
 * A Node stream as bytes to iterate. The descriptor or socket behind it is let go by the end, by an error, by
 * the signal, and by the iterator's `return` even before the first `next` (which a bare stream would not do).
 */
export function releasable(stream: Readable, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
  // An abort before iteration begins would otherwise be an unhandled 'error' event.
  stream.on('error', () => {});
  if (signal !== undefined) addAbortSignal(signal, stream);
  return {
    [Symbol.asyncIterator]() {
      const chunks: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            return await chunks.next();
          } catch (error) {
            throw signal?.aborted === true ? signal.reason : storeFailure(error, 'reading an object');
          }
        },
        async return() {
          stream.destroy();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** `[start, end)` clamped to an object of `size` bytes. */
export function clampRange(range: { start?: number | undefined; end?: number | undefined }, size: number) {
  const start = Math.min(Math.max(range.start ?? 0, 0), size);
  return { start, end: Math.max(start, Math.min(range.end ?? size, size)) };
}
