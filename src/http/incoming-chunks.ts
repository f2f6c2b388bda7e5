import type { IncomingMessage } from 'node:http';

/** What may have come before it is asked for. */
const AHEAD_BYTES = 512 * 1024;

type Step = IteratorResult<Uint8Array, undefined>;
type Waiting = { readonly resolve: (step: Step) => void; readonly reject: (error: Error) => void };

/**
 * The chunks of a body as they come from the socket, some of them before they are asked for. Node's own iterator stops
 * the socket and starts it again for each 64 KiB, which takes as long as to receive them. Whoever leaves before the end
 * leaves the rest to be drained; what breaks the body off is thrown.
 */
export function incomingChunks(incoming: IncomingMessage): AsyncIterableIterator<Uint8Array, undefined> {
  return new IncomingChunks(incoming);
}

class IncomingChunks implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #incoming: IncomingMessage;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #end: Error | 'whole' | null = null;
  #waiting: Waiting | null = null;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
    incoming.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose);
    // Whoever left before this is not heard of again.
    if (incoming.readableEnded) this.#onEnd();
    else if (incoming.destroyed) this.#onClose();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#bytes -= chunk.byteLength;
      if (this.#end === null && this.#bytes < AHEAD_BYTES && this.#incoming.isPaused()) this.#incoming.resume();
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#end === 'whole') return Promise.resolve({ done: true, value: undefined });
    if (this.#end !== null) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  return(): Promise<Step> {
    this.#leave('whole');
    this.#chunks.length = 0;
    this.#incoming.pause();
    return Promise.resolve({ done: true, value: undefined });
  }

  readonly #onData = (chunk: Uint8Array): void => {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting === null) this.#keep(chunk);
    else waiting.resolve({ done: false, value: chunk });
  };

  #keep(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    if (this.#bytes >= AHEAD_BYTES) this.#incoming.pause();
  }

  readonly #onEnd = (): void => this.#leave('whole');
  readonly #onError = (error: Error): void => this.#leave(error);
  readonly #onClose = (): void => this.#leave(new Error('the connection was closed'));

  #leave(end: Error | 'whole'): void {
    this.#end ??= end;
    const incoming = this.#incoming;
    incoming.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onError).off('close', this.#onClose);
    const waiting = this.#waiting;
    this.#waiting = null;
    if (end === 'whole') waiting?.resolve({ done: true, value: undefined });
    else waiting?.reject(end);
  }
}
