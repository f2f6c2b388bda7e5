import type { HttpBindings } from '@hono/node-server';
import type { Context as HonoContext } from 'hono';
import type { Context } from '../context.ts';
import type { Actor } from '../domain/access/actor.ts';
import type { AskedFor } from '../domain/object/ask-object.ts';
import { releaseChunk } from '../domain/object/release-chunk.ts';
import { TidemarkError } from '../errors.ts';
import { parseStrictJson } from './strict-json.ts';

/** What travels with each request. */
export type HttpEnv = {
  Bindings: HttpBindings;
  Variables: {
    ctx: Context;
    requestId: string;
    actor: Actor;
    /** In a DVC remote: the object that is asked for, as it was found when the actor was let in; null for none. */
    asked?: AskedFor['asked'];
  };
};

export type HttpContext = HonoContext<HttpEnv>;

/** Node's side of the request; nothing without a socket (a call of the app itself), whatever the type says. */
export function nodeOf(c: HttpContext): Partial<HttpBindings> {
  const bindings: Partial<HttpBindings> | undefined = c.env;
  return bindings ?? {};
}

/**
 * Refuses an address that names its place by steps up or down. The server's own URL parser would resolve them, also
 * where they are escaped, and answer with another resource than the path says.
 * @throws TidemarkError `bad-path`.
 */
export function refuseDotSegments(c: HttpContext): void {
  // A call of the app itself has nothing but the resolved address.
  const target = nodeOf(c).incoming?.url ?? '';
  const path = target.split('?', 1)[0] ?? '';
  if (!/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(path)) return;
  throw new TidemarkError('bad-path', 'The address holds the segment "." or "..": write the path out, from the root.');
}

/** The media type without parameters, in lower case; empty when the header is missing. */
export function mediaType(c: HttpContext): string {
  return (c.req.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/**
 * The whole body, up to `limit` bytes.
 * @throws TidemarkError `too-large` (the rest is not read) or `upload-aborted` when the client went away.
 */
export async function readBody(c: HttpContext, limit: number): Promise<Uint8Array> {
  const declared = Number(c.req.header('content-length') ?? 0);
  if (declared > limit) throw tooLarge(limit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyStream(c)) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The Content-Length; null for a body that is sent without one. */
export function announcedBytes(c: HttpContext): number | null {
  const header = c.req.header('content-length');
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : null;
}

/** What a body has to bring: so many bytes, or its end, in so much time of waiting for it. */
export type Pace = { readonly bytes: number; readonly milliseconds: number };

/** Some 140 bytes a second. Whoever brings less has gone without a word, or means to hold a place for ever. */
const LEAST_PACE: Pace = { bytes: 16 * 1024, milliseconds: 120_000 };

/**
 * The body as it arrives. An upload that ends early is an error, never a short body; so is one that comes more slowly
 * than `pace`. Time in which nobody waits for it does not count: that is our own slowness.
 * @throws TidemarkError `upload-aborted`, `upload-too-slow`.
 */
export async function* bodyStream(c: HttpContext, pace: Pace = LEAST_PACE): AsyncGenerator<Uint8Array> {
  try {
    const { incoming } = nodeOf(c);
    const announced = announcedBytes(c);
    if (incoming !== undefined && announced !== null && announced < pace.bytes) {
      const whole = await inOnePiece(incoming, pace);
      if (whole.byteLength > 0) yield whole;
      return;
    }
    const chunks = bodyChunks(c)[Symbol.asyncIterator]();
    let ended = false;
    let owed = pace.bytes;
    let waited = 0;
    try {
      for (;;) {
        const began = performance.now();
        const step = await inTime(chunks.next(), pace, waited);
        ended = step.done === true;
        if (step.done === true) return;
        owed -= step.value.byteLength;
        waited += performance.now() - began;
        if (owed <= 0) [owed, waited] = [pace.bytes, 0];
        yield step.value;
      }
    } finally {
      // Not awaited: what still waits for bytes that never come would never answer.
      if (!ended) void Promise.resolve(chunks.return?.()).catch(() => {});
    }
  } catch (cause) {
    throw uploadFailure(cause);
  }
}

/**
 * A small body, whole.
 * @throws TidemarkError as `bodyStream`.
 */
export async function smallBody(incoming: HttpBindings['incoming']): Promise<Uint8Array> {
  try {
    return await inOnePiece(incoming, LEAST_PACE);
  } catch (cause) {
    throw uploadFailure(cause);
  }
}

const uploadFailure = (cause: unknown): TidemarkError =>
  cause instanceof TidemarkError
    ? cause
    : new TidemarkError('upload-aborted', 'The upload ended before its last byte; nothing was stored.', { cause });

/** A body that has to come in the time of one pace: the way through streams would cost more than it does. */
function inOnePiece(incoming: HttpBindings['incoming'], pace: Pace): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    const onData = (chunk: Uint8Array): void => {
      chunks.push(chunk);
    };
    const onEnd = (): void => {
      leave();
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
    };
    const fail = (error: Error): void => {
      leave();
      reject(error);
    };
    const onClose = (): void => fail(new Error('the connection was closed'));
    const timer = setTimeout(() => fail(tooSlow(pace)), pace.milliseconds);
    const leave = (): void => {
      clearTimeout(timer);
      incoming.off('data', onData).off('end', onEnd).off('error', fail).off('close', onClose);
    };
    incoming.on('data', onData).on('end', onEnd).on('error', fail).on('close', onClose);
    // Whoever left while the request waited for its turn is not heard of again.
    if (incoming.destroyed) onClose();
  });
}

/** `waited`: milliseconds of the pace's that are gone. */
function inTime<T>(next: Promise<T>, pace: Pace, waited: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(tooSlow(pace)), pace.milliseconds - waited);
    next.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

const tooSlow = ({ bytes, milliseconds }: Pace): TidemarkError =>
  new TidemarkError(
    'upload-too-slow',
    `Fewer than ${bytes} bytes of the upload came in ${Math.ceil(milliseconds / 1000)} seconds; nothing was stored. Send it again.`,
  );

/** As `bodyStream`, for a reader that is done with a chunk when it asks for the next: its memory is given back then. */
export async function* passingBody(c: HttpContext): AsyncGenerator<Uint8Array> {
  // In a call of the app itself they are the caller's.
  const fromSocket = nodeOf(c).incoming !== undefined;
  for await (const chunk of bodyStream(c)) {
    yield chunk;
    if (fromSocket) releaseChunk(chunk);
  }
}

/** Node's own stream where there is one: the web stream made of it copies every chunk and waits once more for each. */
function bodyChunks(c: HttpContext): AsyncIterable<Uint8Array> {
  // A body that is not read to its end is drained by the adapter; destroying it would cut the answer off.
  return nodeOf(c).incoming?.iterator({ destroyOnReturn: false }) ?? c.req.raw.body ?? NO_BODY;
}

const NO_BODY: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: async function* () {} };

function tooLarge(limit: number): TidemarkError {
  return new TidemarkError('too-large', `The body is larger than the limit of ${limit} bytes.`, { details: { limit } });
}

/** A JSON body, parsed strictly. @throws TidemarkError when it is not JSON, too large, or not exactly keepable. */
export async function readJson(c: HttpContext, limit: number): Promise<unknown> {
  const type = mediaType(c);
  if (type !== 'application/json' && !type.endsWith('+json')) {
    throw new TidemarkError('unsupported-media-type', 'Send a JSON body with "Content-Type: application/json".');
  }
  const coding = c.req.header('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (coding !== 'identity') {
    throw new TidemarkError('unsupported-media-type', 'Content-Encoding is not taken here: send the JSON as it is.');
  }
  const bytes = await readBody(c, limit);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new TidemarkError('bad-request', 'The body is not valid UTF-8.', { cause });
  }
  return parseStrictJson(text);
}
