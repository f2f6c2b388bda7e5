/** The codecs that most Parquet files have. */
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { broken } from './broken.ts';
import { inflateSnappy } from './snappy.ts';

const UNCOMPRESSED = 0;
const SNAPPY = 1;
const GZIP = 2;
const ZSTD = 6;

/** Of zlib. */
const LEAST_CHUNK = 64;

export const READ_CODECS: ReadonlySet<number> = new Set([UNCOMPRESSED, SNAPPY, GZIP, ZSTD]);

/** The `size` bytes that a page inflates to. @throws TidemarkError `unreadable-data` where they are not so many. */
export function inflatePage(bytes: Buffer, codec: number, size: number): Buffer {
  const inflated = plain(bytes, codec, size);
  if (inflated?.length === size) return inflated;
  throw broken('a page does not inflate to as many bytes as it says');
}

function plain(bytes: Buffer, codec: number, size: number): Buffer | null {
  if (codec === UNCOMPRESSED) return bytes;
  if (codec === SNAPPY) return inflateSnappy(bytes, size);
  // An empty one cannot be asked for; in one piece it need not be put together from many.
  const options = { maxOutputLength: Math.max(1, size), chunkSize: Math.max(LEAST_CHUNK, size) };
  try {
    return codec === GZIP ? gunzipSync(bytes, options) : zstdDecompressSync(bytes, options);
  } catch {
    return null;
  }
}
