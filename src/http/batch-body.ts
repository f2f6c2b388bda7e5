import type { ContentEncoding } from '../domain/log/receive-body.ts';
import { TidemarkError } from '../errors.ts';
import { type HttpContext, mediaType } from './request.ts';

/** Media types of logged rows. */
export const RECORD_TYPES = [
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/json',
] as const;

/** How the rows are written, by the Content-Type. @throws TidemarkError `unsupported-media-type`. */
export function recordEncodingOf(c: HttpContext): 'ndjson' | 'json' {
  const type = mediaType(c);
  if (type === 'application/json') return 'json';
  if (RECORD_TYPES.some((known) => known === type)) return 'ndjson';
  throw new TidemarkError('unsupported-media-type', `Send the rows as one of ${RECORD_TYPES.join(', ')}.`);
}

/** How the body is compressed. @throws TidemarkError `unsupported-media-type`, also for one on top of another. */
export function contentEncodingOf(c: HttpContext): ContentEncoding {
  const given = (c.req.header('content-encoding') ?? 'identity').trim().toLowerCase();
  if (given === '' || given === 'identity') return 'identity';
  if (given === 'gzip' || given === 'x-gzip') return 'gzip';
  if (given === 'zstd') return 'zstd';
  throw new TidemarkError('unsupported-media-type', 'The Content-Encoding may be gzip or zstd, once, or none.');
}
