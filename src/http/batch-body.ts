import type { BatchRequest } from '../domain/log/receive/batch-request.ts';
import type { ContentEncoding } from '../domain/log/receive/receive-body.ts';
import { TidemarkError } from '../errors.ts';
import { type HttpContext, mediaType } from './request.ts';

/** Media types of logged rows, and how rows are written in each. */
const ENCODINGS: ReadonlyMap<string, BatchRequest['encoding']> = new Map([
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
  ['application/json', 'json'],
  ['text/csv', 'csv'],
  ['application/vnd.apache.parquet', 'parquet'],
  ['application/vnd.apache.arrow.stream', 'arrow'],
  ['application/vnd.apache.arrow.file', 'arrow'],
]);

export const RECORD_TYPES: readonly string[] = [...ENCODINGS.keys()];

/** How the rows are written, by a Content-Type that is just a media type in lower case; undefined for any other. */
export const encodingOfType = (type: string | undefined): BatchRequest['encoding'] | undefined =>
  type === undefined ? undefined : ENCODINGS.get(type);

/** How the rows are written, by the Content-Type. @throws TidemarkError `unsupported-media-type`. */
export function recordEncodingOf(c: HttpContext): BatchRequest['encoding'] {
  const encoding = ENCODINGS.get(mediaType(c));
  if (encoding !== undefined) return encoding;
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
