import type { Readable } from 'node:stream';
import { createTransport } from './transport.ts';

/** What an object store in the cluster of the service, but not ours, would keep us waiting for. */
const SILENCE_MILLISECONDS = 15_000;

export type DirectPart = {
  readonly number: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * Puts parts into the object store past the service. The store may be out of reach from here, or refuse: after the
 * first failure it is not tried again, and the parts go the other way.
 */
export class DirectSender {
  readonly #parts: ReadonlyMap<number, DirectPart>;
  readonly #reach = new Map<string, ReturnType<typeof createTransport>>();
  #failed = false;

  constructor(parts: readonly DirectPart[]) {
    this.#parts = new Map(parts.map((part) => [part.number, part]));
  }

  /** Returns whether the part is in the store; the caller sends it otherwise. */
  async send(number: number, body: () => Readable, stopped: AbortSignal): Promise<boolean> {
    const part = this.#parts.get(number);
    if (part === undefined || this.#failed) return false;
    const silence = new AbortController();
    const source = body();
    let timer = setTimeout(() => silence.abort(), SILENCE_MILLISECONDS);
    source.on('data', () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MILLISECONDS);
    });
    try {
      const signal = AbortSignal.any([silence.signal, stopped]);
      const reply = await this.#at(part.url)({
        method: 'PUT',
        target: part.url,
        headers: part.headers,
        body: source,
        signal,
      });
      await reply.bytes();
      if (reply.status >= 200 && reply.status <= 299) return true;
    } catch (error) {
      if (stopped.aborted) throw error;
    } finally {
      clearTimeout(timer);
      source.destroy();
    }
    this.#failed = true;
    return false;
  }

  #at(url: string): ReturnType<typeof createTransport> {
    const { origin } = new URL(url);
    const known = this.#reach.get(origin) ?? createTransport(origin);
    this.#reach.set(origin, known);
    return known;
  }
}
