import { Readable } from 'node:stream';
import type { GetObjectCommandOutput, HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import type { ReadOptions } from './remote.ts';
import { inTime, type S3Connection, s3Status, saysMissing } from './remote-s3-client.ts';

/** How often a body may break off without one more byte before we give up. */
const BARREN_ATTEMPTS = 3;

type Opened = { readonly body: Readable; readonly etag: string | undefined; readonly length: number };

/**
 * Opens `[start, end)` of a key. A body that breaks off is taken up where it broke, as long as it is still the
 * same object; it never ends early without an error.
 * @returns null when there is no such key.
 */
export async function openS3Object(s3: S3Connection, key: string, options: ReadOptions): Promise<Readable | null> {
  const start = Math.max(options.start ?? 0, 0);
  const range = { start, end: options.end };
  if (options.end !== undefined && options.end <= start) return await emptyIfThere(s3, key);
  try {
    const first = await get(s3, key, { ...options, ...range });
    return Readable.from(resuming(s3, key, { ...options, ...range, first }), { objectMode: false });
  } catch (error) {
    if (await saysMissing(s3, error)) return null;
    // The range begins at or past the end.
    if (s3Status(error) === 416) return Readable.from([]);
    throw error;
  }
}

/**
 * Opens all of a key, with the tag that names these bytes alone.
 * @returns null when there is no such key.
 */
export async function openTagged(s3: S3Connection, key: string): Promise<{ etag: string; body: Readable } | null> {
  try {
    const first = await get(s3, key, { start: 0 });
    if (first.etag === undefined) throw new Error('the S3 answer has no ETag');
    return { etag: first.etag, body: Readable.from(resuming(s3, key, { start: 0, first }), { objectMode: false }) };
  } catch (error) {
    if (await saysMissing(s3, error)) return null;
    throw error;
  }
}

async function emptyIfThere(s3: S3Connection, key: string): Promise<Readable | null> {
  return (await headS3Object(s3, key)) === null ? null : Readable.from([]);
}

/**
 * All bytes of a small object, of which nothing is verified.
 * @returns null where they did not come at once and in full: `openS3Object` is asked next.
 * @throws TidemarkError `store-unavailable` when it took too long.
 */
export async function readSmall(s3: S3Connection, key: string, size: number): Promise<Uint8Array | null> {
  const opened = await openShortWay(s3, key, {});
  if (opened === null) return null;
  try {
    const bytes = Buffer.allocUnsafe(size);
    let at = 0;
    for await (const chunk of patiently(opened.body, s3.patience.idle)) {
      if (at + chunk.byteLength > size) return null;
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
    return at === size ? bytes : null;
  } catch {
    return null;
  } finally {
    opened.body.destroy();
  }
}

/** What the server says of a key; null when there is none. */
export async function headS3Object(s3: S3Connection, key: string): Promise<HeadObjectCommandOutput | null> {
  try {
    const command = new s3.sdk.HeadObjectCommand({ Bucket: s3.bucket, Key: key });
    return await inTime(s3, undefined, (given) => s3.client.send(command, given));
  } catch (error) {
    if (await saysMissing(s3, error)) return null;
    throw error;
  }
}

type GetOptions = ReadOptions & { readonly start: number; readonly etag?: string | undefined };

async function get(s3: S3Connection, key: string, options: GetOptions): Promise<Opened> {
  const whole = options.start === 0 && options.end === undefined;
  const last = options.end === undefined ? '' : String(options.end - 1);
  const range = whole ? undefined : `bytes=${options.start}-${last}`;
  const short = await openShortWay(s3, key, { range, ...options });
  if (short !== null) return short;
  const command = new s3.sdk.GetObjectCommand({ Bucket: s3.bucket, Key: key, Range: range, IfMatch: options.etag });
  const answer = await inTime(s3, options.signal, (given) => s3.client.send(command, given));
  return { body: bodyOf(answer), etag: answer.ETag, length: answer.ContentLength ?? 0 };
}

type ShortRead = Pick<GetOptions, 'etag' | 'signal'> & { readonly range?: string | undefined };

/**
 * Null for whatever is not the answer that was hoped for: the SDK is asked next, and says it.
 * @throws TidemarkError `store-unavailable` when it took too long, and the reader's own abortion.
 */
async function openShortWay(s3: S3Connection, key: string, { range, etag, signal }: ShortRead): Promise<Opened | null> {
  const headers = { ...(range !== undefined && { range }), ...(etag !== undefined && { 'if-match': etag }) };
  try {
    const answer = await inTime(s3, signal, (given) => s3.requests.send({ method: 'GET', key, headers }, given));
    if (answer === null || !(answer.body instanceof Readable)) return null;
    const length = answer.headers['content-length'];
    if (answer.status === (range === undefined ? 200 : 206) && length !== undefined) {
      return { body: answer.body, etag: answer.headers.etag, length: Number(length) };
    }
    answer.body.destroy();
    return null;
  } catch (error) {
    if (isTidemarkError(error) || signal?.aborted === true) throw error;
    return null;
  }
}

/** In Node the SDK's body is the HTTP response, a Readable; anything else is a build of it for browsers. */
function bodyOf(answer: GetObjectCommandOutput): Readable {
  if (answer.Body instanceof Readable) return answer.Body;
  throw new Error('the S3 answer has no body');
}

async function* resuming(
  s3: S3Connection,
  key: string,
  options: GetOptions & { readonly first: Opened },
): AsyncGenerator<Uint8Array> {
  const end = options.start + options.first.length;
  let position = options.start;
  let body = options.first.body;
  let barren = 0;
  try {
    for (;;) {
      try {
        for await (const chunk of patiently(body, s3.patience.idle)) {
          position += chunk.byteLength;
          barren = 0;
          yield chunk;
        }
        if (position >= end) return;
      } catch (error) {
        if (options.signal?.aborted === true || ++barren > BARREN_ATTEMPTS) throw error;
      }
      if (position >= end) return;
      body = await again(s3, key, { ...options, start: position, end, etag: options.first.etag });
    }
  } finally {
    body.destroy();
  }
}

/** The body, which breaks off when it has nothing for too long. A reader that takes its time is not counted. */
async function* patiently(body: Readable, milliseconds: number): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
  for (;;) {
    const timer = setTimeout(() => body.destroy(new Error('the store sends nothing any more')), milliseconds);
    const step = await chunks.next().finally(() => clearTimeout(timer));
    if (step.done === true) return;
    yield step.value;
  }
}

async function again(s3: S3Connection, key: string, options: GetOptions): Promise<Readable> {
  try {
    return (await get(s3, key, options)).body;
  } catch (cause) {
    if (s3Status(cause) !== 412 && s3Status(cause) !== 404) throw cause;
    throw new TidemarkError('store-unavailable', 'The object changed while it was being read. Read it again.', {
      cause,
    });
  }
}
