import { isTidemarkError } from '../../errors.ts';
import { createTransport, type Reply } from '../client/transport.ts';

/** What an object store in the cluster of the service, but not ours, would keep us waiting for. */
const SILENCE_MILLISECONDS = 15_000;

/** What is asked of a service: the bytes from `start` on, at present, to `end`. */
export type Asked = {
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly start: () => number;
  readonly end: number;
  /** Whether they may come past the service, where nobody verifies them on the way. */
  readonly direct: boolean;
  readonly signal: AbortSignal;
};

/** Who takes the bytes. */
export type Taker = {
  /** Called before the first of them where all come, though only the rest was asked for. */
  readonly beginAnew: () => Promise<void>;
  /** Takes a chunk, which is its own; null, or what has to be awaited before the next. */
  readonly take: (chunk: Uint8Array) => Promise<void> | null;
};

/** What was answered. Of a refusal the body is still to be read; of anything else it was taken. */
export type Answered = { readonly reply: Reply; readonly direct: boolean };

/**
 * Where bytes come from: a service, or the object store behind it where it sends us on. The store may be out of reach
 * from here, or refuse, or break off: after the first failure it is not tried again, and the rest comes the other way.
 */
export class DownloadSource {
  readonly #silence: number;
  readonly #reach = new Map<string, ReturnType<typeof createTransport>>();
  #storeFailed = false;

  /** @param silence milliseconds that the store may say nothing. */
  constructor(silence = SILENCE_MILLISECONDS) {
    this.#silence = silence;
  }

  /**
   * @throws TidemarkError `store-unavailable` when nobody answers, `upload-aborted` when the service broke off; and
   * what the taker throws.
   */
  async receive(asked: Asked, taker: Taker): Promise<Answered> {
    if (asked.direct && !this.#storeFailed) {
      const first = await this.#ask(asked, { redirect: 'true' });
      const location = first.status === 307 ? first.header('location') : undefined;
      if (location === undefined) return await pourOut(first, asked, taker);
      await first.bytes();
      const reply = await this.#fromStore(location, asked, taker);
      if (reply !== null) return { reply, direct: true };
      this.#storeFailed = true;
    }
    return await pourOut(await this.#ask(asked, {}), asked, taker);
  }

  #ask({ target, headers, start, signal }: Asked, query: Readonly<Record<string, string>>): Promise<Reply> {
    const url = new URL(target);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return this.#at(url.href)({
      method: 'GET',
      target: url.href,
      headers: { ...headers, ...rangeFrom(start()) },
      body: undefined,
      signal,
    });
  }

  /** Null where not all came: what has come was taken. */
  async #fromStore(location: string, { start, end, signal }: Asked, { take }: Taker): Promise<Reply | null> {
    const silent = new AbortController();
    const timer = setTimeout(() => silent.abort(), this.#silence);
    try {
      const from = start();
      const reply = await this.#at(location)({
        method: 'GET',
        target: location,
        headers: rangeFrom(from),
        body: undefined,
        signal: AbortSignal.any([signal, silent.signal]),
      });
      if (reply.status !== (from === 0 ? 200 : 206) || Number(reply.header('content-length')) !== end - from) {
        silent.abort();
        return null;
      }
      await reply.pour((chunk) => {
        timer.refresh();
        return take(chunk);
      });
      return reply;
    } catch (error) {
      const isStores = isTidemarkError(error, 'store-unavailable') || isTidemarkError(error, 'upload-aborted');
      if (signal.aborted || !isStores) throw error;
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  #at(address: string): ReturnType<typeof createTransport> {
    const { origin } = new URL(address);
    const made = this.#reach.get(origin) ?? createTransport(origin);
    this.#reach.set(origin, made);
    return made;
  }
}

async function pourOut(reply: Reply, { start }: Asked, { beginAnew, take }: Taker): Promise<Answered> {
  if (reply.status >= 200 && reply.status <= 299) {
    // What stands between may know no ranges.
    if (start() > 0 && reply.status !== 206) await beginAnew();
    await reply.pour(take);
  }
  return { reply, direct: false };
}

const rangeFrom = (start: number): Record<string, string> => (start === 0 ? {} : { range: `bytes=${start}-` });
