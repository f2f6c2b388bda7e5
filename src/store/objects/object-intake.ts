import { type Digests, digestBytes } from '../../dvc/hash.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import type { Expectation, PutOptions } from '../remotes/put-options.ts';
import type { SummedDigests } from './block-sums.ts';
import { type DigestSession, openDigestSession } from './digest-session.ts';
import { BLOCK_BYTES, type Block, giveBackBlock, takeBlock } from './object-blocks.ts';

/** Takes blocks in order. A block may be reused once its write has resolved. */
export type Sink = { write(block: Uint8Array): Promise<void> };

/** What fits into it is hashed at once and here. */
const FIRST_BYTES = 256 * 1024;

/** So many that the thread which hashes finds its next block ready, however late this one is woken. */
const BLOCKS = 3;

/**
 * Moves a source into a sink in one pass and judges it. Memory is a few blocks, whatever the source's size and
 * chunks; the next chunk is asked for only when there is room for it, and a chunk is not looked at again after
 * that. A block is written and hashed at the same time, while others fill; what is larger than the first small
 * block is hashed on a thread of its own.
 * @throws TidemarkError `too-large`, `upload-aborted`, `digest-mismatch`, or what the sink throws.
 */
export async function intake(
  source: AsyncIterable<Uint8Array>,
  sink: Sink,
  options: PutOptions,
): Promise<SummedDigests> {
  if ((options.expect?.size ?? 0) > options.maxBytes) throw tooLarge(options.maxBytes);
  const blocks = new Blocks(sink);
  try {
    let size = 0;
    for await (const chunk of abortable(source, options.signal)) {
      size += chunk.byteLength;
      if (size > options.maxBytes) throw tooLarge(options.maxBytes);
      const full = blocks.add(chunk);
      if (full !== null) await full;
    }
    const digests = await blocks.finish();
    checkExpectation(digests, options.expect ?? {});
    return digests;
  } finally {
    void blocks.release();
  }
}

/** Copies chunks into blocks of its own, so that a source that reuses its memory cannot part bytes from digest. */
class Blocks {
  readonly #sink: Sink;
  #session: DigestSession | null = null;
  #block: Block = takeBlock();
  #limit = FIRST_BYTES;
  #filled = 0;
  #taken = 1;
  #written: Promise<void> = Promise.resolve();
  /** Blocks on their way, in order; each resolves when it can be filled anew. */
  readonly #busy: Busy[] = [];

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Null, or what has to be awaited before more is added. */
  add(chunk: Uint8Array): Promise<void> | null {
    const room = this.#limit - this.#filled;
    if (chunk.byteLength >= room) return this.#fill(chunk, room);
    this.#block.set(chunk, this.#filled);
    this.#filled += chunk.byteLength;
    return null;
  }

  async finish(): Promise<SummedDigests> {
    if (this.#session === null) return this.#finishSmall();
    this.#send();
    // Asked for at once: the end is digested without waiting for what others send.
    const [digests] = await Promise.all([this.#session.finish(), ...this.#busy.map(({ done }) => done)]);
    return digests;
  }

  /** Gives the blocks back once nobody reads them; to be called once, at the end or where it broke off. */
  async release(): Promise<void> {
    // The last one sent is among the busy ones.
    if (this.#busy.at(-1)?.block !== this.#block) giveBackBlock(this.#block);
    for (const { block, idle } of this.#busy) {
      await idle;
      giveBackBlock(block);
    }
    this.#session?.forget();
  }

  async #finishSmall(): Promise<SummedDigests> {
    const part = this.#block.subarray(0, this.#filled);
    if (part.byteLength > 0) await this.#sink.write(part);
    return { ...digestBytes(part), blockSums: null };
  }

  async #fill(chunk: Uint8Array, room: number): Promise<void> {
    this.#block.set(chunk.subarray(0, room), this.#filled);
    this.#filled += room;
    this.#send();
    this.#block = await this.#nextBlock();
    this.#limit = BLOCK_BYTES;
    this.#filled = 0;
    await this.add(chunk.subarray(room));
  }

  #send(): void {
    const part = this.#block.subarray(0, this.#filled);
    this.#session ??= openDigestSession();
    this.#written = this.#written.then(() => this.#sink.write(part));
    const work = [this.#written, this.#session.update(part)];
    const done = Promise.all(work);
    // The failure is seen when the block is wanted again; until then it must not count as unhandled.
    done.catch(() => {});
    this.#busy.push({ block: this.#block, done, idle: Promise.allSettled(work) });
  }

  async #nextBlock(): Promise<Block> {
    const next = this.#taken === BLOCKS ? this.#busy[0] : undefined;
    if (next === undefined) {
      this.#taken++;
      return takeBlock();
    }
    // Where it failed it stays among the busy ones, to be given back with them.
    await next.done;
    this.#busy.shift();
    return next.block;
  }
}

type Busy = {
  readonly block: Block;
  /** Written and hashed. */
  readonly done: Promise<unknown>;
  /** As `done`, also where one of them failed. */
  readonly idle: Promise<unknown>;
};

/** The source, ended by the signal even while it hangs, and with whatever breaks it named `upload-aborted`. */
async function* abortable(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  const iterator = source[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const step = await nextOrAbort(iterator, signal);
      ended = step.done === true;
      if (step.done === true) return;
      yield step.value;
    }
  } catch (cause) {
    if (isTidemarkError(cause)) throw cause;
    throw new TidemarkError(
      'upload-aborted',
      'The upload broke off before its end; nothing was stored. Send it again.',
      {
        cause,
      },
    );
  } finally {
    // Not awaited: a generator that hangs in `next` would never answer.
    if (!ended) void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}

function nextOrAbort(
  iterator: AsyncIterator<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<IteratorResult<Uint8Array>> {
  if (signal === undefined) return iterator.next();
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    const settle = () => signal.removeEventListener('abort', abort);
    iterator.next().finally(settle).then(resolve, reject);
  });
}

/**
 * Compares what came with what was announced.
 * @throws TidemarkError `digest-mismatch` with both in its details.
 */
export function checkExpectation(actual: Digests, expected: Expectation): void {
  for (const key of ['size', 'md5', 'sha256'] as const) {
    if (expected[key] === undefined || expected[key] === actual[key]) continue;
    const name = key === 'size' ? 'number of bytes' : key === 'md5' ? 'MD5' : 'SHA-256';
    throw new TidemarkError(
      'digest-mismatch',
      `The ${name} of what arrived is ${actual[key]}, announced was ${expected[key]}; nothing was stored.`,
      { details: { expected: { [key]: expected[key] }, actual } },
    );
  }
}

function tooLarge(maxBytes: number): TidemarkError {
  return new TidemarkError(
    'too-large',
    `The object is larger than the limit of ${maxBytes} bytes; nothing was stored.`,
  );
}
