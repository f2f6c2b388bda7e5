import { posix } from 'node:path';
import type { Writable } from 'node:stream';
import { releaseChunk } from '../domain/object/release-chunk.ts';
import { TidemarkError } from '../errors.ts';
import { acceptsGzip } from './content-coding.ts';
import { namesEtag, parseRange, type Range, rangeStillFits } from './range.ts';
import { type HttpContext, nodeOf } from './request.ts';

/** Bytes that can be sent whole or in part. */
export type ByteSource = {
  /** The strong entity tag without its quotes. */
  readonly etag: string;
  readonly size: number;
  /** The name that a browser saves it under. */
  readonly name: string;
  /** `application/octet-stream` when absent. */
  readonly mediaType?: string;
  readonly open: (range?: Range) => Promise<AsyncIterable<Uint8Array>>;
  /** All of them in one piece, where they are few enough for that. */
  readonly whole?: (() => Promise<Uint8Array<ArrayBuffer>>) | null;
  /** All of them in one piece, compressed, where that is worth while. */
  readonly gzip?: (() => Promise<Uint8Array<ArrayBuffer>>) | null;
};

export type ByteOptions = {
  /**
   * The head goes out before the bytes are opened, and they are opened only for a client that is still there: many
   * ask for an object to learn whether it exists. What fails then breaks the connection off.
   */
  readonly headFirst?: boolean;
};

/**
 * Answers with bytes: 200, one range as 206, or 304. Nothing is opened for a HEAD or a 304. What can be compressed is,
 * for a client that takes it so and asks for all of it.
 * @throws TidemarkError `range-not-satisfiable`, `precondition-failed`.
 */
export async function answerBytes(c: HttpContext, source: ByteSource, options: ByteOptions = {}): Promise<Response> {
  const etag = `"${source.etag}"`;
  const { whole = null, gzip = null } = source;
  // The name of a version moves, so caches ask each time; the tag makes that cheap.
  const common = { 'cache-control': 'private, no-cache', ...(gzip === null ? {} : { vary: 'accept-encoding' }) };
  const headers = { etag, ...common };
  const held = c.req.header('if-match');
  if (held !== undefined && !namesEtag(held, etag) && !namesEtag(held, `"${source.etag}-gzip"`)) {
    throw new TidemarkError('precondition-failed', `These are other bytes than If-Match names: theirs is ${etag}.`);
  }
  const known = c.req.header('if-none-match');
  if (namesEtag(known, etag)) return new Response(null, { status: 304, headers });
  const asked = rangeStillFits(c.req.header('if-range'), etag) ? parseRange(c.req.header('range'), source.size) : null;
  const range = asked ?? { start: 0, end: source.size };
  const described = {
    'accept-ranges': 'bytes',
    'content-type': source.mediaType ?? 'application/octet-stream',
    'content-disposition': attachment(source.name),
  };
  if (gzip !== null && asked === null && c.req.method === 'GET' && acceptsGzip(c.req.header('accept-encoding'))) {
    // Other bytes than those that a range is of, so they are not of the same tag.
    const coded = { etag: `"${source.etag}-gzip"`, ...common };
    if (namesEtag(known, coded.etag)) return new Response(null, { status: 304, headers: coded });
    return answerCompressed(c, gzip, { headers: { ...coded, ...described }, later: options.headFirst === true });
  }
  const full = {
    ...headers,
    ...described,
    'content-length': String(range.end - range.start),
    ...(asked === null ? {} : { 'content-range': `bytes ${range.start}-${range.end - 1}/${source.size}` }),
  };
  const status = asked === null ? 200 : 206;
  if (c.req.method === 'HEAD') return new Response(null, { status, headers: full });
  // In one piece it leaves with the head, without a stream in between, which costs as much as all the rest.
  if (whole !== null && asked === null) return new Response(await whole(), { status, headers: full });
  const body = await bodyOf(c, () => source.open(asked ?? undefined), options);
  return new Response(body, { status, headers: full });
}

/** With the head going first nobody knows yet how much will come: the end of the chunks says that it is all. */
async function answerCompressed(
  c: HttpContext,
  gzip: () => Promise<Uint8Array<ArrayBuffer>>,
  { headers, later }: { headers: Readonly<Record<string, string>>; later: boolean },
): Promise<Response> {
  const coded = { ...headers, 'content-encoding': 'gzip' };
  if (later)
    return new Response(
      lazily(
        c,
        whenWanted(c, async () => [await gzip()]),
      ),
      { headers: coded },
    );
  const bytes = await gzip();
  return new Response(bytes, { headers: { ...coded, 'content-length': String(bytes.byteLength) } });
}

async function bodyOf(c: HttpContext, open: () => Promise<AsyncIterable<Uint8Array>>, options: ByteOptions) {
  if (options.headFirst === true) return lazily(c, passing(c, whenWanted(c, open)));
  return streamOf(c, passing(c, await open()));
}

/** How long a client that wanted only the head has for leaving; the head takes the first of them. */
const LEAVING_MILLISECONDS = 10;

/** The bytes, unless the client has gone once it had the head. */
async function* whenWanted(
  c: HttpContext,
  open: () => Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array>>,
): AsyncGenerator<Uint8Array> {
  const { outgoing } = nodeOf(c);
  if (outgoing !== undefined) await stayed(outgoing);
  if (outgoing?.destroyed !== true) yield* await open();
}

function stayed(outgoing: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      outgoing.off('close', done);
      resolve();
    };
    // Where this process was late itself, the news of a closed connection still waits behind the timer.
    const timer = setTimeout(() => setImmediate(done), LEAVING_MILLISECONDS);
    outgoing.once('close', done);
  });
}

/** RFC 6266: a plain name for old readers and the true one in UTF-8. */
export function attachment(path: string): string {
  const name = posix.basename(path);
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const exact = encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return plain === name
    ? `attachment; filename="${name}"`
    : `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}

/**
 * Bytes as a body. The first of them are awaited, so that what fails at once is answered as any other failure;
 * a later one breaks the connection off. A client that leaves lets the source go.
 */
export async function streamOf(c: HttpContext, source: AsyncIterable<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  const iterator = source[Symbol.asyncIterator]();
  return lazily(c, iterator, await iterator.next());
}

/** As `streamOf`, of which nothing is awaited but what the caller awaited already. */
function lazily(
  c: HttpContext,
  iterator: AsyncIterator<Uint8Array>,
  awaited: IteratorResult<Uint8Array> | null = null,
): ReadableStream<Uint8Array> {
  let first = awaited;
  let left = false;
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    const step = first ?? (await iterator.next());
    first = null;
    return step;
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const step = await next();
          if (left) return;
          if (step.done === true) controller.close();
          else controller.enqueue(step.value);
        } catch (error) {
          breakOff(c, controller, error);
        }
      },
      async cancel() {
        left = true;
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** The source, whose chunks are given back when they have left for the network. */
export async function* passing(c: HttpContext, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { outgoing } = nodeOf(c);
  const given: Uint8Array[] = [];
  for await (const chunk of source) {
    yield chunk;
    given.push(chunk);
    // The first chunks are asked for before the head is written. Once it is, each goes to the socket before the next
    // is asked for, and counts there until the kernel has it.
    if (outgoing?.headersSent !== true || outgoing.writableLength > 0) continue;
    for (const left of given.splice(0)) releaseChunk(left);
  }
}

function breakOff(c: HttpContext, controller: ReadableStreamDefaultController, error: unknown): void {
  c.get('ctx').log.error({ request: c.get('requestId'), err: error }, 'an answer was broken off');
  // Without a socket (a call of the app itself) there is no connection to break, so the stream says it.
  const { outgoing } = nodeOf(c);
  if (outgoing === undefined) controller.error(error);
  else outgoing.destroy();
}
