import type { Readable } from 'node:stream';
import { createTransport } from '../client/transport.ts';

/** What an object store in the cluster of the service, but not ours, would keep us waiting for. */
const SILENCE_MILLISECONDS = 15_000;

/** An address is not used when it has less than that left to live. */
const MARGIN_MILLISECONDS = 60_000;

export type DirectPart = {
  readonly number: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds from when it was given; a service that is older than this client does not say. */
  readonly expires_in?: number | undefined;
};

export type DirectOptions = {
  /** Asks for addresses of parts that are missing still. */
  readonly renew: () => Promise<readonly DirectPart[]>;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
};

/**
 * Puts parts into the object store past the service. Addresses are given for some parts at a time and live shortly, so
 * they are asked for anew on the way. The store may be out of reach from here, or refuse: after the first failure it is
 * not tried again, and the parts go the other way.
 */
export class DirectSender {
  readonly #options: DirectOptions;
  readonly #reach = new Map<string, ReturnType<typeof createTransport>>();
  #parts = new Map<number, { readonly part: DirectPart; readonly until: number }>();
  #renewing: Promise<void> | null = null;
  #failed: boolean;

  /** @param parts what the service gave at the beginning; none where parts cannot go past it. */
  constructor(parts: readonly DirectPart[], options: DirectOptions) {
    this.#options = options;
    this.#failed = parts.length === 0;
    this.#keep(parts);
  }

  /** Returns whether the part is in the store; the caller sends it otherwise. */
  async send(number: number, body: () => Readable, stopped: AbortSignal): Promise<boolean> {
    const part = this.#failed ? undefined : await this.#addressOf(number);
    if (part === undefined) return false;
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

  async #addressOf(number: number): Promise<DirectPart | undefined> {
    const known = this.#fresh(number);
    if (known !== undefined) return known;
    // Several parts that find theirs too old ask once.
    this.#renewing ??= this.#options.renew().then((parts) => this.#keep(parts));
    await this.#renewing.finally(() => {
      this.#renewing = null;
    });
    return this.#fresh(number);
  }

  #fresh(number: number): DirectPart | undefined {
    const found = this.#parts.get(number);
    return found !== undefined && this.#options.now() < found.until ? found.part : undefined;
  }

  #keep(parts: readonly DirectPart[]): void {
    const now = this.#options.now();
    const untilOf = ({ expires_in: seconds = Number.POSITIVE_INFINITY }: DirectPart): number =>
      now + seconds * 1000 - MARGIN_MILLISECONDS;
    this.#parts = new Map(parts.map((part) => [part.number, { part, until: untilOf(part) }]));
  }

  #at(url: string): ReturnType<typeof createTransport> {
    const { origin } = new URL(url);
    const known = this.#reach.get(origin) ?? createTransport(origin);
    this.#reach.set(origin, known);
    return known;
  }
}
