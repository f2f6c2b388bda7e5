import type { PushFile } from '../domain/dataset/push.ts';
import { TidemarkError } from '../errors.ts';
import { type HttpContext, mediaType } from './request.ts';

type Expectation = NonNullable<PushFile['expect']>;

/**
 * What a raw upload says of its bytes: `Content-Length`, `Content-MD5` (RFC 1864), `Digest` (RFC 3230),
 * `Repr-Digest` and `Content-Digest` (RFC 9530) and the query.
 * @throws TidemarkError `bad-request` for a malformed or contradictory digest, `unsupported-media-type` for a
 * body that is not the bytes themselves.
 */
export function expectationOf(
  c: HttpContext,
  query: { md5?: string | undefined; sha256?: string | undefined },
): Expectation {
  refuseWrapped(c);
  const md5s = [query.md5, fromBase64(c.req.header('content-md5'), 16, 'Content-MD5')];
  const sha256s = [
    query.sha256,
    fromBase64(listed(c.req.header('digest'), /^sha-256=(.+)$/i), 32, 'Digest'),
    fromBase64(listed(c.req.header('repr-digest'), /^sha-256=:(.+):$/i), 32, 'Repr-Digest'),
    fromBase64(listed(c.req.header('content-digest'), /^sha-256=:(.+):$/i), 32, 'Content-Digest'),
  ];
  const length = c.req.header('content-length');
  return {
    md5: agreed(md5s, 'MD5'),
    sha256: agreed(sha256s, 'SHA-256'),
    size: length === undefined ? undefined : Number(length),
  };
}

/** An encoded or wrapped body would be stored as it comes, which nobody wants. */
export function refuseWrapped(c: HttpContext): void {
  const encoding = c.req.header('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity') {
    throw new TidemarkError(
      'unsupported-media-type',
      'Content-Encoding is not taken for files: send the bytes as they are to be stored.',
    );
  }
  if (mediaType(c).startsWith('multipart/')) {
    throw new TidemarkError(
      'unsupported-media-type',
      'A form is not taken: send the bytes themselves, with curl as --data-binary @file.',
    );
  }
}

function listed(header: string | undefined, form: RegExp): string | undefined {
  const items = header?.split(',').map((item) => form.exec(item.trim())?.[1]) ?? [];
  return items.find((item) => item !== undefined);
}

function fromBase64(text: string | undefined, bytes: number, header: string): string | undefined {
  if (text === undefined) return undefined;
  const decoded = Buffer.from(text.trim(), 'base64');
  if (decoded.byteLength === bytes && decoded.toString('base64') === text.trim()) return decoded.toString('hex');
  throw new TidemarkError('bad-request', `The header ${header} holds no digest of ${bytes} bytes in base64.`);
}

function agreed(given: readonly (string | undefined)[], name: string): string | undefined {
  const [first, ...others] = new Set(given.filter((digest) => digest !== undefined));
  if (others.length === 0) return first;
  throw new TidemarkError('bad-request', `The request announces two different ${name} digests.`);
}

/** Whether this header is a key, once. */
export const isIdempotencyKey = (header: string | readonly string[]): header is string =>
  typeof header === 'string' && /^[\x21-\x7e]{1,255}$/.test(header);

/** The key that makes a repetition of this request get its first answer. @throws TidemarkError `bad-request`. */
export function idempotencyKeyOf(c: HttpContext): string | undefined {
  const key = c.req.header('idempotency-key');
  if (key === undefined || isIdempotencyKey(key)) return key;
  throw new TidemarkError('bad-request', 'Idempotency-Key must be 1 to 255 visible ASCII characters.');
}
