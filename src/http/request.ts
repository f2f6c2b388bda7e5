import type { HttpBindings } from '@hono/node-server';
import type { Context as HonoContext } from 'hono';
import type { Context } from '../context.ts';
import type { Actor } from '../domain/access/actor.ts';
import { TidemarkError } from '../errors.ts';
import { parseStrictJson } from './strict-json.ts';

/** What travels with each request. */
export type HttpEnv = {
  Bindings: HttpBindings;
  Variables: { ctx: Context; requestId: string; actor: Actor };
};

export type HttpContext = HonoContext<HttpEnv>;

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

/** The body as it arrives. An upload that ends early is an error, never a short body. */
export async function* bodyStream(c: HttpContext): AsyncGenerator<Uint8Array> {
  const body = c.req.raw.body;
  if (body === null) return;
  try {
    yield* body as AsyncIterable<Uint8Array>;
  } catch (cause) {
    if (cause instanceof TidemarkError) throw cause;
    throw new TidemarkError('upload-aborted', 'The upload ended before its last byte; nothing was stored.', { cause });
  }
}

function tooLarge(limit: number): TidemarkError {
  return new TidemarkError('too-large', `The body is larger than the limit of ${limit} bytes.`, { details: { limit } });
}

/** A JSON body, parsed strictly. @throws TidemarkError when it is not JSON, too large, or not exactly keepable. */
export async function readJson(c: HttpContext, limit: number): Promise<unknown> {
  const type = mediaType(c);
  if (type !== 'application/json' && !type.endsWith('+json')) {
    throw new TidemarkError('unsupported-media-type', 'Send a JSON body with "Content-Type: application/json".');
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
